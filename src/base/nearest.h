// What somebody probably meant to write.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace taffrail::base {

// Letters to insert, remove or replace until a is b (Levenshtein). Bytes, not characters. Takes
// a.size() × b.size() steps.
size_t EditDistance(std::string_view a, std::string_view b);

// Of the choices the one nearest to `word`; empty when none is within two slips, or the word is so long that
// it was never meant as one of them.
std::string_view Nearest(std::string_view word, std::span<const std::string_view> choices);

}  // namespace taffrail::base
