// The WebSocket protocol (RFC 6455), the server's side: the handshake's answer, frames out, and what a client
// may say on a stream that only we fill.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "net/http_server.h"

namespace taffrail::net {

// The headers of the 101 that accepts, for HttpResponder::BeginStream(101, …). InvalidArgument (400, or 426
// with another version): the request asks for no WebSocket.
absl::StatusOr<Headers> AcceptWebSocket(const HttpRequest& request);

std::string WebSocketText(std::string_view text);  // one unmasked text frame
std::string WebSocketClose(uint16_t code, std::string_view reason);
std::string WebSocketPing();

// Takes frames off the front of what a client sent. Pings are answered into `reply`; data is passed over,
// since nobody reads it. False once the client closes, breaks the protocol, or sends a frame too long to
// hold: then `reply` ends with our own close frame.
bool TakeClientFrames(std::string& input, std::string& reply);

}  // namespace taffrail::net
