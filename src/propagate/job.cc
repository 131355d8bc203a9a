#include "taffrail/propagate/job.h"

#include <algorithm>

#include "context/header_text.h"
#include "context/percent.h"
#include "propagate/outgoing.h"

namespace taffrail {
namespace {

constexpr std::string_view kRequestId = "x-request-id";
constexpr std::string_view kCorrelationId = "x-correlation-id";
constexpr std::string_view kTraceParent = "traceparent";
constexpr std::string_view kTraceState = "tracestate";
constexpr std::string_view kBaggage = "baggage";

// The value as it may be passed on; empty when it may not, or is none of ours.
std::string Checked(std::string_view name, std::string_view value) {
  if (name == kRequestId || name == kCorrelationId)
    return context::IsGoodId(value) ? std::string(value) : std::string();
  if (name == kTraceParent) {
    const auto parent = parse_traceparent(value);
    return parent ? format_traceparent(*parent) : std::string();
  }
  if (name == kTraceState) return format_tracestate(parse_tracestate(value));
  if (name == kBaggage) return format_baggage(parse_baggage(value));
  return {};
}

std::map<std::string, std::string> Known(const HeaderList& headers) {
  std::map<std::string, std::string> known;
  for (const auto& [name, value] : headers) {
    std::string lower = name;
    std::ranges::transform(lower, lower.begin(), context::Lower);
    std::string checked = Checked(lower, value);
    if (!checked.empty()) known.emplace(std::move(lower), std::move(checked));
  }
  if (!known.contains(std::string(kTraceParent))) known.erase(std::string(kTraceState));
  return known;
}

bool IsPlain(char c) { return c > ' ' && c < '\x7f' && c != '%' && c != '&' && c != '='; }

std::string HeaderOf(const std::map<std::string, std::string>& headers, std::string_view name) {
  const auto found = headers.find(std::string(name));
  return found == headers.end() ? std::string() : found->second;
}

}  // namespace

JobContext JobContext::here() {
  const propagate::Outgoing outgoing = propagate::OutgoingCall();
  HeaderList headers = {{std::string(kRequestId), outgoing.request_id},
                        {std::string(kCorrelationId), outgoing.correlation_id},
                        {std::string(kTraceState), format_tracestate(outgoing.trace.state)},
                        {std::string(kBaggage), format_baggage(outgoing.trace.baggage)}};
  if (outgoing.trace.has_trace())
    headers.emplace_back(kTraceParent, format_traceparent(outgoing.trace.parent));
  JobContext context;
  context.headers_ = Known(headers);
  return context;
}

JobContext JobContext::from_map(const std::map<std::string, std::string>& headers) {
  JobContext context;
  context.headers_ = Known(HeaderList(headers.begin(), headers.end()));
  return context;
}

JobContext JobContext::from_string(std::string_view text) {
  HeaderList headers;
  for (std::string_view piece; context::NextPiece(text, '&', piece);) {
    const size_t equals = piece.find('=');
    if (equals != std::string_view::npos)
      headers.emplace_back(piece.substr(0, equals), context::PercentDecoded(piece.substr(equals + 1)));
  }
  JobContext context;
  context.headers_ = Known(headers);
  return context;
}

std::string JobContext::to_string() const {
  std::string text;
  for (const auto& [name, value] : headers_) {
    if (!text.empty()) text.push_back('&');
    text.append(name).push_back('=');
    context::AppendPercentEncoded(value, IsPlain, text);
  }
  return text;
}

std::string JobContext::request_id() const { return HeaderOf(headers_, kRequestId); }
std::string JobContext::correlation_id() const { return HeaderOf(headers_, kCorrelationId); }

TraceContext JobContext::trace() const {
  TraceContext trace;
  if (const auto parent = parse_traceparent(HeaderOf(headers_, kTraceParent))) trace.parent = *parent;
  trace.state = parse_tracestate(HeaderOf(headers_, kTraceState));
  trace.baggage = parse_baggage(HeaderOf(headers_, kBaggage));
  return trace;
}

AttachJob::AttachJob(const JobContext& context, std::string_view name, std::initializer_list<Field> fields)
    : nothing_(Context()),
      span_(name, SpanKind::kConsumer, context.trace(), fields),
      ids_(context.request_id(), context.correlation_id()),
      fields_(fields) {}

}  // namespace taffrail
