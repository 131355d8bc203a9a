// The ids of the request in the SQL it runs, as sqlcommenter has it: the database's own log then tells which
// request a statement came from.
//
//   PQexec(connection, taffrail::with_sql_comment("SELECT 1").c_str());
//   // SELECT 1 /*request_id='req_8f4e2b1c09ad',traceparent='00-4bf9…-01'*/
//
// Every value is percent-encoded, so that nothing in it can end the comment. A comment differs from request
// to request, so do not add one to a statement that is prepared once and run often, or whose text is a key in
// a cache.
#pragma once

#include <string>
#include <string_view>

namespace taffrail {

// "/*…*/" from this thread's context; empty when it has neither a request id nor a trace.
std::string sql_comment();
// The statement with the comment at its end, before a final ";". Unchanged when it has a comment already or
// anything that could be one (two dashes or "/*" in a string), is empty, or contains a NUL.
std::string with_sql_comment(std::string_view sql);

}  // namespace taffrail
