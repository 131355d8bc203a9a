#include "cmd/pretty.h"

#include <fmt/format.h>

#include <ctime>

#include "cmd/printable.h"
#include "expr/field_reader.h"
#include "record/well_known.h"

namespace taffrail::cmd {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int kLevelColumns = 8;      // "CRITICAL"
constexpr size_t kJsonColumns = 120;  // of an array: more hides the fields after it

std::tm LocalTime(int64_t timestamp_ns) {
  const int64_t floored = timestamp_ns - ((timestamp_ns % kSecondNs) + kSecondNs) % kSecondNs;
  const std::time_t seconds = floored / kSecondNs;
  std::tm time{};
  localtime_r(&seconds, &time);
  return time;
}

bool IsOneWord(std::string_view value) {
  return !value.empty() && value.find_first_of(" \t\"=") == std::string_view::npos;
}

// As a shell would take it: in quotes where its end would not be seen otherwise.
std::string FieldValue(std::string_view value) {
  const std::string printable = Printable(value);
  return IsOneWord(value) ? printable : '"' + printable + '"';
}

}  // namespace

// What of a batch has its own place on the line. By shape: the hole that plays each role, -1 for none.
struct PrettyPrinter::Roles {
  explicit Roles(const record::RecordBatch& batch)
      : time(HolesOf(batch, record::Role::kTime)),
        level(HolesOf(batch, record::Role::kLevel)),
        message(HolesOf(batch, record::Role::kMessage)),
        service(HolesOf(batch, record::Role::kService)),
        level_reader(batch, {expr::FieldRef::Source::kLevel, {}}),
        message_reader(batch, {expr::FieldRef::Source::kMessage, {}}) {}

  bool ShownAlready(uint32_t shape, size_t hole) const {
    const auto index = static_cast<int>(hole);
    return index == time[shape] || index == level[shape] || index == message[shape] ||
           index == service[shape];
  }

  std::vector<int> time, level, message, service;
  expr::FieldReader level_reader;
  expr::FieldReader message_reader;
};

std::string LocalTimeOfDay(int64_t timestamp_ns) {
  const std::tm time = LocalTime(timestamp_ns);
  const int64_t fraction_ns = ((timestamp_ns % kSecondNs) + kSecondNs) % kSecondNs;
  return fmt::format("{:02}:{:02}:{:02}.{:03}", time.tm_hour, time.tm_min, time.tm_sec,
                     fraction_ns / 1'000'000);
}

void PrettyPrinter::Append(const record::RecordBatch& batch, const expr::Selection& rows, std::string& out) {
  const Roles roles(batch);
  record::RowCursor cursor(batch);
  for (const uint32_t row : rows) {
    cursor.MoveTo(row);
    AppendDay(batch.timestamp_ns[row], out);
    AppendRecord(batch, cursor, roles, out);
  }
}

void PrettyPrinter::AppendDay(int64_t timestamp_ns, std::string& out) {
  const std::tm time = LocalTime(timestamp_ns);
  char text[64];
  const size_t size = std::strftime(text, sizeof(text), "── %A, %e %B %Y ──", &time);
  std::string day(text, size);
  if (day == day_) return;
  painter_.Append(Style::kDim, day, out);
  out += '\n';
  day_ = std::move(day);
}

void PrettyPrinter::AppendRecord(const record::RecordBatch& batch, const record::RowCursor& cursor,
                                 const Roles& roles, std::string& out) {
  painter_.Append(Style::kDim, LocalTimeOfDay(batch.timestamp_ns[cursor.row()]), out);
  out += ' ';
  const std::string level = Printable(expr::ToText(roles.level_reader.Read(cursor)));
  painter_.Append(StyleOfLevel(level), fmt::format("{:<{}}", level, kLevelColumns), out);
  out += ' ';
  const int service = roles.service[batch.shape[cursor.row()]];
  if (service >= 0) {
    const uint32_t column = cursor.shape().holes[static_cast<size_t>(service)].column;
    value_.clear();
    record::AppendTextValue(batch.columns[column], cursor.ValueIndex(column), value_);
    painter_.Append(Style::kService, Printable(value_), out);
    out += "  ";
  }
  const std::string message = expr::ToText(roles.message_reader.Read(cursor));
  const size_t first_line = message.find('\n');
  painter_.Append(Style::kBold, Printable(std::string_view(message).substr(0, first_line)), out);
  below_.clear();
  if (first_line != std::string::npos) AppendField("", std::string_view(message).substr(first_line + 1), out);
  AppendFields(batch, cursor, roles, out);
  out += '\n';
  out += below_;
}

void PrettyPrinter::AppendFields(const record::RecordBatch& batch, const record::RowCursor& cursor,
                                 const Roles& roles, std::string& out) {
  const record::Shape& shape = cursor.shape();
  const uint32_t shape_index = batch.shape[cursor.row()];
  for (size_t i = 0; i < shape.holes.size(); ++i) {
    const record::Column& column = batch.columns[shape.holes[i].column];
    if (roles.ShownAlready(shape_index, i) || column.key.kind == record::Kind::kText) continue;
    value_.clear();
    record::AppendTextValue(column, cursor.ValueIndex(shape.holes[i].column), value_);
    if (column.key.kind == record::Kind::kJson) {
      AppendField(column.key.path, FitWidth(Printable(value_), kJsonColumns), out);
    } else {
      AppendField(column.key.path, value_, out);
    }
  }
  for (const record::Constant& constant : shape.constants) {
    if (constant.json != "null") AppendField(constant.path, constant.json, out);
  }
  for (const auto& [name, value] : batch.streams[batch.stream_of(cursor.row())].labels)
    AppendField(name, value, out);
}

void PrettyPrinter::AppendField(std::string_view name, std::string_view value, std::string& out) {
  if (!name.empty() && value.find('\n') == std::string_view::npos) {
    out += ' ';
    painter_.Append(Style::kDim, Printable(name) + '=' + FieldValue(value), out);
    return;
  }
  if (!name.empty()) {
    below_ += "    ";
    painter_.Append(Style::kDim, Printable(name) + ":", below_);
    below_ += '\n';
  }
  while (!value.empty()) {
    const size_t end = value.find('\n');
    below_ += "      ";
    painter_.Append(Style::kDim, Printable(value.substr(0, end)), below_);
    below_ += '\n';
    value.remove_prefix(end == std::string_view::npos ? value.size() : end + 1);
  }
}

}  // namespace taffrail::cmd
