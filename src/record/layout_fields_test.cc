#include "record/layout_fields.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace taffrail::record {
namespace {

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

}  // namespace
}  // namespace taffrail::record
