// For the store's tests: lines of every kind from a seed, and a slow, obvious store to compare with.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "record/batch_builder.h"
#include "record/row_cursor.h"
#include "store/store.h"

namespace taffrail::store {

// A record as a reader sees it.
struct Row {
  int64_t timestamp_ns = 0;
  std::string line;
  std::string attributes;
  record::Labels labels;

  friend bool operator==(const Row&, const Row&) = default;
  friend auto operator<=>(const Row&, const Row&) = default;
  friend void PrintTo(const Row& row, std::ostream* out) {
    *out << row.timestamp_ns << ' ' << row.line.substr(0, 200) << ' ' << row.attributes;
  }
};

class LineSource {
 public:
  explicit LineSource(uint64_t seed) : random_(seed) {}

  // Times wander forward with some late ones, over a few days when `days` is above 1.
  Row Next(int days = 1) {
    Row row;
    ++number_;
    clock_ns_ += static_cast<int64_t>(Below(2'000'000));
    row.timestamp_ns = clock_ns_ - (Below(10) == 0 ? static_cast<int64_t>(Below(5'000'000'000)) : 0);
    row.timestamp_ns += static_cast<int64_t>(Below(static_cast<uint64_t>(days))) * 86'400'000'000'000;
    row.line = Line();
    if (Below(4) == 0)
      row.attributes = fmt::format(R"({{"trace":"t{:08x}","pod":"p-{}"}})", Below(1000), Below(3));
    if (Below(2) == 0) row.labels = {{"app", fmt::format("a{}", Below(3))}, {"env", "test"}};
    return row;
  }
  uint64_t Below(uint64_t limit) { return std::uniform_int_distribution<uint64_t>(0, limit - 1)(random_); }

 private:
  std::string Line() {
    switch (Below(12)) {
      case 0:  // no JSON
        return fmt::format("plain text {} id order{:010}", number_, Below(1000000));
      case 1:  // type conflict: "value" is of any type
        switch (Below(6)) {
          case 0:
            return fmt::format(R"({{"value":{},"n":{}}})", Below(1000), number_);
          case 1:
            return fmt::format(R"({{"value":"{}","n":{}}})", Below(1000), number_);
          case 2:
            return fmt::format(R"({{"value":{}.{:02},"n":{}}})", Below(1000), Below(100), number_);
          case 3:
            return fmt::format(R"({{"value":[1,{{"a":{}}}],"n":{}}})", Below(9), number_);
          case 4:
            return fmt::format(R"({{"value":null,"n":{}}})", number_);
          default:
            return fmt::format(R"({{"value":{},"n":{}}})", Below(2) == 0, number_);
        }
      case 2:  // keys that nobody else has
        return fmt::format(R"({{"k{}":{},"other":{{"x{}":"v"}}}})", Below(5000), number_, Below(50));
      case 3:  // odd spacing, escapes, duplicate keys, numbers beyond double
        return fmt::format(R"({{ "a" : "\u00e9\/{}" , "a":1, "big":1e400, "neg":-0 }})", number_);
      case 4:  // control characters, quotes, UTF-8
        return fmt::format(R"({{"message":"line\nbreak \"q\" \\ ü 漢 {}","tab":"\t"}})", number_);
      case 5:
        return Below(2) == 0 ? "" : std::string("\xff\xfe broken \0 utf8", 16);
      default:
        return fmt::format(R"({{"level":"{}","msg":"request done","ctx":{{"id":"req_{:012x}","user":"u{}"}},)"
                           R"("took":{}.{:03},"n":{}}})",
                           Below(5) == 0 ? "ERROR" : "INFO", Below(1ULL << 48), Below(40), Below(5000),
                           Below(1000), number_);
    }
  }

  std::mt19937_64 random_;
  uint64_t number_ = 0;
  int64_t clock_ns_ = 1'700'000'000'000'000'000;
};

inline record::RecordBatch MakeBatch(const std::vector<Row>& rows) {
  record::BatchBuilder builder;
  for (const Row& row : rows) {
    builder.SetStream(row.labels);
    builder.Append(row.line, row.timestamp_ns, row.attributes);
  }
  return builder.Finish();
}

inline void AppendRows(const record::RecordBatch& batch, const expr::Selection& selection,
                       std::vector<Row>& out) {
  record::RowCursor cursor(batch);
  for (const uint32_t row : selection) {
    cursor.MoveTo(row);
    Row& to = out.emplace_back();
    to.timestamp_ns = batch.timestamp_ns[row];
    cursor.AppendLine(to.line);
    cursor.AppendAttributes(to.attributes);
    to.labels = batch.streams[batch.stream_of(row)].labels;
  }
}

// All that a scan of whole lines gives, in its order (descending: latest first).
inline absl::StatusOr<std::vector<Row>> ReadRows(Store& store, ScanRequest request,
                                                 ScanStats* stats = nullptr) {
  request.columns.line = true;
  std::vector<Row> rows;
  const auto sink = [&](const record::RecordBatch& batch, const expr::Selection& selection) {
    EXPECT_TRUE(std::is_sorted(selection.begin(), selection.end()));
    std::vector<Row> some;
    AppendRows(batch, selection, some);
    if (request.order == Order::kDescending) std::reverse(some.begin(), some.end());
    rows.insert(rows.end(), some.begin(), some.end());
    return true;
  };
  if (const absl::Status status = store.Scan(request, sink, stats); !status.ok()) return status;
  return rows;
}

inline std::vector<Row> ReadRows(Store& store, Order order) {
  absl::StatusOr<std::vector<Row>> rows = ReadRows(store, ScanRequest{.order = order});
  EXPECT_TRUE(rows.ok()) << rows.status();
  return rows.ok() ? *std::move(rows) : std::vector<Row>();
}

// Rows in the order of their arrival.
class Reference {
 public:
  void Add(const std::vector<Row>& rows) { rows_.insert(rows_.end(), rows.begin(), rows.end()); }
  // Takes out the rows for which gone(row) is true, and says how many there were.
  template <typename Gone>
  size_t Remove(const Gone& gone) {
    return std::erase_if(rows_, gone);
  }
  const std::vector<Row>& rows() const { return rows_; }

  std::vector<Row> InOrder(Order order) const {
    std::vector<Row> sorted = rows_;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Row& a, const Row& b) { return a.timestamp_ns < b.timestamp_ns; });
    if (order == Order::kDescending) std::reverse(sorted.begin(), sorted.end());
    return sorted;
  }

 private:
  std::vector<Row> rows_;
};

// The store has exactly these rows, in every order.
inline void ExpectSame(Store& store, const Reference& reference) {
  for (const Order order : {Order::kAscending, Order::kDescending}) {
    const std::vector<Row> expected = reference.InOrder(order);
    const std::vector<Row> actual = ReadRows(store, order);
    ASSERT_EQ(actual.size(), expected.size());
    for (size_t i = 0; i < actual.size(); ++i) ASSERT_EQ(actual[i], expected[i]) << "row " << i;
  }
  std::vector<Row> any = ReadRows(store, Order::kNone);
  std::vector<Row> expected = reference.rows();
  std::sort(any.begin(), any.end());
  std::sort(expected.begin(), expected.end());
  ASSERT_EQ(any, expected);
}

}  // namespace taffrail::store
