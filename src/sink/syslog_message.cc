#include "sink/syslog_message.h"

#include <unistd.h>

#include <algorithm>
#include <ctime>

#include <fmt/format.h>

#include "record/json_writer.h"
#include "record/level.h"

namespace taffrail::sink {
namespace {

// RFC 5424 §6: PRINTUSASCII of so many characters; "-" stands for none.
constexpr size_t kHostBytes = 255, kAppBytes = 48, kNameBytes = 32;

std::string Printable(std::string_view text, size_t max_bytes, std::string_view forbidden = {}) {
  std::string out(text.substr(0, max_bytes));
  for (char& c : out) {
    if (c < 33 || c > 126 || forbidden.find(c) != std::string_view::npos) c = '_';
  }
  return out.empty() ? "-" : out;
}

std::string StructuredData(const SyslogConfig& config) {
  if (config.structured_data.empty()) return "-";
  constexpr std::string_view kNotInNames = "= ]\"";
  std::string out = "[" + Printable(config.structured_id, kNameBytes, kNotInNames);
  for (const auto& [name, value] : config.structured_data) {
    out.append(" ").append(Printable(name, kNameBytes, kNotInNames)).append("=\"");
    for (const char c : value) {
      if (c == '"' || c == '\\' || c == ']') out.push_back('\\');
      out.push_back(c);
    }
    out.push_back('"');
  }
  return out + "]";
}

// Cuts between characters of UTF-8.
std::string_view Cut(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  while (max_bytes > 0 && (static_cast<unsigned char>(text[max_bytes]) & 0xC0) == 0x80) --max_bytes;
  return text.substr(0, max_bytes);
}

void AppendBsdTime(int64_t time_ns, std::string& out) {
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = static_cast<time_t>(time_ns / 1'000'000'000);
  tm parts{};
  localtime_r(&seconds, &parts);  // that is what the format has: no zone, so everybody's own
  fmt::format_to(std::back_inserter(out), "{} {:2} {:02}:{:02}:{:02} ", kMonths[parts.tm_mon], parts.tm_mday,
                 parts.tm_hour, parts.tm_min, parts.tm_sec);
}

}  // namespace

SyslogMessage::SyslogMessage(const SyslogConfig& config)
    : facility_(static_cast<int>(config.facility)),
      bsd_format_(config.bsd_format),
      max_bytes_(config.max_message_bytes),
      structured_(StructuredData(config)) {
  const std::string app = Printable(config.app_name, kAppBytes, config.bsd_format ? "[]:" : "");
  host_and_app_ = config.bsd_format
                      ? fmt::format("{}[{}]: ", app, getpid())
                      : fmt::format("{} {} {} ", Printable(config.hostname, kHostBytes), app, getpid());
}

void SyslogMessage::Append(const Entry& entry, std::string& out) const {
  const size_t begin = out.size();
  out.push_back('<');
  record::AppendInt(facility_ * 8 + record::SyslogSeverity(entry.level), out);
  if (bsd_format_) {
    out.push_back('>');
    AppendBsdTime(entry.time_ns, out);
    out.append(host_and_app_);
  } else {
    constexpr int kFractionDigits = 6;  // RFC 5424 allows no more
    out.append(">1 ");
    record::AppendRfc3339(entry.time_ns, kFractionDigits, out);
    out.append(" ").append(host_and_app_).append(category_name(entry.category)).append(" ");
    out.append(structured_).append(" ");
  }
  const size_t head = out.size() - begin;
  out.append(Cut(entry.line, max_bytes_ - std::min(max_bytes_, head)));
}

}  // namespace taffrail::sink
