#include "config/redaction_section.h"

#include "config/read_fields.h"
#include "config/settings.h"
#include "config/yaml_tree.h"

namespace taffrail::config {

RedactionSection LoadRedactionSection(std::string_view text, const log::GetEnv& get_env, Problems& problems) {
  RedactionSection section;
  const auto root = ParseYaml(text, get_env, problems);
  const Node* const node = root.has_value() ? root->Find("redaction") : nullptr;
  if (node == nullptr) return section;
  section.is_there = true;
  section.mark = node->mark;
  // A file with this section alone.
  Node alone{.kind = Node::Kind::kMap, .mark = node->mark};
  alone.members.push_back(
      {.key = {.kind = Node::Kind::kText, .mark = node->mark, .text = "redaction"}, .value = *node});
  std::erase_if(alone.members.front().value.members, [&](const Node::Member& member) {
    if (member.key.text != "mode") return false;
    section.mode = member.value.text;
    section.mode_mark = member.value.mark;
    return true;
  });
  Settings settings;
  ReadFields(alone, SettingsFields(), &settings, problems, nullptr);
  section.config = std::move(settings.config.redaction);
  std::string error;
  if (problems.ok() && make_redactor(section.config, &error) == nullptr) problems.Error(node->mark, error);
  return section;
}

}  // namespace taffrail::config
