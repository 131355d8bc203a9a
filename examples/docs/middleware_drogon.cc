// Samples of docs/middleware.md.
#include <functional>
#include <string>
// [install]
#include <drogon/drogon.h>

#include <taffrail/middleware/drogon.h>

void prepare() {
  taffrail::middleware::install(drogon::app(), {.trusted_proxies = {"10.0.0.0/8"}});
  // then routes and drogon::app().run() as ever
}

void read_task(const drogon::HttpRequestPtr& message,
               std::function<void(const drogon::HttpResponsePtr&)>&& callback) {
  taffrail::middleware::request_of(message)->set_user("usr_7d0e");
  // A query that answers on a thread of its own calls this:
  const auto answer = [message, callback = std::move(callback)](const drogon::HttpResponsePtr& response) {
    const taffrail::middleware::Inside inside(taffrail::middleware::request_of(message));
    callback(response);
  };
  answer(nullptr);
}
// [/install]
