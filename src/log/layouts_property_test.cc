// Random trees of fields through real calls, in every JSON layout: each line parses, has no key twice, and
// gives back what went in.
#include <gtest/gtest.h>

#include <simdjson.h>
#include <cmath>
#include <iterator>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "layout/layout.h"
#include "log/lines_for_tests.h"
#include "taffrail/log.h"

namespace taffrail::log {

struct Tree {
  enum class Kind { kNull, kBool, kInt, kUint, kDouble, kText, kObject, kArray };
  Kind kind = Kind::kNull;
  uint64_t bits = 0;
  double number = 0;
  std::string text;
  struct Member;
  std::vector<Member> inner;  // an array's keys are empty
};
struct Tree::Member {
  std::string name;
  Tree tree;
};

void WriteTree(FieldWriter& out, const Key& key, const Tree& tree) {
  switch (tree.kind) {
    case Tree::Kind::kNull:
      return out.field(key, nullptr);
    case Tree::Kind::kBool:
      return out.field(key, tree.bits != 0);
    case Tree::Kind::kInt:
      return out.field(key, static_cast<int64_t>(tree.bits));
    case Tree::Kind::kUint:
      return out.field(key, tree.bits);
    case Tree::Kind::kDouble:
      return out.field(key, tree.number);
    case Tree::Kind::kText:
      return out.field(key, tree.text);
    default: {
      const bool object = tree.kind == Tree::Kind::kObject;
      const size_t begun = object ? out.begin_object(key) : out.begin_array(key);
      for (const auto& [name, inner] : tree.inner) WriteTree(out, Key(name), inner);
      out.end(begun);
    }
  }
}

void log_fields(FieldWriter& out, const Tree& tree) {
  for (const auto& [name, inner] : tree.inner) WriteTree(out, Key(name), inner);
}

namespace {

class Source {
 public:
  explicit Source(uint32_t seed) : random_(seed) {}

  Tree Any(int depth) {
    Tree tree;
    tree.kind = static_cast<Tree::Kind>(Below(depth > 0 ? 8 : 6));
    tree.bits = tree.kind == Tree::Kind::kBool ? Below(2) : random_();
    constexpr double kDoubles[] = {0.0,      -0.0,      0.1, 1e300, 5e-324, 9007199254740993.0,
                                   HUGE_VAL, -HUGE_VAL, NAN};
    tree.number = Below(2) == 0 ? kDoubles[Below(std::size(kDoubles))] : static_cast<double>(random_()) / 7;
    tree.text = Text();
    const bool object = tree.kind == Tree::Kind::kObject;
    if (object || tree.kind == Tree::Kind::kArray) tree.inner = Inner(depth - 1, object);
    return tree;
  }
  std::vector<Tree::Member> Inner(int depth, bool named) {
    std::vector<Tree::Member> inner;
    for (size_t i = Below(40) == 0 ? 60 : Below(6); i > 0; --i) {
      inner.push_back({.name = named ? KeyText() : "", .tree = Any(depth)});
    }
    return inner;
  }
  size_t Below(size_t n) { return random_() % n; }

