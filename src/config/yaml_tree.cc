#include "config/yaml_tree.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

namespace taffrail::config {
namespace {

// The deepest real nesting is a layout's objects; the parser itself is recursive, and so is all that reads
// the tree.
constexpr size_t kDepthMax = 32;
// An alias repeats a whole subtree: eight of eight of eight … is a file of one KB and a tree of gigabytes.
constexpr size_t kNodesMax = 20'000;
// The same with ${VARIABLES}: what they fill in, all together.
constexpr size_t kFilledBytesMax = size_t{1} << 20;

struct Stop {};  // thrown through the parser, which knows no other end; caught in ParseYaml

Mark MarkOf(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

bool IsNameChar(char c, bool first) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || (!first && c >= '0' && c <= '9');
}

bool IsName(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (!IsNameChar(text[i], i == 0)) return false;
  }
  return !text.empty();
}

// Takes the parser's events and builds the tree.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const log::GetEnv& get_env, Problems& problems) : get_env_(get_env), problems_(problems) {}

  Node root;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { Add({.mark = MarkOf(mark)}, anchor); }
  void OnAnchor(const YAML::Mark&, const std::string&) override {}

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) Refuse(MarkOf(mark), "an anchor cannot hold itself");
    Node copy = found->second;
    CountCopied(copy, MarkOf(mark));
    Add(std::move(copy), 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const Mark place = MarkOf(mark);
    CheckTag(tag, place);
    const bool is_plain = tag == "?";
    if (is_plain && (value == "~" || value == "null")) return Add({.mark = place}, anchor);
    const bool is_key = !open_.empty() && open_.back().node.kind == Node::Kind::kMap && !open_.back().has_key;
    Add({.kind = Node::Kind::kText, .mark = place, .text = is_key ? value : Filled(value, place)}, anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(Node::Kind::kList, MarkOf(mark), tag, anchor);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(Node::Kind::kMap, MarkOf(mark), tag, anchor);
  }
  void OnMapEnd() override { Close(); }

 private:
  struct Frame {
    Node node;
    YAML::anchor_t anchor = 0;
    bool has_key = false;
    Node key;
  };

  [[noreturn]] void Refuse(const Mark& mark, std::string message, std::string hint = {}) {
    problems_.Error(mark, std::move(message), std::move(hint));
    throw Stop();
  }

  void CheckTag(const std::string& tag, const Mark& mark) {
    if (!tag.empty() && tag != "?" && tag != "!")
      problems_.Error(mark, fmt::format("the tag {} means nothing here", Shown(tag)), "leave it out");
  }

  void Open(Node::Kind kind, const Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    CheckTag(tag, mark);
    if (open_.size() >= kDepthMax) Refuse(mark, fmt::format("nested deeper than {} levels", kDepthMax));
    open_.push_back({.node = {.kind = kind, .mark = mark}, .anchor = anchor});
  }

  void Close() {
    Frame frame = std::move(open_.back());
    open_.pop_back();
    Add(std::move(frame.node), frame.anchor);
  }

  void Add(Node node, YAML::anchor_t anchor) {
    if (++nodes_ > kNodesMax) RefuseSize(node.mark);
    if (anchor != 0) {
      CountCopied(node, node.mark);
      anchors_[anchor] = node;
    }
    if (open_.empty()) {
      root = std::move(node);
      return;
    }
    Frame& parent = open_.back();
    if (parent.node.kind == Node::Kind::kList) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.has_key) {
      if (node.kind != Node::Kind::kText) Refuse(node.mark, "a key must be a text");
      parent.key = std::move(node);
      parent.has_key = true;
    } else {
      parent.has_key = false;
      if (const Node* before = parent.node.Find(parent.key.text)) {
        problems_.Error(parent.key.mark, fmt::format("{} stands here twice, before in line {}",
                                                     Shown(parent.key.text), before->mark.line));
        return;
      }
      parent.node.members.push_back({.key = std::move(parent.key), .value = std::move(node)});
    }
  }

  void CountCopied(const Node& node, const Mark& mark) {
    if (++nodes_ > kNodesMax) RefuseSize(mark);
    for (const Node& item : node.items) CountCopied(item, mark);
    for (const auto& [key, value] : node.members) CountCopied(value, mark);
  }

  [[noreturn]] void RefuseSize(const Mark& mark) {
    Refuse(mark, fmt::format("more than {} values, those that aliases repeat included", kNodesMax));
  }

  std::string Filled(const std::string& text, const Mark& mark) {
    if (text.find('$') == std::string::npos) return text;
    std::string out;
    std::string_view rest = text;
    while (!rest.empty()) {
      const size_t dollar = std::min(rest.find('$'), rest.size());
      out += rest.substr(0, dollar);
      rest.remove_prefix(dollar);
      if (rest.starts_with("$$")) {
        out += '$';
        rest.remove_prefix(2);
      } else if (!rest.empty()) {
        FillOne(rest, mark, out);
      }
    }
    return out;
  }

  // Takes the ${…} off the front of rest.
  void FillOne(std::string_view& rest, const Mark& mark, std::string& out) {
    const size_t end = rest.find('}');
    if (!rest.starts_with("${") || end == std::string_view::npos) {
      problems_.Error(mark, "a dollar sign begins a variable, as in ${NAME} or ${NAME:-default}",
                      "write $$ for the sign itself");
      rest = {};
      return;
    }
    const std::string_view inside = rest.substr(2, end - 2);
    rest.remove_prefix(end + 1);
    const size_t colon = inside.find(":-");
    const std::string name(inside.substr(0, colon));
    if (!IsName(name)) {
      problems_.Error(mark, fmt::format("\"{}\" is no name of an environment variable", Shown(name)),
                      "write ${NAME} or ${NAME:-default}");
      return;
    }
    const char* const value = get_env_(name.c_str());
    const bool is_set = value != nullptr && *value != '\0';
    if (!is_set && colon == std::string_view::npos) {
      problems_.Error(mark, fmt::format("the environment variable {} is not set", name),
                      fmt::format("set it, or write ${{{}:-default}}", name));
      return;
    }
    const std::string_view filled = is_set ? std::string_view(value) : inside.substr(colon + 2);
    filled_bytes_ += filled.size();
    if (filled_bytes_ > kFilledBytesMax) Refuse(mark, "the environment variables fill in more than 1 MiB");
    out += filled;
  }

  const log::GetEnv& get_env_;
  Problems& problems_;
  std::vector<Frame> open_;
  std::map<YAML::anchor_t, Node> anchors_;
  size_t nodes_ = 0;
  size_t filled_bytes_ = 0;
};

}  // namespace

