// What a connection does with its socket that Asio has no word for.
#pragma once

#include <sys/types.h>

#include <boost/system/error_code.hpp>
#include <cstddef>
#include <string>

namespace taffrail::net {

bool IsIpv6(int socket);
void CloseSocket(int socket);

// Makes an accepted socket `to`, Asio's, which then neither blocks nor waits for company: answers are written
// whole, and Nagle would only delay their tails. Who is at the other end. Not open when it was closed
// already.
template <typename Socket>
typename Socket::endpoint_type Adopt(int socket, Socket& to) {
  using Protocol = typename Socket::protocol_type;
  boost::system::error_code error;
  to.assign(IsIpv6(socket) ? Protocol::v6() : Protocol::v4(), socket, error);
  if (error) {
    CloseSocket(socket);
    return {};
  }
  to.non_blocking(true, error);
  to.set_option(typename Protocol::no_delay(true), error);
  return to.remote_endpoint(error);
}

// Reads what is there, `most` bytes of it at most, behind the first `keep` of `bytes`, whose memory is used
// as it is. As recv(): how many came, which `bytes` then ends with; 0 at the end; -1 for an error, in errno,
// and nothing behind `keep`.
ssize_t ReadReady(int socket, size_t most, size_t keep, std::string& bytes);

// The socket is ready to be read when it has so many bytes, or has ended (SO_RCVLOWAT).
void SetLowWater(int socket, size_t bytes);

}  // namespace taffrail::net
