#include "query/exec/aggregate_column.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/hash.h"
#include "fmt/format.h"
#include "query/exec/distinct.h"
#include "query/exec/exact_sum.h"

namespace taffrail::query::exec {
namespace {

using expr::Value;

bool IsNothing(const Value& value) {
  return std::holds_alternative<expr::Missing>(value) || std::holds_alternative<expr::Null>(value);
}

class Count final : public AggregateColumn {
 public:
  Count(bool of_rows, size_t cell) : of_rows_(of_rows), cell_(cell) {}
  void AddGroup() override { counts_.push_back(0); }
  size_t Add(size_t group, const Cells& cells) override {
    if (of_rows_ || !IsNothing(cells.Read(cell_))) ++counts_[group];
    return 0;
  }
  Value Result(size_t group) override { return counts_[group]; }
  size_t group_bytes() const override { return sizeof(int64_t); }

  bool is_splittable() const override { return true; }
  size_t AddAll(std::span<const uint32_t> groups, const expr::FieldValues* values) override {
    if (values == nullptr && counts_.size() == 1) {
      counts_[0] += static_cast<int64_t>(groups.size());
    } else if (values == nullptr) {
      for (const uint32_t group : groups) ++counts_[group];
    } else {
      std::vector<uint8_t> counts;
      for (const auto& source : values->sources()) {
        counts.push_back(source.column != nullptr || !IsNothing(source.constant) ? 1 : 0);
      }
      for (size_t i = 0; i < groups.size(); ++i) counts_[groups[i]] += counts[values->source(i)];
    }
    return 0;
  }
  size_t Merge(AggregateColumn& other, std::span<const uint32_t> groups) override {
    const auto& from = static_cast<Count&>(other).counts_;
    for (size_t g = 0; g < groups.size(); ++g) counts_[groups[g]] += from[g];
    return 0;
  }

 private:
  bool of_rows_;
  size_t cell_;
  std::vector<int64_t> counts_;
};

// Of all rows those of each group.
class Share final : public AggregateColumn {
 public:
  void AddGroup() override { counts_.push_back(0); }
  size_t Add(size_t group, const Cells&) override {
    ++counts_[group];
    ++total_;
    return 0;
  }
  Value Result(size_t group) override {
    if (total_ == 0) return expr::Null{};
    return expr::MakeNumber(static_cast<double>(counts_[group]) / static_cast<double>(total_));
  }
  size_t group_bytes() const override { return sizeof(uint64_t); }

 private:
  std::vector<uint64_t> counts_;
  uint64_t total_ = 0;
};

// Of the values' hashes (distinct.h): 64 bits hold billions of values before two are likely to meet.
class CountDistinct final : public AggregateColumn {
 public:
  explicit CountDistinct(size_t cell) : cell_(cell) {}
  void AddGroup() override { seen_.emplace_back(); }
  size_t Add(size_t group, const Cells& cells) override {
    const Value value = cells.Read(cell_);
    if (IsNothing(value)) return 0;
    return Insert(group, HashOf(value));
  }
  Value Result(size_t group) override {
    estimates_ = estimates_ || seen_[group].is_estimate();
    return static_cast<int64_t>(seen_[group].Count());
  }
  std::string Note() const override {
    if (!estimates_) return "";
    return fmt::format("count_distinct of more than {} values is an estimate (HyperLogLog, error 0.8 %)",
                       DistinctSet::kExactMost);
  }
  size_t group_bytes() const override { return sizeof(seen_[0]); }

