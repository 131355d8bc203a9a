#include "taffrail/span.h"

#include <array>
#include <atomic>
#include <charconv>
#include <deque>
#include <exception>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/env.h"
#include "context/trace.h"
#include "record/layout_fields.h"

namespace taffrail {
namespace {

std::atomic<double> sample_rate{1.0};

// Never destroyed: spans may end in static destructors.
struct ExporterSlot {
  absl::Mutex mutex;
  std::shared_ptr<SpanExporter> exporter ABSL_GUARDED_BY(mutex);
  std::atomic<bool> is_set{false};
};
ExporterSlot& Slot() {
  static auto& slot = *new ExporterSlot;
  return slot;
}

std::shared_ptr<SpanExporter> Exporter() {
  ExporterSlot& slot = Slot();
  if (!slot.is_set.load(std::memory_order_acquire)) return nullptr;
  const absl::MutexLock lock(&slot.mutex);
  return slot.exporter;
}

// The last half of the id is the random one in every scheme that is in use.
bool IsSampled(std::string_view trace_id) {
  const double rate = sample_rate.load(std::memory_order_relaxed);
  if (rate >= 1.0) return true;
  uint64_t random = 0;
  constexpr size_t kHalf = 16;
  std::from_chars(trace_id.data() + kHalf, trace_id.data() + trace_id.size(), random, kHalf);
  return static_cast<double>(random) < rate * 0x1p64;
}

// False: they do not fit, or one threw; nothing was added.
bool Add(std::initializer_list<Field> fields, std::string& encoded) {
  const size_t before = encoded.size();
  try {
    FieldWriter writer(encoded);
    for (const Field& field : fields) writer.field(field.key, field.value);
    if (!writer.clipped() && encoded.size() <= Span::kAttributesBytesMax) return true;
  } catch (...) {
  }
  encoded.resize(before);
  return false;
}

}  // namespace

std::string_view to_string(SpanKind kind) noexcept {
  constexpr std::array<std::string_view, 5> kNames = {"internal", "server", "client", "producer", "consumer"};
  return kNames[static_cast<size_t>(kind)];
}

std::string_view to_string(SpanStatus status) noexcept {
  constexpr std::array<std::string_view, 3> kNames = {"unset", "ok", "error"};
  return kNames[static_cast<size_t>(status)];
}

std::string SpanFields::json() const {
  std::string out = "{";
  record::AppendMembers(encoded, out);
  return out + "}";
}

void set_span_exporter(std::shared_ptr<SpanExporter> exporter) noexcept {
  ExporterSlot& slot = Slot();
  const absl::MutexLock lock(&slot.mutex);
  slot.exporter.swap(exporter);
  slot.is_set.store(slot.exporter != nullptr, std::memory_order_release);
}

bool has_span_exporter() noexcept { return Slot().is_set.load(std::memory_order_acquire); }

void set_trace_sample_rate(double rate) noexcept { sample_rate.store(rate, std::memory_order_relaxed); }

struct Span::State {
  SpanData data;
  bool recording = false;
  int64_t begun_ns = 0;  // monotonic
  int exceptions = 0;
  std::optional<TraceScope> scope;
};

Span::Span(std::string_view name, std::initializer_list<Field> attributes, SpanKind kind) noexcept {
  const detail::Trace* trace = detail::current_trace;
  static const auto& none = *new TraceContext;
  begin(name, kind, trace == nullptr ? none : trace->context, attributes);
}

Span::Span(std::string_view name, SpanKind kind, const TraceContext& parent,
           std::initializer_list<Field> attributes) noexcept {
  begin(name, kind, parent, attributes);
}

void Span::begin(std::string_view name, SpanKind kind, const TraceContext& parent,
                 std::initializer_list<Field> attributes) noexcept {
  try {
    auto state = std::make_unique<State>();
    SpanData& data = state->data;
    data.name = name;
    data.kind = kind;
    data.context = parent;
    if (parent.has_trace()) {
      data.parent_span_id = parent.parent.span_id;
      data.context.parent.span_id = generate_span_id();
    } else {
      data.context.parent = generate_traceparent();
      data.context.parent.sampled = IsSampled(data.context.parent.trace_id);
    }
    data.start_ns = base::Env::Posix().NowNs();
    state->begun_ns = base::Env::Posix().MonotonicNs();
    state->exceptions = std::uncaught_exceptions();
    state->recording = data.context.parent.sampled && has_span_exporter();
    state->scope.emplace(data.context, kind == SpanKind::kClient || kind == SpanKind::kProducer);
    state_ = std::move(state);
  } catch (...) {  // no memory: the work goes on without this span
    return;
  }
  set(attributes);
}

Span::~Span() {
  if (state_ == nullptr || !state_->recording) return;
  SpanData& data = state_->data;
  data.duration_ns = base::Env::Posix().MonotonicNs() - state_->begun_ns;
  if (data.status == SpanStatus::kUnset && std::uncaught_exceptions() > state_->exceptions) fail("exception");
  try {
    if (const auto exporter = Exporter()) exporter->on_end(data);
  } catch (...) {  // the exporter's own trouble
  }
}

void Span::set(std::initializer_list<Field> attributes) noexcept {
  if (!is_recording()) return;
  SpanData& data = state_->data;
  if (!Add(attributes, data.attributes.encoded)) ++data.dropped;
}

void Span::event(std::string_view name, std::initializer_list<Field> attributes) noexcept {
  if (!is_recording()) return;
  SpanData& data = state_->data;
  try {
    if (data.events.size() == kEventsMax) {
      ++data.dropped;
      return;
    }
    SpanEvent event{.name = std::string(name), .time_ns = base::Env::Posix().NowNs(), .attributes = {}};
    if (!Add(attributes, event.attributes.encoded)) ++data.dropped;
    data.events.push_back(std::move(event));
  } catch (...) {
    ++data.dropped;
  }
}

void Span::ok() noexcept {
  if (!is_recording()) return;
  state_->data.status = SpanStatus::kOk;
  state_->data.status_message.clear();
}

void Span::fail(std::string_view message) noexcept {
  if (!is_recording()) return;
  state_->data.status = SpanStatus::kError;
  try {
    state_->data.status_message = message;
  } catch (...) {  // no memory: without the message
  }
}

const TraceContext& Span::context() const noexcept {
  static const auto& none = *new TraceContext;
  return state_ == nullptr ? none : state_->data.context;
}

bool Span::is_recording() const noexcept { return state_ != nullptr && state_->recording; }

struct MemorySpanExporter::State {
  const size_t max_spans;
  mutable absl::Mutex mutex;
  std::deque<SpanData> spans ABSL_GUARDED_BY(mutex);
};

MemorySpanExporter::MemorySpanExporter(size_t max_spans)
    : state_(new State{.max_spans = max_spans, .mutex = {}, .spans = {}}) {}
MemorySpanExporter::~MemorySpanExporter() = default;

void MemorySpanExporter::on_end(const SpanData& span) {
  const absl::MutexLock lock(&state_->mutex);
  state_->spans.push_back(span);
  if (state_->spans.size() > state_->max_spans) state_->spans.pop_front();
}

std::vector<SpanData> MemorySpanExporter::spans() const {
  const absl::MutexLock lock(&state_->mutex);
  return {state_->spans.begin(), state_->spans.end()};
}

void MemorySpanExporter::clear() {
  const absl::MutexLock lock(&state_->mutex);
  state_->spans.clear();
}

}  // namespace taffrail
