// The one pass over every byte: 64 bytes at a time become bit masks that say where something could begin. All
// else looks only where a bit is set.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace taffrail::redact {

inline constexpr size_t kBlockBytes = 64;
inline constexpr size_t kBlockReads = kBlockBytes + 7;  // a token may begin in the last byte

// Bit i is byte i.
struct Block {
  uint64_t word = 0;     // letters and digits
  uint64_t digit = 0;    //
  uint64_t upper = 0;    // A to Z
  uint64_t gap = 0;      // what may stand within a written number: space - . +
  uint64_t at = 0;       // @, and ~ of Microsoft Entra's secrets
  uint64_t escape = 0;   // backslash
  uint64_t percent = 0;  //
  uint64_t stem = 0;  // where a stem of kStems may begin, in any case: never missed, now and then for nothing
};

// What the names of secrets are made of. A dot stands for any byte. Stems of one bucket are looked for
// together and may be taken for each other, so those are together of which few words are mixed: `cvv.` and
// `cred` would be in every "created", `ssn.` and `secr` in every "sent" and "second".
struct Stem {
  std::string_view text;  // four bytes, lower case
  uint8_t bucket;
};
inline constexpr std::array<Stem, 25> kStems = {{
    {"pass", 0}, {"psw.", 0}, {"psk.", 0}, {"ssn.", 0},  //
    {"pwd.", 1}, {"pw=.", 1}, {"pw:.", 1}, {"pw\".", 1}, {"pw'.", 1},
    {"pw .", 1}, {"cvv.", 1}, {"secr", 2}, {"sess", 2},  //
    {"toke", 3},                                         //
    {"key.", 4}, {"keys", 4}, {"otp.", 4}, {"sig.", 4},  //
    {"auth", 5}, {"jwt.", 5},                            //
    {"cred", 6}, {"cook", 6}, {"card", 6},               //
    {"bear", 7}, {"basi", 7},
}};

// Reads kBlockReads bytes.
using FillBlock = void (*)(const char* data, Block& block);

// The fastest that this machine can run.
FillBlock ChooseFillBlock();
// For every machine; the other must agree with it, but for idle stems.
void FillBlockPortable(const char* data, Block& block);

}  // namespace taffrail::redact
