// The help texts: grouped, aligned, with examples, as wide as the terminal.
#pragma once

#include <string>
#include <string_view>

#include "cmd/terminal.h"

namespace CLI {
class App;
}

namespace taffrail::cmd {

std::string RenderHelp(const CLI::App& app, const Painter& painter, size_t width);

// Of the app's subcommands the one that `word` was most probably meant to be; empty when none is near.
std::string NearestCommand(const CLI::App& app, std::string_view word);

}  // namespace taffrail::cmd
