#include "taffrail/request_id.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <span>

#include "base/env.h"
#include "context/header_text.h"

namespace taffrail {
namespace {

using context::IsGoodId;
using context::Trim;

constexpr std::string_view kHexDigits = context::kLowerHexDigits;

std::atomic<IdStyle> current_style{IdStyle::kRequest12};

std::string RandomHex(size_t bytes) {
  std::array<char, 16> random;
  base::Env::Posix().Random(std::span(random.data(), bytes));
  std::string hex;
  for (size_t i = 0; i < bytes; ++i) {
    const auto byte = static_cast<uint8_t>(random[i]);
    hex.push_back(kHexDigits[byte >> 4]);
    hex.push_back(kHexDigits[byte & 15]);
  }
  return hex;
}

// RFC 9562: version and variant stand in fixed bits.
std::string Uuid(std::array<uint8_t, 16> bytes, uint8_t version) {
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0F) | (version << 4));
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3F) | 0x80);
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
    text.push_back(kHexDigits[bytes[i] >> 4]);
    text.push_back(kHexDigits[bytes[i] & 15]);
  }
  return text;
}

std::array<uint8_t, 16> RandomBytes() {
  std::array<char, 16> random;
  base::Env::Posix().Random(random);
  std::array<uint8_t, 16> bytes;
  std::memcpy(bytes.data(), random.data(), bytes.size());
  return bytes;
}

std::string Uuid7() {
  std::array<uint8_t, 16> bytes = RandomBytes();
  auto milliseconds = static_cast<uint64_t>(base::Env::Posix().NowNs() / 1'000'000);
  for (size_t i = 6; i-- > 0; milliseconds >>= 8) bytes[i] = static_cast<uint8_t>(milliseconds);
  return Uuid(bytes, 7);
}

bool IsLowerHex(std::string_view text) {
  return text.find_first_not_of(kHexDigits) == std::string_view::npos;
}
bool IsAllZero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

std::string_view Find(std::span<const Header> headers, std::string_view name) {
  for (const Header& header : headers) {
    if (context::SameName(header.name, name)) return Trim(header.value);
  }
  return {};
}

}  // namespace

void set_id_style(IdStyle style) noexcept { current_style.store(style, std::memory_order_relaxed); }
IdStyle id_style() noexcept { return current_style.load(std::memory_order_relaxed); }

std::optional<IdStyle> parse_id_style(std::string_view name) {
  if (name == "uuid4") return IdStyle::kUuid4;
  if (name == "uuid7") return IdStyle::kUuid7;
  if (name == "request12") return IdStyle::kRequest12;
  return std::nullopt;
}

std::string generate_id(IdStyle style) {
  switch (style) {
    case IdStyle::kUuid4:
      return Uuid(RandomBytes(), 4);
    case IdStyle::kUuid7:
      return Uuid7();
    case IdStyle::kRequest12:
      break;
  }
  return "req_" + RandomHex(6);
}

std::optional<TraceParent> parse_traceparent(std::string_view header) {
  header = Trim(header);
  // 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
  constexpr size_t kSize = 55;
  if (header.size() < kSize || header[2] != '-' || header[35] != '-' || header[52] != '-')
    return std::nullopt;
  const std::string_view version = header.substr(0, 2);
  const std::string_view trace_id = header.substr(3, 32);
  const std::string_view span_id = header.substr(36, 16);
  const std::string_view flags = header.substr(53, 2);
  if (!IsLowerHex(version) || !IsLowerHex(trace_id) || !IsLowerHex(span_id) || !IsLowerHex(flags))
    return std::nullopt;
  if (version == "ff" || IsAllZero(trace_id) || IsAllZero(span_id)) return std::nullopt;
  // Version 00 ends here; a later one may go on after another dash.
  if (header.size() > kSize && (version == "00" || header[kSize] != '-')) return std::nullopt;
  const bool sampled = (kHexDigits.find(flags[1]) & 1) != 0;
  return TraceParent{std::string(trace_id), std::string(span_id), sampled};
}

std::string format_traceparent(const TraceParent& parent) {
  return "00-" + parent.trace_id + "-" + parent.span_id + (parent.sampled ? "-01" : "-00");
}

TraceParent generate_traceparent() {
  TraceParent parent{RandomHex(16), generate_span_id(), true};
  if (IsAllZero(parent.trace_id)) parent.trace_id.back() = '1';
  return parent;
}

std::string generate_span_id() {
  std::string id = RandomHex(8);
  if (IsAllZero(id)) id.back() = '1';  // invalid, and one of 2^64 is
  return id;
}

RequestId request_id_from(std::span<const Header> headers, IdStyle style) {
  RequestId result;
  result.trace = parse_traceparent(Find(headers, "traceparent"));
  for (const std::string_view name : {"X-Request-ID", "X-Correlation-ID"}) {
    const std::string_view value = Find(headers, name);
    if (IsGoodId(value)) {
      result.id = value;
      return result;
    }
    if (!value.empty() && result.rejected.empty()) result.rejected = value.substr(0, context::kIdBytesMax);
  }
  if (result.trace) {
    result.id = result.trace->trace_id;
  } else {
    result.id = generate_id(style);
    result.generated = true;
  }
  return result;
}

}  // namespace taffrail