  bool is_splittable() const override { return true; }
  size_t AddAll(std::span<const uint32_t> groups, const expr::FieldValues* values) override {
    hashes_.clear();
    hash_groups_.clear();
    std::vector<std::vector<uint64_t>> of_texts(values->sources().size());
    for (size_t i = 0; i < groups.size(); ++i) {
      const uint32_t number = values->source(i);
      const expr::FieldValues::Source& source = values->sources()[number];
      if (source.column == nullptr && IsNothing(source.constant)) continue;
      hashes_.push_back(HashOf(*values, source, values->index(i), of_texts[number]));
      hash_groups_.push_back(groups[i]);
    }
    if (seen_.size() == 1) {
      DropRecent();
      const size_t before = seen_[0].memory_bytes();
      seen_[0].InsertAll(hashes_);
      return seen_[0].memory_bytes() - before;
    }
    size_t bytes = 0;
    for (size_t i = 0; i < hashes_.size(); ++i) bytes += Insert(hash_groups_[i], hashes_[i]);
    return bytes;
  }
  size_t Merge(AggregateColumn& other, std::span<const uint32_t> groups) override {
    auto& from = static_cast<CountDistinct&>(other).seen_;
    size_t bytes = 0;
    for (size_t g = 0; g < groups.size(); ++g) {
      DistinctSet& to = seen_[groups[g]];
      const size_t before = to.memory_bytes();
      to.Merge(from[g]);
      bytes += to.memory_bytes() - before;
    }
    return bytes;
  }

 private:
  static constexpr uint64_t kTextSeed = 1;
  static constexpr uint64_t kOtherSeed = 2;

  // Texts by themselves, all else with its kind: the text 5 is not the number 5.
  static uint64_t HashOf(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return base::Hash64(*text, kTextSeed);
    std::string key;
    expr::AppendKey(value, key);
    return base::Hash64(key, kOtherSeed);
  }

  // `of_texts`: of a coded column, as far as they are known.
  static uint64_t HashOf(const expr::FieldValues& values, const expr::FieldValues::Source& source,
                         uint32_t index, std::vector<uint64_t>& of_texts) {
    const record::Column* column = source.column;
    const bool is_text = column != nullptr && column->key.kind == record::Kind::kString && !values.is_level();
    if (column != nullptr && column->coded()) {
      if (of_texts.empty()) of_texts.resize(column->strings.size(), 0);
      uint64_t& hash = of_texts[column->codes[index]];
      if (hash == 0) {
        hash = is_text ? base::Hash64(column->text(index), kTextSeed) : HashOf(values.Read(source, index));
      }
      return hash;
    }
    return is_text ? base::Hash64(column->text(index), kTextSeed) : HashOf(values.Read(source, index));
  }

  // Lines of one request lie near each other: a table that fits the nearest cache spares the set most of
  // them.
  void DropRecent() {
    constexpr unsigned kRecentBits = 11;
    recent_.resize(size_t{1} << kRecentBits, 0);
    size_t kept = 0;
    for (const uint64_t hash : hashes_) {
      uint64_t& recent = recent_[hash >> (64 - kRecentBits)];
      hashes_[kept] = hash;
      kept += recent != hash || hash == 0 ? 1 : 0;
      recent = hash;
    }
    hashes_.resize(kept);
  }

  size_t Insert(size_t group, uint64_t hash) {
    const size_t before = seen_[group].memory_bytes();
    seen_[group].Insert(hash);
    return seen_[group].memory_bytes() - before;
  }

  size_t cell_;
  std::vector<DistinctSet> seen_;
  bool estimates_ = false;        // of the results that were asked for
  std::vector<uint64_t> hashes_;  // of one call of AddAll
  std::vector<uint32_t> hash_groups_;
  std::vector<uint64_t> recent_;  // of the only group: hashes that it has
};

class Sum final : public AggregateColumn {
 public:
  Sum(bool average, size_t cell) : average_(average), cell_(cell) {}
  void AddGroup() override { sums_.emplace_back(); }
  size_t Add(size_t group, const Cells& cells) override {
    expr::Numeric number;
    if (!cells.ReadNumber(cell_, number)) return 0;
    if (number.is_integer) {
      sums_[group].Add(number.integer, 0);
    } else {
      sums_[group].Add(number.value);
    }
    return 0;
  }
  Value Result(size_t group) override {
    const ExactSum& sum = sums_[group];
    if (sum.count() == 0) return expr::Null{};
    if (!average_ && sum.IsInteger()) return sum.Integer();
    return expr::MakeNumber(average_ ? sum.Double() / static_cast<double>(sum.count()) : sum.Double());
  }
  size_t group_bytes() const override { return sizeof(ExactSum); }

