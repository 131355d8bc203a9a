// Takes out of a text what must not be logged.
#pragma once

#include <string>
#include <string_view>

namespace taffrail::events {

// What stands in single or double quotes becomes ?; a quote that is not closed takes the rest with it. An
// apostrophe between two letters is none.
std::string MaskQuoted(std::string_view text);

// A URL without what may be secret: user and password, the query, the fragment.
std::string PlainUrl(std::string_view url);

}  // namespace taffrail::events
