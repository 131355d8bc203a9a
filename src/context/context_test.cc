#include "taffrail/context.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>
#include <vector>

#include "context/frame.h"
#include "record/layout_fields.h"
#include "taffrail/detail/queue.h"

namespace taffrail {
namespace {

std::string Json() {
  return detail::current_frame == nullptr ? "" : std::string(detail::current_frame->Json());
}

// REQ C-02, L-07
TEST(Scope, FieldsNestAndInnerOnesHideOuterOnes) {
  EXPECT_EQ(Json(), "");
  {
    const Scope outer({{"request_id", "r1"}, {"user_id", 7}});
    EXPECT_EQ(Json(), R"("request_id":"r1","user_id":7)");
    {
      const Scope inner({{"user_id", 8}, {"task", {{"id", 3}, {"done", false}}}});
      EXPECT_EQ(Json(), R"("request_id":"r1","user_id":8,"task":{"id":3,"done":false})");
    }
    EXPECT_EQ(Json(), R"("request_id":"r1","user_id":7)");
  }
  EXPECT_EQ(Json(), "");
}

TEST(Scope, OwnsItsValues) {
  std::string id = "r1";
  const Scope scope({{id, id}});
  id = "changed";
  EXPECT_EQ(Json(), R"("r1":"r1")");
}

TEST(Scope, AWholeFrameIsBounded) {
  const Scope scope({{"a", "kept"}, {"b", std::string(context::kFrameBytesMax, 'x')}, {"c", "kept too"}});
  EXPECT_EQ(Json(), R"("a":"kept","c":"kept too")");
}

TEST(Context, IsCarriedToOtherThreads) {
  std::string inside, before = "x", after = "x";
  Context captured;
  {
    const Scope scope({{"request_id", "r1"}});
    captured = capture();
  }
  std::jthread([&] {
    before = Json();
    {
      const Attach attach(captured);
      const Scope own({{"job", 5}});
      inside = Json();
    }
    after = Json();
  }).join();
  EXPECT_EQ(before, "");
  EXPECT_EQ(inside, R"("request_id":"r1","job":5)");
  EXPECT_EQ(after, "");
}

TEST(Context, WrapBindsItToAFunction) {
  std::function<int(int)> wrapped;
  {
    const Scope scope({{"request_id", "r1"}});
    wrapped = wrap([](int n) { return context_value("request_id") == "r1" ? n : 0; });
  }
  int answer = 0;
  std::jthread([&] { answer = wrapped(41) + 1; }).join();
  EXPECT_EQ(answer, 42);
  EXPECT_EQ(context_value("request_id"), "");
}

TEST(Context, ValuesAsText) {
  const Scope scope({{"id", "a\"b"}, {"n", 3}, {"took", std::chrono::milliseconds(4)}});
  EXPECT_EQ(context_value("id"), "a\"b");
  EXPECT_EQ(context_value("n"), "3");
  EXPECT_EQ(context_value("took_ms"), "4");
  EXPECT_EQ(context_value("none"), "");
}

TEST(Context, AFrameLivesAsLongAsItIsReferredTo) {
  Context captured;
  {
    const Scope scope({{"a", 1}});
    captured = capture();
    Context copy = captured;
    copy = captured;
    EXPECT_EQ(detail::current_frame->references.load(), 3U);
  }
  EXPECT_EQ(captured.get("a"), "1");
}

TEST(FieldWriter, DepthIsBounded) {
  std::string bytes;
  FieldWriter writer(bytes);
  constexpr int kDepth = 1000;
  std::vector<size_t> begun;
  for (int i = 0; i < kDepth; ++i) begun.push_back(writer.begin_object("o"));
  writer.field("lost", 1);
  for (int i = kDepth; i-- > 0;) writer.end(begun[i]);
  writer.field("kept", 2);
  EXPECT_TRUE(writer.clipped());
  std::string json = "{";
  record::AppendMembers(bytes, json);
  EXPECT_EQ(std::ranges::count(json, '{'), FieldWriter::kMaxDepth + 1);
  EXPECT_TRUE(json.ends_with(R"("kept":2)"));
}

TEST(FieldWriter, SizeIsBounded) {
  std::string bytes;
  FieldWriter writer(bytes);
  const std::string large(detail::kMaxStringBytes, 'x');
  const size_t array = writer.begin_array("a");
  for (int i = 0; i < 10; ++i) writer.field(Key(), large);
  writer.end(array);
  EXPECT_TRUE(writer.clipped());
  EXPECT_LE(bytes.size(), FieldWriter::kMaxRecordBytes);
  EXPECT_GT(bytes.size(), 3 * detail::kMaxStringBytes);
}

}  // namespace
}  // namespace taffrail
