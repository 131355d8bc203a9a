// Encoded fields as the members of a JSON object: named as they are written, judged by the redactor, and each
// name once.
#pragma once

#include <cstdint>
#include <deque>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "layout/censor.h"
#include "layout/out_buffer.h"
#include "record/layout_fields.h"

namespace taffrail::layout {

// The name of a field that has to make way for one of the layout's own: "level" becomes "fields.level".
inline constexpr std::string_view kAsidePrefix = "fields.";

struct Member {
  std::string_view key;   // as it stands in the line: escaped, with a duration's unit
  std::string_view path;  // for the redactor; empty without one
  uint32_t hash = 0;      // of key
  Verdict verdict = Verdict::kLeave;
  record::EncodedField field;
};

uint32_t HashOf(std::string_view key);

// Keys to be found again. A few dozen at most.
class KeySet {
 public:
  void clear();
  void Add(std::string_view key, uint32_t hash);  // borrowed
  bool Has(std::string_view key, uint32_t hash) const {
    // One bit of 256 for each key: most are not here, and that is known at once.
    return (bits_[hash >> 6 & 3] >> (hash & 63) & 1) != 0 && Find(key, hash);
  }
  bool empty() const { return keys_.empty(); }

 private:
  bool Find(std::string_view key, uint32_t hash) const;

  struct Entry {
    std::string_view key;
    uint32_t hash;
  };
  uint64_t bits_[4] = {};
  std::vector<Entry> keys_;
};

// Reads and writes members. Not thread-safe.
class MemberWriter {
 public:
  // `dotted`: an object's members become members beside it, {"http":{"method":"GET"}} "http.method":"GET".
  MemberWriter(Censor& censor, bool dotted) : censor_(censor), dotted_(dotted) {}

  // Appends the members of `fields`, all but exceptions; then each name is there once, the last of its kind.
  // `reserved`: names that must be put aside. What a member refers to lives until Forget.
  void Read(std::string_view fields, const KeySet& reserved, std::vector<Member>& members);
  // The members of an object, as they stand within it.
  void ReadObject(const Member& object, std::vector<Member>& members);
  // The first exception among the fields.
  static std::optional<record::EncodedField> ExceptionIn(std::string_view fields);
  // Frees what was made for the members read so far.
  void Forget() {
    if (remembers_) memory_.release();
    remembers_ = false;
  }

  // The name of a field as it stands in the line.
  std::string_view KeyOf(std::string_view name);
  std::string_view Aside(std::string_view key);

  void Write(const Member& member, OutBuffer& out);  // "key":value
  void WriteValue(const Member& member, OutBuffer& out);
  // A string with its quotes. `clipped`: and the mark that says so.
  static void WriteText(std::string_view text, bool clipped, OutBuffer& out);

 private:
  // Where the fields stand that are being read.
  struct Place {
    std::string_view path;        // of the object around them, for the redactor
    std::string_view key_prefix;  // what dotted keys begin with, not escaped
    Verdict verdict;              // kLeave: nothing within is looked at
    const KeySet* reserved;       // of the layout; null further in
  };
  void Collect(std::string_view fields, const Place& place, std::vector<Member>& members);
  void WriteObject(const Member& member, OutBuffer& out);
  void WriteArray(const Member& member, OutBuffer& out);
  void WriteScalar(const Member& member, OutBuffer& out);
  void WriteReplacement(const Member& member, OutBuffer& out);
  std::string_view Join(std::string_view a, std::string_view b, std::string_view c);
  std::vector<Member>& Scratch(size_t depth);

  Censor& censor_;
  bool dotted_;
  std::pmr::monotonic_buffer_resource memory_{1024};
  bool remembers_ = false;
  std::deque<std::vector<Member>> scratch_;  // one for each object around the present one
  size_t depth_ = 0;
};

}  // namespace taffrail::layout
