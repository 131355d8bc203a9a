// The router and its description name the same routes. (tests/api holds the answers against the description.)
#include "server/routes.h"

#include <set>
#include <sstream>
#include <string>

#include "base/mem_env.h"
#include "gtest/gtest.h"

namespace taffrail::server {
namespace {

// "GET /healthz" for each operation of the document. Its paths stand two blanks deep, their methods four.
std::set<std::string> DescribedRoutes(const std::string& document) {
  std::set<std::string> routes;
  std::istringstream lines(document);
  std::string path;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("components:")) break;
    if (!line.ends_with(':')) continue;
    line.pop_back();
    if (line.starts_with("  /")) path = line.substr(2);
    for (const std::string method : {"get", "post", "put", "delete", "patch"}) {
      std::string upper = method;
      for (char& c : upper) c = static_cast<char>(c - 'a' + 'A');
      if (line == "    " + method) routes.insert(upper + " " + path);
    }
  }
  return routes;
}

// REQ P-01
TEST(Routes, AreThoseOfTheOpenapiDocument) {
  base::MemEnv env;
  auto store = store::Store::Open({.dir = "/data", .env = &env});
  ASSERT_TRUE(store.ok()) << store.status();
  App app(Options{.data_dir = "/data"}, env, **store);
  net::Router router;
  AddRoutes(router, app);
  std::set<std::string> routes;
  for (const net::Router::Route& route : router.routes()) routes.insert(route.method + " " + route.pattern);

  const auto document =
      base::ReadFile(base::Env::Posix(), TAFFRAIL_SOURCE_DIR "/docs/api/openapi.yaml", 1 << 20);
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(routes, DescribedRoutes(*document));
  EXPECT_GT(routes.size(), 10u);
}

}  // namespace
}  // namespace taffrail::server
