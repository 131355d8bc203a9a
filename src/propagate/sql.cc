// sqlcommenter's form: key='value' pairs, sorted by key, joined by commas, in one comment at the end. Keys
// and values are percent-encoded; a quote, which would have to be escaped, is encoded too.
#include "taffrail/propagate/sql.h"

#include "context/header_text.h"
#include "context/percent.h"
#include "propagate/outgoing.h"

namespace taffrail {
namespace {

bool IsUnreserved(char c) {  // RFC 3986 §2.3
  return context::IsAlphaNumeric(c) || c == '-' || c == '_' || c == '.' || c == '~';
}

void Append(std::string_view key, std::string_view value, std::string& out) {
  if (value.empty()) return;
  out.append(out.empty() ? "/*" : ",").append(key).append("='");
  context::AppendPercentEncoded(value, IsUnreserved, out);
  out.push_back('\'');
}

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

std::string sql_comment() {
  const propagate::Outgoing outgoing = propagate::OutgoingHere();
  std::string comment;
  Append("request_id", outgoing.any_id(), comment);
  if (outgoing.trace.has_trace()) {
    Append("traceparent", format_traceparent(outgoing.trace.parent), comment);
    Append("tracestate", format_tracestate(outgoing.trace.state), comment);
  }
  if (!comment.empty()) comment += "*/";
  return comment;
}

std::string with_sql_comment(std::string_view sql) {
  std::string statement(sql);
  // Telling a comment from a string would take the dialect's whole lexer, and a mistake would be an
  // injection.
  const auto has = [&](std::string_view what) { return sql.find(what) != std::string_view::npos; };
  if (has("/*") || has("--") || has(std::string_view("\0", 1))) return statement;
  const auto trim = [&] {
    while (!sql.empty() && IsSpace(sql.back())) sql.remove_suffix(1);
  };
  trim();
  while (sql.ends_with(';')) {
    sql.remove_suffix(1);
    trim();
  }
  if (sql.empty()) return statement;
  const std::string comment = sql_comment();
  if (!comment.empty()) statement.insert(sql.size(), " " + comment);
  return statement;
}

}  // namespace taffrail
