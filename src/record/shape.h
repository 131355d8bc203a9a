// A shape is a JSON line with its values punched out.
//
//   {"level":"INFO","ctx":{"id":"r1"},"took":15.90,"tx":null,"tags":["a"]}      a line
//   {"level":•,"ctx":{"id":•},"took":◦,"tx":null,"tags":▫}                        its shape: • string ◦
//   decimal ▫ json
//
// Lines of one kind of event share a shape, so a batch keeps each shape once and the values in columns. The
// shape is the line's own text, spacing, key order and punctuation included: putting the values back gives
// the line byte for byte. In the encoded skeleton a hole is one byte 1..8, the Kind of the value that was
// there; JSON has no such bytes outside strings, and none raw inside them, so the skeleton needs no escaping
// and describes itself: paths and columns are found by parsing it again.
//
// What stays in the skeleton is a constant of the shape: null, {} and whatever has no column of its own (the
// second value of a repeated key; fields beyond the column limit of a batch). Constants are fields too, and
// can be asked for.
//
// A record may carry attributes beside its line (Loki calls them structured metadata): a flat canonical JSON
// object whose shape follows that of the line after a 0x1e byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace taffrail::record {

// How the value of a hole is held. The numbers are written to disk (docs/format/shape.md): never reuse one.
enum class Kind : uint8_t {
  kString = 1,   // JSON string in canonical escaping (json_writer.h); held unescaped
  kEscaped = 2,  // JSON string escaped in another way ("\u00e9", "\/"); held as written, without the quotes
  kInteger = 3,  // -?(0|[1-9][0-9]*) that fits int64, but not "-0"
  kDecimal = 4,  // -?(0|[1-9][0-9]*)\.[0-9]+ whose digits fit int64: mantissa and scale; but not "-0.00"
  kNumber = 5,   // every other number (exponents, beyond int64, -0): as written
  kBool = 6,
  kJson = 7,  // an array, or an object below kMaxDepth: as written
  kText = 8,  // a whole line that is not a JSON object: as it came
};
inline constexpr uint8_t kLastKind = 8;

// Where a field lives.
enum class Origin : uint8_t { kLine = 0, kAttribute = 1 };

// Identifies a column of a batch: the values of one kind under one path. Path: object keys, unescaped, joined
// by '.';
// {"a":{"b":1}} and {"a.b":1} both have path "a.b". The whole text of a kText line has the path "".
struct ColumnKey {
  Origin origin = Origin::kLine;
  Kind kind = Kind::kString;
  std::string path;

  friend bool operator==(const ColumnKey&, const ColumnKey&) = default;
  friend auto operator<=>(const ColumnKey&, const ColumnKey&) = default;  // NOLINT(modernize-use-nullptr)
};

// Objects nested deeper than this are kept whole as kJson: real logs stay below 13 levels, and paths would
// only grow.
inline constexpr int kMaxDepth = 32;

inline constexpr char kAttributeSeparator = 0x1e;

struct Hole {
  uint32_t literal_end = 0;  // skeleton[previous literal_end + 1 (or 0), literal_end) precedes the hole,
                             // which is the single byte skeleton[literal_end]
  uint32_t column = 0;       // index into the batch's columns
};

// A field whose value is part of the shape.
struct Constant {
  Origin origin = Origin::kLine;
  std::string path;
  std::string json;  // as written: null, {}, or a scalar or array that got no column
};

// One shape of one batch. Immutable once in a batch.
struct Shape {
  std::string skeleton;
  std::vector<Hole> holes;  // in line order; holes of attributes after those of the line
  std::vector<Constant> constants;
  uint32_t line_holes = 0;  // holes[0, line_holes) belong to the line
  uint32_t line_size = 0;   // skeleton[0, line_size) is the line's part
  bool is_text = false;     // a kText line
};

// Parses a skeleton into the keys of its holes, in order, and its constants; fills everything of Shape but
// Hole::column. False when it is not a skeleton (damaged or hostile bytes). `keys` is cleared first.
[[nodiscard]] bool ParseSkeleton(std::string_view skeleton, Shape& shape, std::vector<ColumnKey>& keys);

}  // namespace taffrail::record
