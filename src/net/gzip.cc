#include "net/gzip.h"

#include <zlib.h>

namespace taffrail::net {
namespace {

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool IsRefused(std::string_view parameters) {
  const size_t at = parameters.find("q=");
  if (at == std::string_view::npos) return false;
  const std::string_view weight = Trimmed(parameters.substr(at + 2));
  return weight.find_first_of("123456789") == std::string_view::npos;
}

}  // namespace

bool AcceptsGzip(const Headers& headers) {
  std::string_view rest = headers.Get("Accept-Encoding");
  while (!rest.empty()) {
    const size_t comma = rest.find(',');
    const std::string_view one = rest.substr(0, comma);
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    const size_t semicolon = one.find(';');
    const std::string_view coding = Trimmed(one.substr(0, semicolon));
    if (coding != "*" && !EqualsIgnoringCase(coding, "gzip")) continue;
    return semicolon == std::string_view::npos || !IsRefused(one.substr(semicolon + 1));
  }
  return false;
}

std::string GzipCompress(std::string_view data) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16;  // zlib's way to ask for gzip's header
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, data.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace taffrail::net
