// tidy: heavy-headers - for programs that use Beast anyway
// Ids and trace context into a Boost.Beast request, and out of one.
//
//   taffrail::inject(request);                               // before http::write
//   taffrail::Incoming incoming = taffrail::extract(request);  // after http::read
#pragma once

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <string_view>
#include <vector>

#include "taffrail/propagate/headers.h"

namespace taffrail {

template <typename Allocator>
void inject(boost::beast::http::basic_fields<Allocator>& fields) {
  for (const auto& [name, value] : inject()) fields.set(name, value);
}

template <typename Allocator>
Incoming extract(const boost::beast::http::basic_fields<Allocator>& fields, IdStyle style = id_style()) {
  std::vector<Header> headers;
  for (const auto& field : fields) {
    const auto name = field.name_string();
    const auto value = field.value();
    headers.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
  }
  return extract(headers, style);
}

}  // namespace taffrail
