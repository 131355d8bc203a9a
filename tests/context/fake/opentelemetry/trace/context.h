// Not OpenTelemetry: see context/runtime_context.h beside.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "opentelemetry/context/runtime_context.h"

namespace opentelemetry::trace {

template <size_t Size>
class Id {
 public:
  static constexpr int kSize = Size;
  Id() = default;
  explicit Id(nostd::span<const uint8_t, Size> bytes) {
    for (size_t i = 0; i < Size; ++i) bytes_[i] = bytes[i];
  }
  bool IsValid() const noexcept { return bytes_ != std::array<uint8_t, Size>(); }
  void ToLowerBase16(nostd::span<char, 2 * Size> buffer) const noexcept {
    constexpr const char* kDigits = "0123456789abcdef";
    for (size_t i = 0; i < Size; ++i) {
      buffer[2 * i] = kDigits[bytes_[i] >> 4];
      buffer[2 * i + 1] = kDigits[bytes_[i] & 15];
    }
  }

 private:
  std::array<uint8_t, Size> bytes_ = {};
};
using TraceId = Id<16>;
using SpanId = Id<8>;

class TraceFlags {
 public:
  static constexpr uint8_t kIsSampled = 1;
  explicit TraceFlags(uint8_t flags = 0) noexcept : flags_(flags) {}
  bool IsSampled() const noexcept { return (flags_ & kIsSampled) != 0; }

 private:
  uint8_t flags_;
};

class TraceState {
 public:
  static nostd::shared_ptr<TraceState> FromHeader(std::string header) noexcept {
    auto state = std::make_shared<TraceState>();
    state->header_ = std::move(header);
    return state;
  }
  std::string ToHeader() const noexcept { return header_; }

 private:
  std::string header_;
};

class SpanContext {
 public:
  SpanContext(TraceId trace_id, SpanId span_id, TraceFlags flags, bool /*is_remote*/,
              nostd::shared_ptr<TraceState> state) noexcept
      : trace_id_(trace_id), span_id_(span_id), flags_(flags), state_(std::move(state)) {}
  static SpanContext GetInvalid() noexcept {
    return SpanContext(TraceId(), SpanId(), TraceFlags(), false, TraceState::FromHeader(""));
  }
  bool IsValid() const noexcept { return trace_id_.IsValid() && span_id_.IsValid(); }
  const TraceId& trace_id() const noexcept { return trace_id_; }
  const SpanId& span_id() const noexcept { return span_id_; }
  const TraceFlags& trace_flags() const noexcept { return flags_; }
  nostd::shared_ptr<TraceState> trace_state() const noexcept { return state_; }

 private:
  TraceId trace_id_;
  SpanId span_id_;
  TraceFlags flags_;
  nostd::shared_ptr<TraceState> state_;
};

class Span {
 public:
  virtual ~Span() = default;
  virtual SpanContext GetContext() const noexcept = 0;
};

class DefaultSpan : public Span {
 public:
  explicit DefaultSpan(SpanContext context) noexcept : context_(std::move(context)) {}
  SpanContext GetContext() const noexcept override { return context_; }

 private:
  SpanContext context_;
};

inline nostd::shared_ptr<Span> GetSpan(const context::Context& context) noexcept {
  const auto span = context.GetValue("active_span");
  return span != nullptr ? span : nostd::shared_ptr<Span>(new DefaultSpan(SpanContext::GetInvalid()));
}
inline context::Context SetSpan(context::Context& context, nostd::shared_ptr<Span> span) noexcept {
  return context.SetValue("active_span", std::move(span));
}

}  // namespace opentelemetry::trace
