// Conditions on the stored line. Lines are kept as shapes and values, and putting one together costs more
// than searching it; so a substring is looked for where it can be.
//
// A substring without JSON's own punctuation, escapes or white space cannot span a value's border: in the
// line it lies inside one literal of the skeleton (a key) or inside one value as written. So
//
//   |= "timeout"             is answered by the columns and skeletons alone;
//   |= "\"code\":\"E42\""    can only hold where its longest such piece, code, occurs, and is checked there
//   on the line.
//
// "As written" is the catch: the value a⏎b is written a\nb, which contains "nb". Values with a byte that gets
// escaped are therefore searched in their escaped form. Everything else (regular expressions, phrases …)
// reads the lines.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "expr/condition.h"
#include "expr/node.h"
#include "expr/plain_regex.h"
#include "expr/scatter.h"
#include "expr/substring.h"
#include "expr/words.h"
#include "record/json_scan.h"
#include "record/row_cursor.h"

namespace taffrail::expr {
namespace {

using record::Column;
using record::Kind;
using record::RecordBatch;

bool StaysInOnePlace(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && std::string_view("\",:{}[]\\").find(c) == std::string_view::npos;
}

// The runs of the needle that cannot span a border, longest first.
std::vector<std::string_view> PiecesOf(std::string_view needle) {
  std::vector<std::string_view> pieces;
  for (size_t begin = 0; begin < needle.size(); ++begin) {
    size_t end = begin;
    while (end < needle.size() && StaysInOnePlace(needle[end])) ++end;
    if (end > begin) pieces.push_back(needle.substr(begin, end - begin));
    begin = end;
  }
  std::stable_sort(pieces.begin(), pieces.end(), [](auto a, auto b) { return a.size() > b.size(); });
  return pieces;
}

// Finds the rows whose line contains a piece that stays in one place.
class PieceSearch {
 public:
  explicit PieceSearch(const Expr& contains, std::string_view piece) : ignore_case_(contains.ignore_case) {
    Expr expr = contains;
    expr.text = piece;
    condition_ = MakeContainsCondition(expr);
    if (ignore_case_) {
      AppendFolded(piece, piece_);
    } else {
      piece_ = piece;
    }
  }

  void Evaluate(const RecordBatch& batch, Bits& result) const {
    result.Reset(batch.rows());
    std::vector<uint32_t> columns;
    std::vector<Bits> hits;
    for (uint32_t i = 0; i < batch.columns.size(); ++i) {
      if (batch.columns[i].key.origin != record::Origin::kLine) continue;
      Bits column_hits;
      TestAsWritten(batch.columns[i], column_hits);
      if (column_hits.None()) continue;
      columns.push_back(i);
      hits.push_back(std::move(column_hits));
    }
    std::vector<bool> shapes(batch.shapes.size());
    for (size_t i = 0; i < shapes.size(); ++i) shapes[i] = InSkeleton(batch.shapes[i]);
    const ColumnSteps steps(batch, columns);
    std::vector<uint32_t> position(columns.size(), 0);
    for (size_t row = 0; row < batch.rows(); ++row) {
      const uint32_t shape = batch.shape[row];
      bool matches = shapes[shape];
      for (const uint32_t* step = steps.begin(shape); step != steps.end(shape); ++step) {
        matches |= hits[*step][position[*step]++];
      }
      if (matches) result.Set(row);
    }
  }

 private:
  bool Contains(std::string_view text) const {
    const size_t hit = ignore_case_ ? FindFolded(text, piece_) : FindSubstring(text, piece_);
    return hit != std::string_view::npos;
  }

  // Holes are bytes that no piece contains, so that one search over the skeleton finds no match across a
  // hole.
  bool InSkeleton(const record::Shape& shape) const {
    return Contains(std::string_view(shape.skeleton).substr(0, shape.line_size));
  }