const Node* Node::Find(std::string_view key) const {
  const auto found =
      std::ranges::find_if(members, [&](const auto& member) { return member.key.text == key; });
  return found == members.end() ? nullptr : &found->value;
}

std::optional<Node> ParseYaml(std::string_view text, const log::GetEnv& get_env, Problems& problems) {
  if (text.size() > kFileBytesMax) {
    problems.Error({}, fmt::format("{} bytes; a configuration has at most {}", text.size(), kFileBytesMax));
    return std::nullopt;
  }
  if (const size_t nul = text.find('\0'); nul != std::string_view::npos) {
    const int line = 1 + static_cast<int>(std::ranges::count(text.substr(0, nul), '\n'));
    problems.Error({line, 1}, "a NUL byte; this is no text file");
    return std::nullopt;
  }
  TreeBuilder builder(get_env, problems);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return Node();
    Node root = std::move(builder.root);
    if (parser.HandleNextDocument(builder)) {
      problems.Error(builder.root.mark, "a second document", "one file is one document: take out the ---");
    }
    return root;
  } catch (const Stop&) {
    return std::nullopt;
  } catch (const YAML::Exception& error) {
    problems.Error(MarkOf(error.mark), error.msg, "check the indentation, the colons and the quotes");
    return std::nullopt;
  }
}

}  // namespace taffrail::config
