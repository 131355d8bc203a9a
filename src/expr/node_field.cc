// A condition on one field: tests each value of its columns once, then spreads the answers over the rows.
#include <algorithm>
#include <string>
#include <vector>

#include "expr/binding.h"
#include "expr/condition.h"
#include "expr/node.h"
#include "expr/scatter.h"
#include "expr/value_memo.h"
#include "record/level.h"

namespace taffrail::expr {
namespace {

using record::RecordBatch;

// The answers of a condition for every place of a binding. An answer is kNo, kYes, or the index of a column's
// answers.
class Answers {
 public:
  static constexpr int32_t kNo = -1;
  static constexpr int32_t kYes = -2;

  Answers(const RecordBatch& batch, const Condition& condition, bool missing_passes)
      : batch_(batch), condition_(condition), missing_passes_(missing_passes) {}

  std::vector<int32_t> Of(const std::vector<Place>& places) {
    std::vector<int32_t> answers(places.size());
    for (size_t i = 0; i < places.size(); ++i) answers[i] = Of(places[i]);
    return answers;
  }
  const std::vector<uint32_t>& columns() const { return columns_; }
  const Bits& hits(int32_t answer) const { return hits_[static_cast<size_t>(answer)]; }

 private:
  int32_t Of(const Place& place) {
    switch (place.type) {
      case Place::Type::kNone:
        return missing_passes_ ? kYes : kNo;
      case Place::Type::kConstant:
        return TestJson(condition_, place.text) ? kYes : kNo;
      case Place::Type::kLabel:
        return condition_.Text(place.text) ? kYes : kNo;
      case Place::Type::kColumn:
        break;
    }
    // A scan leaves out columns that only rows have which it does not give.
    if (!batch_.columns[place.column].loaded) return kNo;
    const auto known = std::find(columns_.begin(), columns_.end(), place.column);
    if (known != columns_.end()) return static_cast<int32_t>(known - columns_.begin());
    columns_.push_back(place.column);
    TestColumn(condition_, batch_.columns[place.column], hits_.emplace_back());
    return static_cast<int32_t>(columns_.size() - 1);
  }

  const RecordBatch& batch_;
  const Condition& condition_;
  const bool missing_passes_;
  std::vector<uint32_t> columns_;
  std::vector<Bits> hits_;
};

// Makes a condition on level texts one on what they mean.
class LevelCondition final : public Condition {
 public:
  explicit LevelCondition(std::unique_ptr<Condition> inner) : inner_(std::move(inner)) {}
  bool Text(std::string_view text) const override {
    const auto level = record::ParseLevel(text);
    return inner_->Text(level ? record::LevelName(*level) : text);
  }
  void Strings(const record::StringData& values, Bits& hits) const override {
    TestDistinct(
        values, [this](std::string_view text) { return Text(text); }, hits);
  }

 private:
  std::unique_ptr<Condition> inner_;
};

class FieldNode final : public Node {
 public:
  FieldNode(const Expr& expr, std::unique_ptr<Condition> condition)
      : field_(expr.field),
        condition_(std::move(condition)),
        missing_passes_(expr.missing_is_empty && condition_->Text("")) {}

  void Evaluate(const RecordBatch& batch, const Bits&, Bits& result) const override {
    const Binding binding(batch, field_);
    Answers answers(batch, *condition_, missing_passes_);
    const std::vector<int32_t> by_shape = answers.Of(binding.by_shape());
    result.Reset(batch.rows());
    if (!binding.shape_only()) return ByStream(batch, binding, by_shape, answers, result);
    const bool nothing = std::all_of(by_shape.begin(), by_shape.end(), [&](int32_t answer) {
      return answer == Answers::kNo || (answer >= 0 && answers.hits(answer).None());
    });
    if (nothing) return;
    if (answers.columns().size() == 1 && answers.hits(0).size() == batch.rows()) {
      result = answers.hits(0);  // every row has a value there
      return;
    }
    if (answers.columns().size() == 1) return OneColumn(batch, by_shape, answers, result);
    const ColumnSteps steps(batch, answers.columns());
    std::vector<uint32_t> position(answers.columns().size(), 0);
    for (size_t row = 0; row < batch.rows(); ++row) {
      const uint32_t shape = batch.shape[row];
      SetRow(answers, by_shape[shape], position, row, result);
      for (const uint32_t* step = steps.begin(shape); step != steps.end(shape); ++step) ++position[*step];
    }
  }

