// Answers in gzip, for clients that take it.
#pragma once

#include <string>
#include <string_view>

#include "net/headers.h"

namespace taffrail::net {

// Whether Accept-Encoding names gzip (or *) without refusing it (q=0).
bool AcceptsGzip(const Headers& headers);

// RFC 1952, at the fastest level: answers are made once and read once.
std::string GzipCompress(std::string_view data);

}  // namespace taffrail::net
