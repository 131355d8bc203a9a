#include "http/client.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <optional>
#include <utility>

namespace examples::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

constexpr size_t kResponseSizeBytesMax = 4 * 1024 * 1024;  // far above any answer of these services

std::string Describe(const Origin& origin, std::string_view step, const error_code& error) {
  return std::string(step) + " " + origin.host + ":" + std::to_string(origin.port) + ": " + error.message();
}

}  // namespace

Origin ParseOrigin(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  const auto fail = [&] {
    return std::invalid_argument("not of the form http://host:port: " + std::string(url));
  };
  if (!url.starts_with(kScheme)) {
    throw fail();
  }
  std::string_view rest = url.substr(kScheme.size());
  if (rest.ends_with('/')) {
    rest.remove_suffix(1);
  }
  const size_t colon = rest.rfind(':');
  Origin origin{.host = std::string(rest.substr(0, colon))};
  if (colon != std::string_view::npos) {
    const char* end = rest.data() + rest.size();
    const auto [stop, error] = std::from_chars(rest.data() + colon + 1, end, origin.port);
    if (error != std::errc() || stop != end) {
      throw fail();
    }
  }
  if (origin.host.empty() || origin.host.find('/') != std::string::npos) {
    throw fail();
  }
  return origin;
}

class Client::Impl {
 public:
  Impl(Origin origin, std::chrono::milliseconds timeout) : origin_(std::move(origin)), timeout_(timeout) {}

  Response Send(const Call& call) {
    const bool kept = stream_.has_value();
    if (!kept) {
      Connect();
    }
    const auto request = ToMessage(call);
    beast::http::response<beast::http::string_body> response;
    error_code error = Exchange(request, &response);
    if (error && kept && error != beast::error::timeout) {
      Connect();
      error = Exchange(request, &response);
    }
    if (error) {
      stream_.reset();
      throw ConnectionError(Describe(origin_, call.method + " " + call.target + " at", error),
                            error == beast::error::timeout);
    }
    if (!response.keep_alive()) {
      stream_.reset();
    }
    Response out;
    out.status = static_cast<int>(response.result_int());
    for (const auto& field : response) {
      out.headers.Add(std::string(field.name_string()), std::string(field.value()));
    }
    out.body = std::move(response.body());
    return out;
  }

 private:
  beast::http::request<beast::http::string_body> ToMessage(const Call& call) const {
    beast::http::request<beast::http::string_body> request;
    request.version(11);
    request.method_string(call.method);
    request.target(call.target);
    request.set(beast::http::field::host, origin_.host + ":" + std::to_string(origin_.port));
    for (const auto& [name, value] : call.headers) {
      request.set(name, value);
    }
    if (!call.body.empty()) {
      request.set(beast::http::field::content_type, call.content_type);
    }
    request.body() = call.body;
    request.prepare_payload();
    return request;
  }

  // Beast's timeouts exist for asynchronous operations only, so each step is one, run to its end.
  error_code Run(error_code* outcome) {
    io_.restart();
    io_.run();
    return *outcome;
  }

  void Connect() {
    error_code error;
    tcp::resolver resolver(io_);
    const auto endpoints = resolver.resolve(origin_.host, std::to_string(origin_.port), error);
    if (!error) {
      stream_.emplace(io_);
      stream_->expires_after(timeout_);
      stream_->async_connect(endpoints, [&](error_code result, const tcp::endpoint&) { error = result; });
      Run(&error);
    }
    if (error) {
      stream_.reset();
      throw ConnectionError(Describe(origin_, "connecting to", error), error == beast::error::timeout);
    }
    stream_->socket().set_option(tcp::no_delay(true), error);
    buffer_.clear();
  }

  error_code Exchange(const beast::http::request<beast::http::string_body>& request,
                      beast::http::response<beast::http::string_body>* response) {
    error_code error;
    stream_->expires_after(timeout_);
    beast::http::async_write(*stream_, request, [&](error_code result, size_t) { error = result; });
    if (Run(&error)) {
      return error;
    }
    beast::http::response_parser<beast::http::string_body> parser;
    parser.body_limit(kResponseSizeBytesMax);
    beast::http::async_read(*stream_, buffer_, parser, [&](error_code result, size_t) { error = result; });
    if (!Run(&error)) {
      *response = parser.release();
    }
    return error;
  }

  Origin origin_;
  std::chrono::milliseconds timeout_;
  asio::io_context io_{1};
  std::optional<beast::tcp_stream> stream_;
  beast::flat_buffer buffer_;
};

Client::Client(Origin origin, std::chrono::milliseconds timeout)
    : impl_(std::make_unique<Impl>(std::move(origin), timeout)) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Response Client::Send(const Call& call) { return impl_->Send(call); }

}  // namespace examples::http