 private:
  std::string KeyText() {
    // Few, so that some come twice.
    static const std::string kKeys[] = {
        "", "a", "b", "id", "über", "q\"uote", "line\nfeed", std::string("nul\0", 4), "k.d", "\xff"};
    return Below(3) == 0 ? "k" + std::to_string(Below(50)) : kKeys[Below(std::size(kKeys))];
  }
  std::string Text() {
    static const std::string kPieces[] = {
        "plain",    "\"",     "\\",      "\n",           std::string(1, '\0'),
        "\x1b[2J",  "größer", "\xff",    "\xed\xa0\x80", "\xf0\x9f\x9a\x80",
        "\xf0\x9f", "\x7f",   "\xc0\xaf"};
    std::string text;
    for (size_t i = Below(200) == 0 ? 5000 : Below(8); i > 0; --i) text += kPieces[Below(std::size(kPieces))];
    return text;
  }
  std::mt19937_64 random_;
};

// What JSON makes of text: itself, or something with U+FFFD in it.
void ExpectText(std::string_view found, const std::string& text) {
  if (simdjson::validate_utf8(text)) {
    EXPECT_EQ(found, text);
  } else {
    EXPECT_NE(found.find("\xEF\xBF\xBD"), std::string_view::npos);
  }
}

void ExpectTree(simdjson::dom::element found, const Tree& tree);

void ExpectObject(simdjson::dom::object found, const std::vector<Tree::Member>& inner) {
  std::set<std::string_view> keys;
  for (const auto [key, value] : found) {
    EXPECT_TRUE(keys.insert(key).second) << "twice: " << key;
    const Tree* last = nullptr;
    for (const auto& [name, tree] : inner) {
      if (name == key || (name == "\xff" && key == "\xEF\xBF\xBD")) last = &tree;
    }
    ASSERT_NE(last, nullptr) << key;
    ExpectTree(value, *last);
  }
  std::set<std::string_view> names;
  for (const auto& [name, tree] : inner) names.insert(name);
  EXPECT_EQ(keys.size(), names.size());
}

void ExpectTree(simdjson::dom::element found, const Tree& tree) {
  switch (tree.kind) {
    case Tree::Kind::kNull:
      EXPECT_TRUE(found.is_null());
      return;
    case Tree::Kind::kBool:
      EXPECT_EQ(bool(found), tree.bits != 0);
      return;
    case Tree::Kind::kInt:
      EXPECT_EQ(int64_t(found), static_cast<int64_t>(tree.bits));
      return;
    case Tree::Kind::kUint:
      EXPECT_EQ(uint64_t(found), tree.bits);
      return;
    case Tree::Kind::kDouble:
      if (std::isfinite(tree.number)) {
        EXPECT_EQ(double(found), tree.number);
      } else {
        EXPECT_TRUE(found.is_string());
      }
      return;
    case Tree::Kind::kText:
      return ExpectText(found, tree.text);
    case Tree::Kind::kObject:
      return ExpectObject(found, tree.inner);
    case Tree::Kind::kArray: {
      const simdjson::dom::array elements = found;
      ASSERT_EQ(elements.size(), tree.inner.size());
      size_t i = 0;
      for (const simdjson::dom::element element : elements) ExpectTree(element, tree.inner[i++].tree);
    }
  }
}

// REQ L-01 L-03 L-05
TEST(LayoutPropertyTest, EveryLineGivesBackWhatWentIn) {
  constexpr std::pair<const char*, const char*> kWhere[] = {{"nested", "/metadata/tree"},
                                                            {"flat", "/metadata/tree"},
                                                            {"flat+error", "/tree"},
                                                            {"request", "/tree"}};
  const Logger log("property");
  simdjson::dom::parser parser;
  for (uint32_t seed = 0; seed < 300; ++seed) {
    Source source(seed);
    Tree tree{.kind = Tree::Kind::kObject, .inner = source.Inner(6, true)};
    const CapturedCalls calls;
    const Scope scope({{"tree", 1}, {"request_id", "r"}});
    log.info("line", kv("tree", tree), kv("seed", seed));
    for (const auto& [name, pointer] : kWhere) {
      SCOPED_TRACE(std::string(name) + " seed " + std::to_string(seed));
      const auto layout = layout::MakeLayout(name, {}, {});
      const std::string line = calls.Last(*layout, [](layout::Line&) {});
      EXPECT_EQ(line.find('\n'), std::string::npos);
      simdjson::dom::element parsed;
      ASSERT_EQ(parser.parse(line).get(parsed), simdjson::SUCCESS) << line;
      ExpectTree(parsed.at_pointer(pointer).value(), tree);
    }
    for (const char* name : {"dotted", "otel"}) {
      const auto layout = layout::MakeLayout(name, {}, {});
      simdjson::dom::element parsed;
      ASSERT_EQ(parser.parse(calls.Last(*layout, [](layout::Line&) {})).get(parsed), simdjson::SUCCESS);
    }
  }
}

// REQ L-01: what is too large or too deep is cut, and says so.
TEST(LayoutPropertyTest, TheVeryLargeAndTheVeryDeep) {
  Tree deep{.kind = Tree::Kind::kObject};
  for (int i = 0; i < 100; ++i) deep = {.kind = Tree::Kind::kObject, .inner = {{"in", deep}}};
  const std::string large(detail::kMaxStringBytes + 5, 'x');
  const CapturedCalls calls;
  Logger().info("line", kv("deep", deep), kv("large", large));
  simdjson::dom::parser parser;
  for (const char* name : {"nested", "flat", "flat+error", "request", "dotted", "otel"}) {
    const auto layout = layout::MakeLayout(name, {}, {});
    const std::string line = calls.Last(*layout, [](layout::Line&) {});
    EXPECT_EQ(parser.parse(line).error(), simdjson::SUCCESS) << name;
    EXPECT_NE(line.find("x…[clipped]\""), std::string::npos) << name;
    EXPECT_NE(line.find("\"fields_clipped\":true"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace taffrail::log
