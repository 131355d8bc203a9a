#include "query/plan/field_names.h"

#include <gtest/gtest.h>

#include <string>

#include "query/plan/text.h"

namespace taffrail::query::plan {
namespace {

std::string NamesOf(const char* text) {
  const auto plan = Parse(text);
  EXPECT_TRUE(plan.ok()) << plan.status();
  std::string names;
  for (const NamedField& each : FieldNamesOf(*plan)) {
    constexpr const char* kMarks[] = {" ", "= ", "~ "};
    names += each.name + kMarks[static_cast<size_t>(each.among)];
  }
  return names;
}

TEST(FieldNamesTest, WhatIsReadButNotWhatWasMade) {  // REQ Q-04
  EXPECT_EQ(NamesOf("source filter and(equal(field(\"a\"), \"1\"), not(exists(label(\"b\"))), equal(level, "
                    "\"X\"), equal(field(\"a\"), \"2\"))\nsort field(\"c\")\n"),
            "a b= c ");
  EXPECT_EQ(NamesOf("source\nextend \"d\" = add(field(\"took\"), 1)\nfilter greater(field(\"d\"), 3)\n"),
            "took ");
  EXPECT_EQ(NamesOf("source\naggregate \"n\" = sum(field(\"x\")) by \"k\" = field(\"y\"), \"t\" = "
                    "bucket(\"5m\")\nfilter greater(field(\"n\"), 10)\n"),
            "y x ");
  EXPECT_EQ(NamesOf("source filter equal(stream(\"app\"), \"x\")\njq \".a\"\nfilter equal(field(\"z\"), "
                    "\"1\")\n"),
            "app= ");
  EXPECT_EQ(NamesOf("source\nfilter equal(logql(\"ctx_id\"), \"x\")\n"), "ctx_id~ ");
}

}  // namespace
}  // namespace taffrail::query::plan
