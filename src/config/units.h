// Sizes and switches as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace taffrail::config {

// "64MiB", "1.5 GiB", "10MB", "4096", "0": B, KiB, MiB, GiB, TiB of 1024 and kB, KB, MB, GB, TB of 1000.
// "64M" is refused: half of its writers mean the one, half the other.
std::optional<int64_t> ParseBytes(std::string_view text);
// In the largest binary unit that leaves no fraction: "64MiB", "1000".
std::string FormatBytes(int64_t bytes);

std::optional<bool> ParseFlag(std::string_view text);  // true, yes, on; false, no, off; in any case

// A YAML scalar that reads back as this text.
std::string YamlText(std::string_view text);

}  // namespace taffrail::config