  void TestAsWritten(const Column& column, Bits& hits) const {
    if (column.key.kind == Kind::kEscaped) {
      hits.Reset(column.size());
      condition_->Strings(column.strings, hits);
      return;
    }
    TestColumn(*condition_, column, hits);
    if (column.key.kind == Kind::kString) AddEscapedHits(column, hits);
  }

  // Adds the values that contain the piece only once they are escaped.
  void AddEscapedHits(const Column& column, Bits& hits) const {
    const std::string& bytes = column.strings.raw_bytes();
    const std::vector<uint32_t>& ends = column.strings.raw_ends();
    const char* const begin = bytes.data();
    const char* const end = begin + bytes.size();
    std::string written;
    size_t value = 0;
    for (const char* at = record::FindSpecial(begin, end); at != end;) {
      while (ends[value] <= static_cast<size_t>(at - begin)) ++value;
      if (!hits[value]) {
        written.clear();
        record::AppendJsonValue(column, value, written);
        if (Contains(written)) hits.Set(value);
      }
      at = record::FindSpecial(begin + ends[value], end);
    }
  }

  std::unique_ptr<Condition> condition_;
  std::string piece_;  // folded when case is ignored
  bool ignore_case_;
};

class PieceNode final : public Node {
 public:
  explicit PieceNode(const Expr& expr) : search_(expr, expr.text) {}
  void Evaluate(const RecordBatch& batch, const Bits&, Bits& result) const override {
    search_.Evaluate(batch, result);
  }
  int cost() const override { return kAllColumnsCost; }

 private:
  PieceSearch search_;
};

class LineNode final : public Node {
 public:
  LineNode(const Expr& expr, std::unique_ptr<Condition> condition) : condition_(std::move(condition)) {
    if (expr.op != Expr::Op::kContains) return;
    // A key and a value, usually; each search costs about what putting a tenth of the lines together does.
    constexpr size_t kMaxPieces = 3;
    for (const std::string_view piece : PiecesOf(expr.text)) {
      if (prefilters_.size() < kMaxPieces) prefilters_.emplace_back(expr, piece);
    }
  }

  void Evaluate(const RecordBatch& batch, const Bits& candidates, Bits& result) const override {
    Bits rows = candidates;
    Bits possible;
    for (const PieceSearch& prefilter : prefilters_) {
      prefilter.Evaluate(batch, possible);
      rows.And(possible);
    }
    result.Reset(batch.rows());
    if (rows.None()) return;
    record::RowCursor cursor(batch);
    std::string line;
    rows.ForEach([&](size_t row) {
      cursor.MoveTo(row);
      line.clear();
      cursor.AppendLine(line);
      if (condition_->Text(line)) result.Set(row);
    });
  }

  int cost() const override { return kLineCost; }

 private:
  std::unique_ptr<Condition> condition_;
  std::vector<PieceSearch> prefilters_;
};

// The substrings that a regular expression stands for, when it is a choice of such.
ExprPtr AsContains(const Expr& expr) {
  if (expr.op != Expr::Op::kRegex || expr.anchored) return nullptr;
  const std::optional<PlainChoice> choice = AsPlainChoice(expr.text, expr.ignore_case);
  if (!choice) return nullptr;
  std::vector<ExprPtr> parts;
  for (const std::string& text : choice->texts) {
    Expr contains;
    contains.op = Expr::Op::kContains;
    contains.field = expr.field;
    contains.text = text;
    contains.ignore_case = choice->ignore_case;
    parts.push_back(Make(std::move(contains)));
  }
  return Or(std::move(parts));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Node>> MakeLineNode(const Expr& expr) {
  if (const ExprPtr contains = AsContains(expr)) return CompileNode(contains);
  const bool contains = expr.op == Expr::Op::kContains;
  if (contains && !expr.text.empty() && PiecesOf(expr.text) == std::vector<std::string_view>{expr.text}) {
    return std::make_unique<PieceNode>(expr);
  }
  TAFFRAIL_ASSIGN_OR_RETURN(std::unique_ptr<Condition> condition, MakeCondition(expr));
  return std::make_unique<LineNode>(expr, std::move(condition));
}

}  // namespace taffrail::expr
