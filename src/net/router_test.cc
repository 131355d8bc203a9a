#include "net/router.h"

#include <gtest/gtest.h>

namespace taffrail::net {
namespace {

// Keeps the answer instead of sending it.
class KeptResponse final : public HttpResponder {
 public:
  void Send(int status, Headers headers, std::string body) override {
    status_ = status;
    headers_ = std::move(headers);
    body_ = std::move(body);
  }
  std::shared_ptr<HttpStream> BeginStream(int status, Headers headers) override {
    Send(status, std::move(headers), "");
    return nullptr;
  }
  bool sent() const override { return status_ != 0; }
  bool client_gone() const override { return false; }

  int status_ = 0;
  Headers headers_;
  std::string body_;
};

HttpHandler Answer(std::string text) {
  return [text](HttpRequest& request, HttpResponder& responder) {
    responder.Send(200, {}, text + ":" + std::string(request.PathParameter("id")));
  };
}

KeptResponse Ask(const Router& router, std::string method, std::string raw_path) {
  HttpRequest request;
  request.method = std::move(method);
  request.raw_path = std::move(raw_path);
  KeptResponse response;
  router.Handle(request, response);
  return response;
}

Router Sample() {
  Router router;
  router.Add("GET", "/logs/{id}", Answer("one"));
  router.Add("GET", "/logs/stats", Answer("stats"));
  router.Add("POST", "/logs/{other}", Answer("post"));
  router.Add("GET", "/", Answer("root"));
  return router;
}

TEST(Router, LiteralsWinOverParameters) {
  const Router router = Sample();
  EXPECT_EQ(Ask(router, "GET", "/logs/stats").body_, "stats:");
  EXPECT_EQ(Ask(router, "GET", "/logs/x").body_, "one:x");
  EXPECT_EQ(Ask(router, "GET", "/").body_, "root:");
}

TEST(Router, FindsTheRouteThatHandleWouldTake) {
  Router router;
  router.SetKind(1);
  router.Add("GET", "/logs/{id}", Answer("one"));
  router.SetKind(2);
  router.Add("POST", "/logs/stats", Answer("stats"));
  const auto kind_of = [&](std::string method, std::string raw_path) {
    HttpRequest request;
    request.method = std::move(method);
    request.raw_path = std::move(raw_path);
    const Router::Route* route = router.Find(request);
    return route == nullptr ? -1 : route->kind;
  };
  EXPECT_EQ(kind_of("GET", "/logs/x"), 1);
  EXPECT_EQ(kind_of("HEAD", "/logs/x"), 1);
  EXPECT_EQ(kind_of("POST", "/logs/st%61ts"), 2);
  EXPECT_EQ(kind_of("GET", "/logs/stats"), -1);  // 405
  EXPECT_EQ(kind_of("GET", "/nowhere"), -1);
  EXPECT_EQ(kind_of("GET", "/logs/%zz"), -1);
}

TEST(Router, ParametersAreDecodedAndMayHoldASlash) {
  const Router router = Sample();
  EXPECT_EQ(Ask(router, "GET", "/logs/a%2Fb%20c").body_, "one:a/b c");
  EXPECT_EQ(Ask(router, "GET", "/%6Cogs/stats").body_, "stats:");
}

TEST(Router, AnswersProblemDocuments) {  // REQ P-01
  const Router router = Sample();
  for (const char* path : {"/none", "/logs", "/logs/", "/logs/a/b", "*"}) {
    const KeptResponse response = Ask(router, "GET", path);
    EXPECT_EQ(response.status_, 404) << path;
    EXPECT_EQ(response.headers_.Get("Content-Type"), kProblemContentType);
  }
  const KeptResponse response = Ask(router, "DELETE", "/logs/x");
  EXPECT_EQ(response.status_, 405);
  EXPECT_EQ(response.headers_.Get("Allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(Ask(router, "POST", "/logs/stats").status_, 405);
}

TEST(Router, HeadIsGetAndOptionsListsTheMethods) {
  const Router router = Sample();
  EXPECT_EQ(Ask(router, "HEAD", "/logs/x").body_, "one:x");  // the server strips the body
  const KeptResponse options = Ask(router, "OPTIONS", "/logs/x");
  EXPECT_EQ(options.status_, 204);
  EXPECT_EQ(options.headers_.Get("Allow"), "GET, HEAD, POST, OPTIONS");
}

TEST(Router, ListsItsRoutesInOrder) {
  const Router router = Sample();
  ASSERT_EQ(router.routes().size(), 4U);
  EXPECT_EQ(router.routes()[1].pattern, "/logs/stats");
  EXPECT_EQ(router.routes()[2].method, "POST");
}

}  // namespace
}  // namespace taffrail::net