  bool MayHold(const RecordBatch& batch) const override {
    const Binding binding(batch, field_);
    const auto may_pass = [&](const Place& place) {
      switch (place.type) {
        case Place::Type::kNone:
          return missing_passes_;
        case Place::Type::kConstant:
          return TestJson(*condition_, place.text);
        case Place::Type::kLabel:
          return condition_->Text(place.text);
        case Place::Type::kColumn:
          return condition_->MayPass(batch.columns[place.column].key.kind);
      }
      return true;
    };
    return std::any_of(binding.by_shape().begin(), binding.by_shape().end(), may_pass) ||
           (!binding.shape_only() &&
            (std::any_of(binding.by_stream().begin(), binding.by_stream().end(), may_pass) ||
             std::any_of(binding.extracted().begin(), binding.extracted().end(), may_pass)));
  }

  int cost() const override { return kColumnCost; }
  bool NeedsColumn(const record::ColumnKey& key) const override { return Binding::NeedsColumn(field_, key); }

 private:
  static void SetRow(const Answers& answers, int32_t answer, const std::vector<uint32_t>& position,
                     size_t row, Bits& result) {
    if (answer == Answers::kYes ||
        (answer >= 0 && answers.hits(answer)[position[static_cast<size_t>(answer)]])) {
      result.Set(row);
    }
  }

  // Of each shape: no, yes, or as the next value says.
  static void OneColumn(const RecordBatch& batch, const std::vector<int32_t>& by_shape,
                        const Answers& answers, Bits& result) {
    const ColumnShapes column(batch, answers.columns()[0]);
    const Bits& hits = answers.hits(0);
    const bool only_values = std::ranges::count(by_shape, Answers::kYes) == 0;
    if (only_values && RowsOfShapes::AreFew(column.by_shape())) {
      size_t position = 0;
      RowsOfShapes(batch, column.by_shape()).ForEach([&](size_t row) {
        if (hits[position++] && by_shape[batch.shape[row]] >= 0) result.Set(row);
      });
      return;
    }
    std::vector<uint8_t> yes(by_shape.size(), 0);
    std::vector<uint8_t> asks(by_shape.size(), 0);
    for (size_t shape = 0; shape < by_shape.size(); ++shape) {
      yes[shape] = by_shape[shape] == Answers::kYes ? 1 : 0;
      asks[shape] = by_shape[shape] >= 0 ? 1 : 0;
    }
    // Without a branch, which rows of mixed shapes would take at random. Past the last value nobody asks.
    const uint32_t last = static_cast<uint32_t>(std::max<size_t>(hits.size(), 1) - 1);
    const Bits none(1);
    const Bits& known = hits.size() == 0 ? none : hits;
    uint32_t position = 0;
    result.Fill(batch.rows(), [&](size_t row) {
      const uint32_t shape = batch.shape[row];
      const bool hit = known[std::min(position, last)];
      position += column.Has(shape) ? 1 : 0;
      return uint64_t{yes[shape]} | (uint64_t{asks[shape]} & uint64_t{hit});
    });
  }

  void ByStream(const RecordBatch& batch, const Binding& binding, const std::vector<int32_t>& by_shape,
                Answers& answers, Bits& result) const {
    const std::vector<int32_t> by_stream = answers.Of(binding.by_stream());
    const std::vector<int32_t> extracted = answers.Of(binding.extracted());
    const auto answer_of = [&](uint32_t shape, uint32_t stream) {
      const Place& place = binding.At(shape, stream);
      if (&place == &binding.by_stream()[stream]) return by_stream[stream];
      return &place == &binding.by_shape()[shape] ? by_shape[shape] : extracted[shape];
    };
    const ColumnSteps steps(batch, answers.columns());
    std::vector<uint32_t> position(answers.columns().size(), 0);
    for (size_t row = 0; row < batch.rows(); ++row) {
      const uint32_t shape = batch.shape[row];
      SetRow(answers, answer_of(shape, batch.stream_of(row)), position, row, result);
      for (const uint32_t* step = steps.begin(shape); step != steps.end(shape); ++step) ++position[*step];
    }
  }

  FieldRef field_;
  std::unique_ptr<Condition> condition_;
  bool missing_passes_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Node>> MakeFieldNode(const Expr& expr) {
  TAFFRAIL_ASSIGN_OR_RETURN(std::unique_ptr<Condition> condition, MakeCondition(expr));
  if (expr.field.source == FieldRef::Source::kLevel) {
    condition = std::make_unique<LevelCondition>(std::move(condition));
  }
  return std::make_unique<FieldNode>(expr, std::move(condition));
}

}  // namespace taffrail::expr
