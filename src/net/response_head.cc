#include "net/response_head.h"

#include <fmt/format.h>

#include <array>
#include <ctime>
#include <iterator>

#include "net/problem.h"

namespace taffrail::net {
namespace {

bool OwnedByFraming(std::string_view name) {
  for (const std::string_view owned : {"Content-Length", "Transfer-Encoding", "Connection", "Date"}) {
    if (EqualsIgnoringCase(name, owned)) return true;
  }
  return false;
}

std::string WithoutControls(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return out;
}

}  // namespace

std::string HttpDate(int64_t unix_seconds) {
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const time_t seconds = unix_seconds;
  tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[static_cast<size_t>(utc.tm_wday)],
                     utc.tm_mday, kMonths[static_cast<size_t>(utc.tm_mon)], utc.tm_year + 1900, utc.tm_hour,
                     utc.tm_min, utc.tm_sec);
}

std::string ResponseHead(int status, const Headers& headers, const ResponseFraming& framing) {
  std::string out;
  auto to = std::back_inserter(out);
  fmt::format_to(to, "HTTP/1.1 {} {}\r\nDate: {}\r\n", status, ReasonPhrase(status),
                 HttpDate(framing.unix_seconds));
  if (framing.content_length) fmt::format_to(to, "Content-Length: {}\r\n", *framing.content_length);
  if (framing.chunked) out += "Transfer-Encoding: chunked\r\n";
  if (framing.upgrade) out += "Connection: Upgrade\r\n";
  if (framing.close) out += "Connection: close\r\n";
  if (framing.keep_alive) out += "Connection: keep-alive\r\n";
  for (const Header& header : headers) {
    if (OwnedByFraming(header.name)) continue;
    fmt::format_to(to, "{}: {}\r\n", WithoutControls(header.name), WithoutControls(header.value));
  }
  out += "\r\n";
  return out;
}

void AsChunk(bool last, std::string& head, std::string& body) {
  if (!body.empty()) {
    head = fmt::format("{:x}\r\n", body.size());
    body += "\r\n";
  }
  if (last) body += "0\r\n\r\n";
}

}  // namespace taffrail::net
