#include "server/own_lines.h"

#include "base/time_text.h"
#include "ingest/upload.h"
#include "record/json_writer.h"

namespace taffrail::server {
namespace {

void AppendMember(std::string_view name, std::string_view value, std::string& out) {
  if (!out.ends_with("{")) out += ',';
  record::AppendJsonString(name, out);
  out += ':';
  record::AppendJsonString(value, out);
}

}  // namespace

absl::Status WriteOwnLines(ingest::Pipeline& pipeline, const std::vector<OwnLine>& lines) {
  std::string text;
  for (const OwnLine& line : lines) {
    text += '{';
    AppendMember("timestamp", base::FormatRfc3339(pipeline.env().NowNs(), 6), text);
    AppendMember("level", line.level, text);
    AppendMember("service", "taffrail", text);
    AppendMember("logger", line.logger, text);
    AppendMember("message", line.message, text);
    for (const auto& [name, value] : line.fields) AppendMember(name, value, text);
    text += "}\n";
  }
  const ingest::NextChunk once = [&text](std::string& chunk) -> absl::StatusOr<bool> {
    chunk = std::exchange(text, {});
    return !chunk.empty();
  };
  return ingest::UploadLines(pipeline, once, {}).status;
}

}  // namespace taffrail::server
