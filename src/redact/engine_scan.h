// One pass of an Engine over a text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "redact/engine.h"

namespace taffrail::redact {

// Tokens that code looks at.
using Special = void (*)(const Subject&, size_t, Findings&);
struct SpecialAnchor {
  std::string_view text;  // four bytes, or three and anything
  Special find;
};
std::span<const SpecialAnchor> Specials();
inline constexpr uint16_t kSpecialIndex = 0x8000;  // and up: Specials(), not the engine's tokens

// Bits of a block and of the one before it: shifting goes over the border.
struct Wide {
  uint64_t now;
  uint64_t last;

  friend Wide operator&(Wide a, Wide b) { return {a.now & b.now, a.last & b.last}; }
  friend Wide operator~(Wide a) { return {~a.now, ~a.last}; }
  friend Wide operator<<(Wide a, int by) { return {a.now << by | a.last >> (64 - by), a.last << by}; }
};

class Engine::Scan {
 public:
  Scan(const Engine& engine, std::string_view text, bool by_line, Scratch& scratch)
      : engine_(engine), text_(text), by_line_(by_line), names_(scratch.names), findings_(scratch.findings) {}

  void Run(KeyLines* key_lines);
  // Of pieces (FindSuspects).
  void RunOnPieces(std::vector<Suspect>& suspects);

 private:
  void ReadBlock(const char* data, size_t base);
  void ReadWords(const char* data, size_t base, uint64_t starts);
  void ReadNumbers(size_t base);
  void ReadIbans(Wide two, size_t base);
  bool MayBegin(const char* gram, const std::vector<uint16_t>& tokens) const;
  void TryTokens(size_t at, const std::vector<uint16_t>& tokens);
  std::optional<Finding> FindToken(const Token& token, const Subject& subject, size_t place) const;
  void TryTokensApart(size_t at, const char* gram, const std::vector<uint16_t>& tokens);
  template <typename Detect>
  void LookAt(size_t at, Detect&& detect);
  void ReadStem(size_t at);
  void SeeLine(size_t at);
  void FollowKey(size_t at);

  const Engine& engine_;
  std::string_view text_;
  bool by_line_;
  NameCache& names_;
  Findings& findings_;
  KeyLines* key_lines_ = nullptr;
  std::vector<Suspect>* suspects_ = nullptr;  // not null: the text is pieces
  Block block_;
  Block last_;             // the block before
  size_t name_end_ = 0;    // stems before it are of a name that was read
  Subject subject_;        // the line, or all
  size_t line_begin_ = 0;  //
  size_t line_end_ = 0;    // 0: none yet
};

}  // namespace taffrail::redact
