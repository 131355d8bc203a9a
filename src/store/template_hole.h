// How the values of one hole of a template are written.
//
//   hole := u8 kind | u8 width | by kind                                                docs/format/part.md
//
//   decimal     without leading zeros              chunk of integers
//   fixed       width decimal digits               chunk of integers
//   padded      decimal digits of any number       chunk of integers; chunk of integers: how many digits
//   hex, HEX    width hexadecimal digits           a chunk of integers for every 16 digits
//   short hex   without leading zeros, 16 at most  chunk of integers
//   text        anything                           chunk of strings
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "record/batch.h"
#include "store/chunk_out.h"
#include "store/string_encoding.h"

namespace taffrail::store {

enum class HoleKind : uint8_t {  // on disk: never reuse a number
  kDecimal = 1,
  kFixed = 2,
  kPadded = 3,
  kHexLower = 4,
  kHexUpper = 5,
  kShortHexLower = 6,
  kShortHexUpper = 7,
  kText = 8,
};

// What the values of a hole have in common, gathered one by one; `classes` are those of template_scan.h.
class HoleShape {
 public:
  void Add(std::string_view value, uint8_t classes);
  // The narrowest kind that holds all of them, and its width.
  HoleKind kind() const;
  uint8_t width() const;

 private:
  bool fixed() const { return min_size_ == max_size_; }

  uint32_t min_size_ = UINT32_MAX;
  uint32_t max_size_ = 0;
  uint8_t classes_ = 0;  // RunClass
  bool leading_zero_ = false;
};

// Collects a hole's values and writes them.
class HoleWriter {
 public:
  HoleWriter(HoleKind kind, uint8_t width);
  void Add(std::string_view value);
  void Finish(const StringContext& context, ChunkOut& out) const;

 private:
  HoleKind kind_;
  uint8_t width_;
  std::vector<std::vector<int64_t>> columns_;
  record::StringData strings_;
};

// Reads a hole's values and puts them back one after the other.
class HoleReader {
 public:
  [[nodiscard]] bool Read(base::ByteReader& reader, size_t count, const StringContext& context);
  // The same for the picked values alone.
  [[nodiscard]] bool Pick(base::ByteReader& reader, size_t count, const StringContext& context,
                          const Picks& picks);
  // False when the bytes make no sense. REQUIRES: fewer calls before than values were read.
  [[nodiscard]] bool AppendNext(std::string& out);
  size_t bytes() const { return strings_.bytes(); }

 private:
  bool ReadKind(base::ByteReader& reader);

  HoleKind kind_ = HoleKind::kText;
  uint8_t width_ = 0;
  size_t next_ = 0;
  std::vector<std::vector<int64_t>> columns_;
  record::StringData strings_;
};

}  // namespace taffrail::store
