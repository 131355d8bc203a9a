#include "net/websocket.h"

#include <algorithm>
#include <boost/uuid/detail/sha1.hpp>

#include "absl/strings/escaping.h"

namespace taffrail::net {
namespace {

constexpr std::string_view kKeySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 §1.3
constexpr uint8_t kText = 0x1;
constexpr uint8_t kClose = 0x8;
constexpr uint8_t kPing = 0x9;
constexpr uint8_t kPong = 0xa;
constexpr size_t kMaxControlBytes = 125;     // §5.5
constexpr size_t kMaxFrameBytes = 16 << 10;  // of data that is passed over: no client of a tail sends any

std::string Frame(uint8_t opcode, std::string_view payload) {
  std::string frame(1, static_cast<char>(0x80 | opcode));
  const size_t size = payload.size();
  const auto append = [&](int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
      frame += static_cast<char>(size >> shift & 0xff);
  };
  if (size < 126) {
    append(1);
  } else if (size <= 0xffff) {
    frame += static_cast<char>(126);
    append(2);
  } else {
    frame += static_cast<char>(127);
    append(8);
  }
  return frame.append(payload);
}

std::string AcceptKey(std::string_view key) {
  boost::uuids::detail::sha1 sha1;
  sha1.process_bytes(key.data(), key.size());
  sha1.process_bytes(kKeySuffix.data(), kKeySuffix.size());
  boost::uuids::detail::sha1::digest_type words{};
  sha1.get_digest(words);
  std::string digest;
  for (const unsigned int word : words) {
    for (int shift = 24; shift >= 0; shift -= 8) digest += static_cast<char>(word >> shift & 0xff);
  }
  return absl::Base64Escape(digest);
}

}  // namespace

absl::StatusOr<Headers> AcceptWebSocket(const HttpRequest& request) {
  const std::string_view key = request.headers.Get("Sec-WebSocket-Key");
  std::string nonce;
  const bool asks = request.method == "GET" &&
                    EqualsIgnoringCase(request.headers.Get("Upgrade"), "websocket") &&
                    request.headers.HasToken("Connection", "upgrade");
  if (!asks) {
    return WithHttpStatus(
        absl::InvalidArgumentError("this is a WebSocket: ask for it with Upgrade: websocket"), 400);
  }
  if (request.headers.Get("Sec-WebSocket-Version") != "13") {
    return WithHttpStatus(absl::InvalidArgumentError("only version 13 of WebSocket is spoken here"), 426);
  }
  if (!absl::Base64Unescape({key.data(), key.size()}, &nonce) || nonce.size() != 16) {
    return WithHttpStatus(absl::InvalidArgumentError("Sec-WebSocket-Key must be 16 bytes in base64"), 400);
  }
  return Headers{{"Upgrade", "websocket"}, {"Sec-WebSocket-Accept", AcceptKey(key)}};
}

std::string WebSocketText(std::string_view text) { return Frame(kText, text); }
std::string WebSocketPing() { return Frame(kPing, ""); }

std::string WebSocketClose(uint16_t code, std::string_view reason) {
  std::string payload = {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  payload += reason.substr(0, kMaxControlBytes - 2);
  return Frame(kClose, payload);
}

bool TakeClientFrames(std::string& input, std::string& reply) {
  constexpr uint16_t kProtocolError = 1002;
  constexpr uint16_t kTooBig = 1009;
  constexpr uint16_t kNormal = 1000;
  while (input.size() >= 2) {
    const auto byte = [&](size_t i) { return static_cast<uint8_t>(input[i]); };
    const uint8_t opcode = byte(0) & 0x0f;
    const bool masked = (byte(1) & 0x80) != 0;
    uint64_t size = byte(1) & 0x7f;
    size_t head = 2;
    const size_t extended = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (!masked || (byte(0) & 0x70) != 0 ||
        (opcode >= kClose && (size > kMaxControlBytes || (byte(0) & 0x80) == 0))) {
      reply += WebSocketClose(kProtocolError, "");
      return false;
    }
    if (input.size() < head + extended + 4) return true;
    if (extended > 0) {
      size = 0;
      for (size_t i = 0; i < extended; ++i) size = size << 8 | byte(head + i);
    }
    if (size > kMaxFrameBytes) {
      reply += WebSocketClose(kTooBig, "");
      return false;
    }
    head += extended;
    const size_t end = head + 4 + static_cast<size_t>(size);
    if (input.size() < end) return true;
    if (opcode == kClose) {
      reply += WebSocketClose(kNormal, "");
      return false;
    }
    if (opcode == kPing) {
      std::string payload = input.substr(head + 4, static_cast<size_t>(size));
      for (size_t i = 0; i < payload.size(); ++i)
        payload[i] = static_cast<char>(payload[i] ^ input[head + i % 4]);
      reply += Frame(kPong, payload);
    }
    input.erase(0, end);
  }
  return true;
}

}  // namespace taffrail::net
