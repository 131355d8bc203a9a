#include "http/error.h"

#include "json/writer.h"

namespace examples::http {

std::string_view ReasonPhrase(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 413:
      return "Payload Too Large";
    case 422:
      return "Unprocessable Content";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    default:
      return "Error";
  }
}

Response Problem(int status, std::string_view detail, const std::vector<FieldError>& fields) {
  json::Writer out;
  out.BeginObject();
  out.Field("title", ReasonPhrase(status));
  out.Field("status", status);
  out.Field("detail", detail);
  if (!fields.empty()) {
    out.Key("errors");
    out.BeginArray();
    for (const FieldError& field : fields) {
      out.BeginObject();
      out.Field("field", field.field);
      out.Field("error", field.error);
      out.EndObject();
    }
    out.EndArray();
  }
  out.EndObject();
  return {.status = status,
          .body = std::move(out).Take(),
          .content_type = "application/problem+json",
          .headers = {}};
}

}  // namespace examples::http
