#include "ship/push_body.h"

#include <zlib.h>

#include "record/json_writer.h"
#include "record/level.h"

namespace taffrail::ship {

PushBody::PushBody(const LabelList& labels, bool level_label) : level_label_(level_label) {
  for (const auto& [name, value] : labels) {
    if (!labels_json_.empty()) labels_json_.push_back(',');
    record::AppendJsonString(LabelName(name), labels_json_);
    labels_json_.push_back(':');
    record::AppendJsonString(value, labels_json_);
  }
  // A stream needs at least one label.
  if (labels_json_.empty()) labels_json_ = R"("job":"taffrail")";
}

void PushBody::Add(Level level, int64_t time_ns, std::string_view line) {
  std::string& values = values_[level_label_ ? level : Level::kOff];
  values.append(values.empty() ? "[\"" : ",[\"");
  record::AppendInt(time_ns, values);
  values.append("\",");
  record::AppendJsonString(line, values);
  values.push_back(']');
  ++lines_;
}

std::string PushBody::Finish() {
  std::string body = R"({"streams":[)";
  for (auto& [level, values] : values_) {
    if (values.empty()) continue;
    if (body.back() != '[') body.push_back(',');
    body.append(R"({"stream":{)").append(labels_json_);
    if (level_label_) {
      body.append(R"(,"level":)");
      record::AppendJsonString(record::LevelName(level), body);
    }
    body.append(R"(},"values":[)").append(values).append("]}");
    values.clear();
  }
  body.append("]}");
  lines_ = 0;
  return body;
}

std::string LabelName(std::string_view name) {
  std::string clean;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    const bool digit = c >= '0' && c <= '9';
    if (digit && clean.empty()) clean.push_back('_');
    clean.push_back(letter || digit ? c : '_');
  }
  return clean.empty() ? "_" : clean;
}

std::string Gzip(std::string_view text) {
  constexpr int kGzipWindow = 15 + 16;  // zlib: the largest window, and gzip's header
  constexpr int kDefaultMemory = 8;
  z_stream stream{};
  // Fails for lack of memory alone, which ends the process like any failed allocation.
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, kDefaultMemory, Z_DEFAULT_STRATEGY) !=
      Z_OK)
    std::abort();
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace taffrail::ship
