// Keeps a service on the loopback as busy as it can be: N connections, each sends the next request when the
// last one is answered. Plain sockets, so that the load takes as little as possible of the processor that the
// service needs.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "harness/clock.h"
#include "harness/result.h"

namespace {

constexpr std::array kPaths = {"/api/v1/tasks", "/api/v1/projects", "/api/v1/tasks?status=open"};

class Connection {
 public:
  explicit Connection(uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      throw std::runtime_error("cannot connect");
    }
  }
  ~Connection() { close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The answer's status.
  int Ask(std::string_view request) {
    if (send(socket_, request.data(), request.size(), MSG_NOSIGNAL) != std::ssize(request)) {
      throw std::runtime_error("cannot send");
    }
    answer_.clear();
    size_t head = std::string::npos;
    while ((head = answer_.find("\r\n\r\n")) == std::string::npos) Receive();
    const size_t whole = head + 4 + ContentLength(std::string_view(answer_).substr(0, head));
    while (answer_.size() < whole) Receive();
    return NumberAfter(answer_, "HTTP/1.1 ");
  }

 private:
  void Receive() {
    std::array<char, 16384> piece;
    const ssize_t got = recv(socket_, piece.data(), piece.size(), 0);
    if (got <= 0) throw std::runtime_error("the service hung up");
    answer_.append(piece.data(), static_cast<size_t>(got));
  }

  static int NumberAfter(std::string_view text, std::string_view name) {
    const size_t at = text.find(name);
    int number = 0;
    if (at != std::string_view::npos) {
      std::from_chars(text.data() + at + name.size(), text.data() + text.size(), number);
    }
    return number;
  }
  static size_t ContentLength(std::string_view head) {
    return static_cast<size_t>(NumberAfter(head, "Content-Length: "));
  }

  int socket_;
  std::string answer_;
};

// In microseconds, of every request; throws when one is not answered with 200.
std::vector<double> Drive(uint16_t port, const std::string& token, double seconds) {
  std::vector<std::string> requests;
  for (const char* path : kPaths) {
    requests.push_back(std::string("GET ") + path + " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\n" +
                       "Authorization: Bearer " + token + "\r\n\r\n");
  }
  Connection connection(port);
  std::vector<double> took;
  double now = bench::WallSeconds();
  const double end = now + seconds;
  for (size_t i = 0; now < end; ++i) {
    const double begun = now;
    const int status = connection.Ask(requests[i % requests.size()]);
    if (status != 200) throw std::runtime_error("answered " + std::to_string(status));
    now = bench::WallSeconds();
    took.push_back((now - begun) * 1e6);
  }
  return took;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("usage: load PORT TOKEN CONNECTIONS SECONDS\n", stderr);
    return 2;
  }
  const auto port = static_cast<uint16_t>(std::stoi(argv[1]));
  const double seconds = std::stod(argv[4]);
  std::vector<std::vector<double>> took(std::stoul(argv[3]));
  {
    std::vector<std::jthread> threads;
    for (auto& mine : took) {
      threads.emplace_back([&] {
        try {
          mine = Drive(port, argv[2], seconds);
        } catch (const std::exception& error) {
          std::fprintf(stderr, "load: %s\n", error.what());
          std::_Exit(1);
        }
      });
    }
  }
  std::vector<double> all;
  for (const auto& mine : took) all.insert(all.end(), mine.begin(), mine.end());
  std::ranges::sort(all);
  bench::Result()
      .Add("requests", static_cast<double>(all.size()))
      .Add("p99_us", all[all.size() * 99 / 100])
      .Print();
}