  bool is_splittable() const override { return true; }
  size_t AddAll(std::span<const uint32_t> groups, const expr::FieldValues* values) override {
    values->ForEachDecimal(
        [&](size_t i, int64_t mantissa, int scale) { sums_[groups[i]].Add(mantissa, scale); },
        [&](size_t i, double number) { sums_[groups[i]].Add(number); }, [](size_t) {});
    return 0;
  }
  size_t Merge(AggregateColumn& other, std::span<const uint32_t> groups) override {
    const auto& from = static_cast<Sum&>(other).sums_;
    for (size_t g = 0; g < groups.size(); ++g) sums_[groups[g]].Merge(from[g]);
    return 0;
  }

 private:
  bool average_;
  size_t cell_;
  std::vector<ExactSum> sums_;
};

// By the order of expr::CompareValues: numbers before texts. Of equal numbers in different notations the one
// whose text comes first, whatever the order of the rows.
class Extreme final : public AggregateColumn {
 public:
  Extreme(bool maximum, size_t cell) : maximum_(maximum), cell_(cell) {}
  void AddGroup() override { best_.emplace_back(); }
  size_t Add(size_t group, const Cells& cells) override {
    Take(best_[group], cells.Read(cell_));
    return 0;
  }
  Value Result(size_t group) override { return best_[group].value; }
  size_t group_bytes() const override { return 2 * sizeof(Best); }

  bool is_splittable() const override { return true; }
  size_t AddAll(std::span<const uint32_t> groups, const expr::FieldValues* values) override {
    const auto other = [&](size_t i) { Take(best_[groups[i]], values->Read(i)); };
    // A text that reads as a number is none here: texts come after all numbers.
    values->ForEachDecimal(
        [&](size_t i, int64_t mantissa, int scale) {
          const Best& best = best_[groups[i]];
          const double number =
              scale == 0 ? static_cast<double>(mantissa) : expr::DecimalToDouble(mantissa, scale);
          if (best.is_number && (maximum_ ? number < best.number : number > best.number)) return;
          other(i);
        },
        [&](size_t i, double) { other(i); }, other);
    return 0;
  }
  size_t Merge(AggregateColumn& other, std::span<const uint32_t> groups) override {
    auto& from = static_cast<Extreme&>(other).best_;
    for (size_t g = 0; g < groups.size(); ++g) Take(best_[groups[g]], std::move(from[g].value));
    return 0;
  }

 private:
  struct Best {
    Value value = expr::Null{};
    double number = 0;
    bool is_number = false;  // the value is `number`, as a number
  };

  void Take(Best& best, Value value) const {
    if (IsNothing(value)) return;
    if (!IsNothing(best.value)) {
      int order = expr::CompareValues(value, best.value);
      if (maximum_) order = -order;
      if (order > 0 || (order == 0 && expr::ToText(value) >= expr::ToText(best.value))) return;
    }
    best.is_number = !std::holds_alternative<std::string>(value) && expr::ToNumber(value, best.number);
    best.value = std::move(value);
  }

  bool maximum_;
  size_t cell_;
  std::vector<Best> best_;
};

}  // namespace

size_t AggregateColumn::AddAll(std::span<const uint32_t>, const expr::FieldValues*) { return 0; }
size_t AggregateColumn::Merge(AggregateColumn&, std::span<const uint32_t>) { return 0; }

std::unique_ptr<AggregateColumn> MakeAggregateColumn(const plan::Call& call, size_t cell) {
  switch (call.function) {
    case plan::Function::kCount:
      return std::make_unique<Count>(!call.has_field, cell);
    case plan::Function::kCountDistinct:
      return std::make_unique<CountDistinct>(cell);
    case plan::Function::kSum:
    case plan::Function::kAvg:
      return std::make_unique<Sum>(call.function == plan::Function::kAvg, cell);
    case plan::Function::kMin:
    case plan::Function::kMax:
      return std::make_unique<Extreme>(call.function == plan::Function::kMax, cell);
    case plan::Function::kQuantile:
      return MakeQuantileColumn(call.quantile, cell);
    case plan::Function::kShare:
      return std::make_unique<Share>();
    case plan::Function::kStddev:
      return MakeStddevColumn(cell);
    case plan::Function::kFirst:
    case plan::Function::kLast:
      return MakeEndColumn(call.function == plan::Function::kLast, cell);
  }
  return nullptr;
}

}  // namespace taffrail::query::exec
