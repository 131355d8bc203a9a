#include "http/router.h"

#include <gtest/gtest.h>

namespace examples::http {
namespace {

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    router_.Add("GET", "/tasks", Named("list"));
    router_.Add("POST", "/tasks", Named("create"));
    router_.Add("GET", "/tasks/{id}", Named("read"));
    router_.Add("GET", "/tasks/{id}/comments/{comment}", Named("comment"));
  }

  static Handler Named(const char* name) {
    return [name](Request&) { return Response{.body = name, .headers = {}}; };
  }

  // The handler's name, or the status when there is none.
  std::string Match(const std::string& method, const std::string& target) {
    request_ = Request();
    request_.method = method;
    request_.target = target;
    int status = 0;
    const Handler* handler = router_.Match(request_, &status);
    return handler == nullptr ? std::to_string(status) : (*handler)(request_).body;
  }

  Router router_;
  Request request_;
};

TEST_F(RouterTest, MethodAndPathDecide) {
  EXPECT_EQ(Match("GET", "/tasks"), "list");
  EXPECT_EQ(Match("POST", "/tasks?x=1"), "create");
  EXPECT_EQ(request_.query.at("x"), "1");
  EXPECT_EQ(Match("GET", "/tasks/7"), "read");
  EXPECT_EQ(request_.Param("id"), "7");
  EXPECT_EQ(request_.route, "/tasks/{id}");
  EXPECT_EQ(Match("GET", "/tasks/a%2Fb/comments/%C3%BC"), "comment");
  EXPECT_EQ(request_.Param("id"), "a/b");
  EXPECT_EQ(request_.Param("comment"), "ü");
}

TEST_F(RouterTest, SaysWhyNothingMatches) {
  EXPECT_EQ(Match("GET", "/"), "404");
  EXPECT_EQ(Match("GET", ""), "404");
  EXPECT_EQ(Match("GET", "/tasks/"), "404");
  EXPECT_EQ(Match("GET", "/tasks/7/comments"), "404");
  EXPECT_EQ(Match("DELETE", "/tasks"), "405");
  EXPECT_EQ(Match("GET", "/tasks?x=%f"), "400");
  EXPECT_EQ(Match("GET", "/tasks/%zz"), "404");
}

}  // namespace
}  // namespace examples::http
