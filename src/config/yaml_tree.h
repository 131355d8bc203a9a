// A YAML file as a tree whose every node knows its place, with ${VARIABLES} filled in.
//
// Scalars stay text: what a text means (5s, 64MiB, on) is for the key to say, not for YAML. Anchors and
// aliases work, tags and several documents are refused. ${NAME} is an environment variable,
// ${NAME:-default} has a default for one that is unset or empty, $$ is a dollar sign.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/problems.h"
#include "log/environment.h"

namespace taffrail::config {

struct Node {
  enum class Kind : uint8_t { kNull, kText, kList, kMap };
  Kind kind = Kind::kNull;
  Mark mark;
  std::string text;
  std::vector<Node> items;
  struct Member;
  std::vector<Member> members;  // keys are kText, none twice

  const Node* Find(std::string_view key) const;  // of a map; else nothing
};
struct Node::Member {
  Node key;
  Node value;
};

// A written configuration has a few KB; a file beyond this is another kind of file.
inline constexpr size_t kFileBytesMax = size_t{256} << 10;

// The tree of whatever could be understood, or nothing. An empty file is kNull.
std::optional<Node> ParseYaml(std::string_view text, const log::GetEnv& get_env, Problems& problems);

}  // namespace taffrail::config
