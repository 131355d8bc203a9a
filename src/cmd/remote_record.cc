#include "cmd/remote_record.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <utility>

#include "base/time_text.h"

namespace taffrail::cmd {
namespace {

namespace ondemand = simdjson::ondemand;

absl::Status NotARecord(std::string_view json) {
  constexpr size_t kShown = 60;
  return absl::InternalError(
      fmt::format("the server answered with something else than records: {}", json.substr(0, kShown)));
}

// The text of a value as the server wrote it.
simdjson::error_code RawText(ondemand::value value, std::string_view& text) {
  ondemand::json_type type{};
  if (const auto error = value.type().get(type)) return error;
  if (type == ondemand::json_type::object) {
    ondemand::object object;
    if (const auto error = value.get_object().get(object)) return error;
    return object.raw_json().get(text);
  }
  if (type == ondemand::json_type::array) {
    ondemand::array array;
    if (const auto error = value.get_array().get(array)) return error;
    return array.raw_json().get(text);
  }
  text = value.raw_json_token();
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\r'))
    text.remove_suffix(1);
  return simdjson::SUCCESS;
}

}  // namespace

class RemoteRecordReader::Impl {
 public:
  absl::StatusOr<query::exec::LogRow> Record(std::string_view json) {
    labels_.clear();
    line_.clear();
    attributes_.clear();
    query::exec::LogRow row;
    bool has_time = false;
    bool has_line = false;
    const simdjson::error_code error = ForEach(json, [&](std::string_view key, ondemand::value value) {
      if (key == "timestamp") return Timestamp(value, row.timestamp_ns, has_time);
      if (key == "sequence") return value.get_uint64().get(row.sequence);
      if (key == "stream") return Labels(value);
      if (key == "attributes") return Attributes(value);
      if (key == "record") return Line(value, has_line);
      return simdjson::SUCCESS;  // a newer server may say more
    });
    if (error != simdjson::SUCCESS || !has_time || !has_line) return NotARecord(json);
    row.labels = &labels_;
    row.line = line_;
    row.attributes = attributes_;
    return row;
  }

  absl::Status TableRow(std::string_view json, std::vector<std::string>& columns,
                        std::vector<expr::Value>& values) {
    columns.clear();
    values.clear();
    const simdjson::error_code error = ForEach(json, [&](std::string_view key, ondemand::value value) {
      std::string_view text;
      if (const auto raw_error = RawText(value, text)) return raw_error;
      columns.emplace_back(key);
      values.push_back(expr::ParseJsonValue(text));
      return simdjson::SUCCESS;
    });
    return error == simdjson::SUCCESS ? absl::OkStatus() : NotARecord(json);
  }

 private:
  template <typename Visit>
  simdjson::error_code ForEach(std::string_view json, Visit&& visit) {
    padded_ = simdjson::padded_string(json);
    ondemand::document document;
    ondemand::object object;
    if (const auto error = parser_.iterate(padded_).get(document)) return error;
    if (const auto error = document.get_object().get(object)) return error;
    for (auto field : object) {
      std::string_view key;
      ondemand::value value;
      if (const auto error = field.unescaped_key().get(key)) return error;
      if (const auto error = field.value().get(value)) return error;
      if (const auto error = visit(key, value)) return error;
    }
    return simdjson::SUCCESS;
  }

  static simdjson::error_code Timestamp(ondemand::value value, int64_t& timestamp_ns, bool& has_time) {
    std::string_view text;
    if (const auto error = value.get_string().get(text)) return error;
    const std::optional<int64_t> time_ns = base::ParseRfc3339(text);
    if (!time_ns) return simdjson::INCORRECT_TYPE;
    timestamp_ns = *time_ns;
    has_time = true;
    return simdjson::SUCCESS;
  }

  simdjson::error_code Labels(ondemand::value value) {
    ondemand::object object;
    if (const auto error = value.get_object().get(object)) return error;
    for (auto field : object) {
      std::string_view name;
      std::string_view text;
      if (const auto error = field.unescaped_key().get(name)) return error;
      std::string label(name);
      if (const auto error = field.value().get_string().get(text)) return error;
      labels_.emplace_back(std::move(label), text);
    }
    return simdjson::SUCCESS;
  }

  simdjson::error_code Attributes(ondemand::value value) {
    std::string_view text;
    const auto error = RawText(value, text);
    attributes_ = text;
    return error;
  }

  simdjson::error_code Line(ondemand::value value, bool& has_line) {
    has_line = true;
    ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return error;
    std::string_view text;
    const auto error =
        type == ondemand::json_type::string ? value.get_string().get(text) : RawText(value, text);
    line_ = text;
    return error;
  }

  ondemand::parser parser_;
  simdjson::padded_string padded_;
  record::Labels labels_;
  std::string line_;
  std::string attributes_;
};

RemoteRecordReader::RemoteRecordReader() : impl_(std::make_unique<Impl>()) {}
RemoteRecordReader::~RemoteRecordReader() = default;

absl::StatusOr<query::exec::LogRow> RemoteRecordReader::Record(std::string_view json) {
  return impl_->Record(json);
}

absl::Status RemoteRecordReader::TableRow(std::string_view json, std::vector<std::string>& columns,
                                          std::vector<expr::Value>& values) {
  return impl_->TableRow(json, columns, values);
}

}  // namespace taffrail::cmd
