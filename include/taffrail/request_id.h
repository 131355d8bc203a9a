// Correlation ids: made here, or taken from the headers of a request, which nobody vouches for.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace taffrail {

enum class IdStyle : uint8_t {
  kUuid4,      // 550e8400-e29b-41d4-a716-446655440000
  kUuid7,      // the same form; begins with the time, so that ids sort by age
  kRequest12,  // req_8f4e2b1c09ad
};
// The style of ids made from now on, by the whole process; kRequest12 until set.
void set_id_style(IdStyle style) noexcept;
IdStyle id_style() noexcept;
// "uuid4", "uuid7", "request12": for configuration. Nothing for any other name.
std::optional<IdStyle> parse_id_style(std::string_view name);
std::string generate_id(IdStyle style = id_style());

// W3C Trace Context, version 00: 00-<32 hex trace id>-<16 hex span id>-<2 hex flags>.
struct TraceParent {
  std::string trace_id;
  std::string span_id;
  bool sampled = false;
};
// Nothing when it is malformed, of all-zero ids, or of version ff; later versions are read as the standard
// asks.
std::optional<TraceParent> parse_traceparent(std::string_view header);
std::string format_traceparent(const TraceParent& parent);
TraceParent generate_traceparent();
// 16 hex digits, never all zero.
std::string generate_span_id();

struct Header {
  std::string_view name;  // any case
  std::string_view value;
};

struct RequestId {
  std::string id;                    // never empty: letters, digits and -_.:/+=@, no "--", at most 128 bytes
  std::optional<TraceParent> trace;  // when a valid traceparent came along
  bool generated = false;            // none came, or a hostile one
  std::string rejected;  // the hostile one as it came, cut at 128 bytes; else empty. As a field of a
                         // line it is escaped; elsewhere, whoever writes it must escape it
};
// X-Request-ID, else X-Correlation-ID, else the trace id of traceparent, else a new one.
RequestId request_id_from(std::span<const Header> headers, IdStyle style = id_style());

}  // namespace taffrail
