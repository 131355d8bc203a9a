// What a handler sees of HTTP: plain requests and responses, free of the server that carries them.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace examples::http {

// In order of arrival, names as sent. Few enough in a request that a linear look-up is the fastest one.
class Headers {
 public:
  using Entry = std::pair<std::string, std::string>;

  void Add(std::string name, std::string value) { entries_.emplace_back(std::move(name), std::move(value)); }
  // The first value under the name, whatever its case; empty when absent.
  [[nodiscard]] std::string_view Get(std::string_view name) const;

  [[nodiscard]] auto begin() const { return entries_.begin(); }
  [[nodiscard]] auto end() const { return entries_.end(); }

 private:
  std::vector<Entry> entries_;
};

struct Request {
  std::string method;
  std::string target;  // as sent: path and query
  Headers headers;
  std::string body;
  std::string peer_address;  // of the connection
  std::chrono::steady_clock::time_point received_at = std::chrono::steady_clock::now();

  // Filled by the router.
  std::string path;                           // target without its query
  std::map<std::string, std::string> query;   // percent-decoded
  std::map<std::string, std::string> params;  // {id} → its value
  std::string route;                          // the template that matched: /api/v1/tasks/{id}

  std::string client_address;  // filled by the middleware: who is behind the proxies that are trusted

  [[nodiscard]] std::chrono::nanoseconds Elapsed() const {
    return std::chrono::steady_clock::now() - received_at;
  }
  [[nodiscard]] const std::string& Param(const std::string& name) const { return params.at(name); }
  [[nodiscard]] std::optional<std::string> Query(const std::string& name) const;
};

struct Response {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  Headers headers;
};

// "/a/b?x=1&y=%20" → path and decoded query. False for a broken escape.
bool SplitTarget(std::string_view target, std::string* path, std::map<std::string, std::string>* query);
// "x=1&y=%20", as in a query or a form's body. The last of several equal names counts.
std::optional<std::map<std::string, std::string>> ParseForm(std::string_view text);
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space);
std::string PercentEncode(std::string_view text);

}  // namespace examples::http
