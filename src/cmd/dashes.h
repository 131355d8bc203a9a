// Words that begin with a dash and are no options: the query `-path:/health`, or whatever stands behind `--`.
//
// CLI11 takes every such word for an option, and knows `--` only where a positional is still missing. So
// these words get a mark in front before it sees them, and lose it again when their value is taken.
#pragma once

#include <string>
#include <vector>

namespace taffrail::cmd {

// The words of a command line (without the program's name), marked where need be, without the `--`.
std::vector<std::string> MarkDashes(std::vector<std::string> words);

// The word without its mark.
std::string Unmarked(std::string word);

}  // namespace taffrail::cmd
