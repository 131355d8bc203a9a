// A condition on any value of the record: every column is tested, then only those with a hit are spread over
// the rows.
#include <vector>

#include "expr/condition.h"
#include "expr/node.h"
#include "expr/requirements.h"
#include "expr/scatter.h"

namespace taffrail::expr {
namespace {

using record::RecordBatch;

class AnyNode final : public Node {
 public:
  AnyNode(std::unique_ptr<Condition> condition, bool wants_ids)
      : condition_(std::move(condition)), wants_ids_(wants_ids) {}

  void Evaluate(const RecordBatch& batch, const Bits&, Bits& result) const override {
    result.Reset(batch.rows());
    std::vector<uint32_t> columns;
    std::vector<Bits> hits;
    for (uint32_t i = 0; i < batch.columns.size(); ++i) {
      if (!condition_->MayPass(batch.columns[i].key.kind)) continue;
      Bits column_hits;
      TestColumn(*condition_, batch.columns[i], column_hits);
      if (column_hits.None()) continue;
      columns.push_back(i);
      hits.push_back(std::move(column_hits));
    }
    const std::vector<bool> shapes = MatchingShapes(batch);
    const std::vector<bool> streams = MatchingStreams(batch);
    const ColumnSteps steps(batch, columns);
    std::vector<uint32_t> position(columns.size(), 0);
    for (size_t row = 0; row < batch.rows(); ++row) {
      const uint32_t shape = batch.shape[row];
      bool matches = shapes[shape] || streams[batch.stream_of(row)];
      for (const uint32_t* step = steps.begin(shape); step != steps.end(shape); ++step) {
        matches |= hits[*step][position[*step]++];
      }
      if (matches) result.Set(row);
    }
  }

  bool WantsIds() const override { return wants_ids_; }
  int cost() const override { return kAllColumnsCost; }
  bool NeedsColumn(const record::ColumnKey& key) const override { return condition_->MayPass(key.kind); }

 private:
  std::vector<bool> MatchingShapes(const RecordBatch& batch) const {
    std::vector<bool> matches(batch.shapes.size(), false);
    for (size_t i = 0; i < batch.shapes.size(); ++i) {
      for (const record::Constant& constant : batch.shapes[i].constants) {
        if (constant.json != "null" && TestJson(*condition_, constant.json)) matches[i] = true;
      }
    }
    return matches;
  }

  std::vector<bool> MatchingStreams(const RecordBatch& batch) const {
    std::vector<bool> matches(batch.streams.empty() ? 1 : batch.streams.size(), false);
    for (size_t i = 0; i < batch.streams.size(); ++i) {
      for (const auto& [name, value] : batch.streams[i].labels) {
        if (condition_->Text(value)) matches[i] = true;
      }
    }
    return matches;
  }

  std::unique_ptr<Condition> condition_;
  const bool wants_ids_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Node>> MakeAnyNode(const Expr& expr) {
  TAFFRAIL_ASSIGN_OR_RETURN(std::unique_ptr<Condition> condition, MakeCondition(expr));
  return std::make_unique<AnyNode>(std::move(condition), !RequiredWordsOf(expr).empty());
}

}  // namespace taffrail::expr
