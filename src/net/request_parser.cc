#include "net/request_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <cassert>

#include "net/problem.h"

namespace taffrail::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using BeastView = boost::beast::string_view;

std::string_view View(BeastView view) { return {view.data(), view.size()}; }

absl::Status BadRequest(const std::string& message) { return absl::InvalidArgumentError(message); }

absl::Status FromBeast(const error_code& error, size_t max_header_bytes) {
  if (error == http::error::header_limit) {
    return WithHttpStatus(absl::ResourceExhaustedError(fmt::format(
                              "the request line and header are longer than {} bytes", max_header_bytes)),
                          431);
  }
  if (error == http::error::bad_version) {
    return BadRequest("the request line is malformed, or its version is not HTTP/1.0 or HTTP/1.1");
  }
  return BadRequest(fmt::format("the request is malformed: {}", error.message()));
}

// Beast's push parser, collecting what it calls back with.
class Collector final : public http::basic_parser<true> {
 public:
  RequestHead head;
  std::string* body = nullptr;

 private:
  friend class http::basic_parser<true>;

  void on_request_impl(http::verb, BeastView method, BeastView target, int version, error_code&) override {
    head.method = View(method);
    head.target = View(target);
    head.http_1_0 = version == 10;
  }
  void on_field_impl(http::field, BeastView name, BeastView value, error_code&) override {
    if (is_header_done())
      return;  // a trailer; merging those into the header would let them forge it (RFC 9110 §6.5)
    head.headers.Add(std::string(View(name)), std::string(View(value)));
  }
  size_t on_body_impl(BeastView bytes, error_code&) override { return bytes.size(); }  // FeedPlain
  size_t on_chunk_body_impl(uint64_t, BeastView bytes, error_code&) override {
    body->append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_response_impl(int, BeastView, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<uint64_t>&, error_code&) override {}
  void on_chunk_header_impl(uint64_t, BeastView, error_code&) override {}
  void on_finish_impl(error_code&) override {}
};

size_t CountOf(const Headers& headers, std::string_view name) {
  size_t count = 0;
  for (const Header& header : headers) count += EqualsIgnoringCase(header.name, name) ? 1 : 0;
  return count;
}

absl::Status CheckHead(const RequestHead& head) {
  const size_t hosts = CountOf(head.headers, "Host");
  if (hosts > 1 || (hosts == 0 && !head.http_1_0)) {
    return BadRequest(fmt::format("an HTTP/1.1 request has one Host header, this one has {}", hosts));
  }
  const size_t codings = CountOf(head.headers, "Transfer-Encoding");
  if (codings == 0) return absl::OkStatus();
  if (codings > 1 || head.http_1_0 || head.headers.Has("Content-Length")) {
    return BadRequest(
        "Transfer-Encoding beside Content-Length, repeated, or in HTTP/1.0: the length is ambiguous");
  }
  if (!EqualsIgnoringCase(head.headers.Get("Transfer-Encoding"), "chunked")) {
    return WithHttpStatus(absl::UnimplementedError("the only Transfer-Encoding understood is chunked"), 501);
  }
  return absl::OkStatus();
}

}  // namespace

class RequestParser::Impl {
 public:
  explicit Impl(size_t max_header_bytes) : max_header_bytes_(max_header_bytes) {
    parser_.header_limit(static_cast<uint32_t>(max_header_bytes));
    parser_.body_limit(UINT64_MAX);  // bodies are pulled; whoever pulls has the limit
    parser_.eager(false);            // stop after the head
  }

  absl::StatusOr<size_t> Feed(std::string_view input, std::string& body) {
    parser_.body = &body;
    const std::string_view all = input;
    if (!started_) {
      // Empty lines before a request are to be ignored (RFC 9112 §2.2); some clients end a body with one.
      input.remove_prefix(std::min(input.find_first_not_of("\r\n"), input.size()));
      if (input.empty()) return all.size();
      started_ = true;
    }
    if (!parser_.is_header_done()) {
      TAFFRAIL_RETURN_IF_ERROR(FeedHead(input));
    } else {
      TAFFRAIL_RETURN_IF_ERROR(parser_.head.chunked ? FeedChunks(input) : FeedPlain(input));
    }
    return all.size() - input.size();
  }

