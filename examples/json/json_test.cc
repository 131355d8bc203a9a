#include <gtest/gtest.h>

#include "json/object.h"
#include "json/writer.h"

namespace examples::json {
namespace {

TEST(Json, WhatIsWrittenIsReadAgain) {
  const std::string text("a \"quoted\" \\ line\nwith ü, 会 and \x01\0", 37);
  Writer out;
  out.BeginObject();
  out.Field("text", text);
  out.Field("number", -42);
  out.Field("yes", true);
  out.Key("nothing");
  out.Null();
  out.Key("list");
  out.BeginArray();
  out.Value(1);
  out.BeginObject();
  out.EndObject();
  out.Value("two");
  out.EndArray();
  out.EndObject();
  const std::string json = std::move(out).Take();
  const auto object = Object::Parse(json);
  ASSERT_TRUE(object) << json;
  EXPECT_EQ(object->String("text"), text);
  EXPECT_EQ(object->Integer("number"), -42);
  EXPECT_EQ(object->Bool("yes"), true);
  EXPECT_TRUE(object->Has("nothing"));
  EXPECT_EQ(object->String("nothing"), std::nullopt);
  EXPECT_TRUE(json.ends_with(R"("nothing":null,"list":[1,{},"two"]})")) << json;
}

TEST(Json, AMemberOfAnotherTypeIsNotThere) {
  const auto object = Object::Parse(R"({"a":1,"b":"1","c":1.5,"d":[1],"a":2})");
  ASSERT_TRUE(object);
  EXPECT_EQ(object->String("a"), std::nullopt);
  EXPECT_EQ(object->Integer("a"), 2);  // the last one, as in a form
  EXPECT_EQ(object->Integer("b"), std::nullopt);
  EXPECT_EQ(object->Integer("c"), std::nullopt);
  EXPECT_EQ(object->String("d"), std::nullopt);
  EXPECT_FALSE(object->Has("e"));
}

TEST(Json, OnlyAnObjectIsAnObject) {
  for (const char* text : {"", "[]", "1", "{", R"({"a":})", "{} x", "\"{}\"", "{\"a\":\"\xff\"}"}) {
    EXPECT_FALSE(Object::Parse(text)) << text;
  }
}

}  // namespace
}  // namespace examples::json
