// The parameters of a request, read one by one and checked once:
//
//   Params params(request.query, now_ns);
//   const uint64_t limit = params.Count("limit", 100, 10'000);
//   const store::TimeRange range = params.Range();
//   if (const absl::Status status = params.Finish(); !status.ok()) return responder.SendError(status);
//
// After the first mistake the getters give their fallbacks; Finish returns that mistake, or names a parameter
// that nobody asked for: a misspelt "form=" must not quietly search all of time.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "net/url.h"
#include "store/store.h"

namespace taffrail::server {

class Params {
 public:
  // The parameters must outlive this object.
  Params(const net::QueryParameters& parameters, int64_t now_ns) : parameters_(parameters), now_ns_(now_ns) {}

  std::string Text(std::string_view name, std::string_view fallback = {});
  // Comma-separated, without empty pieces.
  std::vector<std::string> List(std::string_view name);
  uint64_t Count(std::string_view name, uint64_t fallback, uint64_t most);
  bool Flag(std::string_view name);  // present and empty, "1" or "true"; "0" and "false" are false
  // The first by default. REQUIRES: at least one.
  std::string Choice(std::string_view name, std::span<const std::string_view> choices);
  std::string Choice(std::string_view name, std::initializer_list<std::string_view> choices) {
    return Choice(name, std::span(choices.begin(), choices.size()));
  }
  // base::ParseTimeArg's forms.
  int64_t Time(std::string_view name, int64_t fallback_ns);
  // "from" and "to"; without "from" as far back as default_ns (0: everything).
  store::TimeRange Range(int64_t default_ns = 0);

  [[nodiscard]] absl::Status Finish() const;

 private:
  const std::string* Find(std::string_view name);
  void Fail(const std::string& message);

  const net::QueryParameters& parameters_;
  const int64_t now_ns_;
  std::vector<std::string_view> known_;
  absl::Status status_;
};

}  // namespace taffrail::server