  bool started() const { return started_; }
  bool head_done() const { return parser_.is_header_done(); }
  bool done() const { return head_done() && body_bytes_left() == 0; }
  uint64_t body_bytes_left() const {
    if (!head_done()) return 0;
    if (!parser_.head.chunked) return plain_left_;
    return parser_.is_done() ? 0 : UINT64_MAX;
  }
  void PassBody(uint64_t bytes) {
    assert(head_done() && !parser_.head.chunked && bytes <= plain_left_);
    plain_left_ -= bytes;
  }
  const RequestHead& head() const { return parser_.head; }

 private:
  // Removes what was consumed from input. need_more is no error here.
  absl::Status Put(std::string_view& input) {
    error_code error;
    const size_t used = parser_.put(boost::asio::const_buffer(input.data(), input.size()), error);
    input.remove_prefix(used);
    if (error && error != http::error::need_more) return FromBeast(error, max_header_bytes_);
    return absl::OkStatus();
  }

  absl::Status FeedHead(std::string_view& input) {
    TAFFRAIL_RETURN_IF_ERROR(Put(input));
    if (!parser_.is_header_done()) return absl::OkStatus();
    RequestHead& head = parser_.head;
    TAFFRAIL_RETURN_IF_ERROR(CheckHead(head));
    head.chunked = parser_.chunked();
    head.content_length = parser_.content_length().value_or(0);
    if (!head.chunked) plain_left_ = head.content_length;
    head.keep_alive = parser_.keep_alive();
    const std::string_view expect = head.headers.Get("Expect");
    head.expects_continue = !head.http_1_0 && EqualsIgnoringCase(expect, "100-continue");
    if (!expect.empty() && !head.expects_continue && !head.http_1_0) {
      return WithHttpStatus(BadRequest("the only Expect understood is 100-continue"), 417);
    }
    return absl::OkStatus();
  }

  // Nothing is to be parsed in a body that is not chunked.
  absl::Status FeedPlain(std::string_view& input) {
    const size_t bytes = std::min<uint64_t>(input.size(), plain_left_);
    parser_.body->append(input.substr(0, bytes));
    input.remove_prefix(bytes);
    PassBody(bytes);
    return absl::OkStatus();
  }

  absl::Status FeedChunks(std::string_view& input) {
    while (!input.empty() && !parser_.is_done()) {
      const size_t before = input.size();
      TAFFRAIL_RETURN_IF_ERROR(Put(input));
      if (input.size() == before) break;  // a chunk's head, or the trailer, is not complete
    }
    if (!parser_.is_done() && input.size() > max_header_bytes_) {
      return WithHttpStatus(BadRequest("a chunk's head, or the trailer, is too long"), 431);
    }
    return absl::OkStatus();
  }

  const size_t max_header_bytes_;
  Collector parser_;
  bool started_ = false;
  uint64_t plain_left_ = 0;  // of a body that is not chunked
};

RequestParser::RequestParser(size_t max_header_bytes) : impl_(std::make_unique<Impl>(max_header_bytes)) {}
RequestParser::~RequestParser() = default;

absl::StatusOr<size_t> RequestParser::Feed(std::string_view input, std::string& body) {
  return impl_->Feed(input, body);
}
bool RequestParser::started() const { return impl_->started(); }
bool RequestParser::head_done() const { return impl_->head_done(); }
bool RequestParser::done() const { return impl_->done(); }
uint64_t RequestParser::body_bytes_left() const { return impl_->body_bytes_left(); }
void RequestParser::PassBody(uint64_t bytes) { impl_->PassBody(bytes); }
const RequestHead& RequestParser::head() const {
  assert(head_done());
  return impl_->head();
}

}  // namespace taffrail::net
