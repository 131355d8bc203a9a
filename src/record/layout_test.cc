#include "record/layout.h"

#include <gtest/gtest.h>

#include <simdjson.h>
#include <chrono>
#include <fstream>
#include <sstream>

#include "record/layout_fields.h"

namespace taffrail::record {
namespace {

using detail::Kind;
using detail::Scalar;

// Fields as a call encodes them; FieldWriter itself stands above this folder.
class Fields {
 public:
  template <typename T>
  Fields& Add(const std::string& key, const T& value) {
    const Key name(key);
    const Scalar scalar = detail::to_scalar(value);
    const size_t at = bytes_.size();
    bytes_.resize(at + detail::field_size(name, scalar));
    detail::put_field(bytes_.data() + at, name, scalar);
    return *this;
  }
  const std::string& bytes() const { return bytes_; }
  std::string Json() const {
    std::string json = "{";
    AppendMembers(bytes_, json);
    return json.substr(1);
  }

 private:
  std::string bytes_;
};

Fields FieldsOf(simdjson::dom::object object) {
  Fields fields;
  for (const auto [key, value] : object) {
    if (value.is_int64()) {
      fields.Add(std::string(key), value.get_int64().value());
    } else {
      fields.Add(std::string(key), value.get_string().value());
    }
  }
  return fields;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// REQ L-03: the layout of the task-management stack, byte for byte in compact form.
TEST(NestedLayout, ReproducesTheVectors) {
  for (const char* name : {"tm-01.json", "tm-02.json"}) {
    const std::string text = ReadFile(std::string(TAFFRAIL_SOURCE_DIR) + "/tests/vectors/lines/" + name);
    simdjson::dom::parser parser;
    const simdjson::dom::element expected = parser.parse(text);
    const Fields context = FieldsOf(expected["context"]);
    const Fields metadata = FieldsOf(expected["metadata"]);
    const std::string context_json = context.Json();

    const Layout layout(NestedLayout({}), {.service = std::string(expected["service"].get_string().value())});
    std::string line;
    layout.AppendLine({.time_ns = 1'761'834'225'123'000'000,
                       .level = Level::kInfo,
                       .message = expected["message"].get_string().value(),
                       .fields = metadata.bytes(),
                       .context = context.bytes(),
                       .context_json = context_json},
                      line);
    EXPECT_EQ(line, simdjson::minify(expected)) << name;
  }
}

TEST(NestedLayout, LeavesOutWhatIsEmpty) {
  const Layout layout(NestedLayout({}), {});
  std::string line;
  layout.AppendLine({.message = "m"}, line);
  EXPECT_EQ(line, R"({"timestamp":"1970-01-01T00:00:00.000Z","level":"INFO","message":"m"})");
}

// REQ L-04
TEST(NestedLayout, StandardFields) {
  const Layout layout(NestedLayout({.fraction_digits = 6, .thread_id = true}),
                      {.service = "s", .environment = "e", .version = "1", .hostname = "h", .process_id = 7});
  std::string line;
  layout.AppendLine({.level = Level::kError,
                     .logger = "a.b",
                     .message = "m",
                     .file = "f.cc",
                     .function = "g",
                     .line = 3,
                     .thread_id = 9},
                    line);
  EXPECT_EQ(line,
            R"({"timestamp":"1970-01-01T00:00:00.000000Z","level":"ERROR","service":"s","environment":"e",)"
            R"("version":"1","hostname":"h","process_id":7,"thread_id":9,"logger":"a.b","message":"m",)"
            R"("source":{"file":"f.cc","line":3,"function":"g"}})");
}

TEST(Layout, AnotherTableIsAnotherLayout) {
  const LayoutSpec flat{
      .fraction_digits = 0,
      .slots = {{"@t", SlotValue::kTimestamp},
                {"msg", SlotValue::kMessage},
                {"", SlotValue::kContextInline},
                {"", SlotValue::kMetadataInline},
                {"log", SlotValue::kObject, Level::kTrace, {{"level", SlotValue::kLevel}}}}};
  const Fields fields = Fields().Add("n", 1).Add("x", true);
  std::string line;
  Layout(flat, {}).AppendLine({.message = "m", .fields = fields.bytes(), .context_json = R"("id":"r")"},
                              line);
  EXPECT_EQ(line,
            R"({"@t":"1970-01-01T00:00:00Z","msg":"m","id":"r","n":1,"x":true,"log":{"level":"INFO"}})");
}

// REQ L-05
TEST(LayoutFields, DurationsNameTheirUnit) {
  using namespace std::chrono_literals;
  EXPECT_EQ(Fields().Add("took", 45ms).Json(), R"("took_ms":45)");
  EXPECT_EQ(Fields().Add("duration_ms", 45'300us).Json(), R"("duration_ms":45.3)");
  EXPECT_EQ(Fields().Add("duration_seconds", 120'000ms).Json(), R"("duration_seconds":120)");
  EXPECT_EQ(Fields().Add("age", 2h).Json(), R"("age_h":2)");
  EXPECT_EQ(Fields().Add("gap", std::chrono::nanoseconds::max()).Json(), R"("gap_ns":9223372036854775807)");
  EXPECT_EQ(Fields().Add("gap", std::chrono::duration<double>(0.25)).Json(), R"("gap_s":0.25)");
}

TEST(LayoutFields, EveryScalar) {
  const std::chrono::system_clock::time_point time{std::chrono::microseconds(1'761'834'225'123'456)};
  EXPECT_EQ(Fields()
                .Add("i", -5)
                .Add("u", UINT64_MAX)
                .Add("d", 0.5)
                .Add("b", false)
                .Add("n", nullptr)
                .Add("c", 'x')
                .Add("t", time)
                .Add("s", std::string("a\nb"))
                .Add("p", static_cast<const char*>(nullptr))
                .Json(),
            R"("i":-5,"u":18446744073709551615,"d":0.5,"b":false,"n":null,"c":"x",)"
            R"("t":"2025-10-30T14:23:45.123456Z","s":"a\nb","p":null)");
}

// REQ L-01
TEST(LayoutFields, ALongStringIsCutAndSaysSo) {
  const std::string json = Fields().Add("s", std::string(detail::kMaxStringBytes + 1, 'x')).Json();
  EXPECT_EQ(json.size(), detail::kMaxStringBytes + sizeof(R"("s":"")") - 1 + kClippedMark.size());
  EXPECT_TRUE(json.ends_with("x…[clipped]\""));
}

TEST(TextLayout, IsForPeopleAndSafeForTheirTerminal) {
  const Fields fields =
      Fields().Add("path", "/api").Add("title", "two words").Add("took", std::chrono::milliseconds(3));
  const LineView line{
      .level = Level::kWarning, .logger = "a", .message = "m\x1b[2J\n", .fields = fields.bytes()};
  std::string plain;
  TextLayout(3, false).AppendLine(line, plain);
  EXPECT_EQ(plain,
            "1970-01-01T00:00:00.000Z WARNING  a: m\\u001b[2J\\n path=/api title=\"two words\" took_ms=3");
  std::string coloured;
  TextLayout(3, true).AppendLine(line, coloured);
  EXPECT_NE(coloured.find("\x1b[33mWARNING\x1b[0m"), std::string::npos);
}

}  // namespace
}  // namespace taffrail::record
