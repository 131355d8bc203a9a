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
// escaped are therefore searched in their escaped form. Regular expressions name the texts without which they
// cannot match (required_texts.h), and phrases their words: lines are put together only where those occur.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "expr/condition.h"
#include "expr/node.h"
#include "expr/plain_regex.h"
#include "expr/required_texts.h"
#include "expr/scatter.h"
#include "expr/substring.h"
#include "expr/words.h"
#include "record/json_scan.h"
#include "record/json_writer.h"
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
      if (!NeedsColumn(batch.columns[i].key)) continue;
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

  bool NeedsColumn(const record::ColumnKey& key) const {
    return key.origin == record::Origin::kLine && condition_->MayPass(key.kind);
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
    if (column.key.kind != Kind::kEscaped && column.key.kind != Kind::kString) {
      return TestColumn(*condition_, column, hits);
    }
    if (!column.coded()) return TestTexts(column, hits);
    Bits of_texts;
    TestTexts(column, of_texts);
    SpreadCodes(column, of_texts, hits);
  }

  // Of the column's values, or the distinct texts of a coded one.
  void TestTexts(const Column& column, Bits& hits) const {
    hits.Reset(column.strings.size());
    condition_->Strings(column.strings, hits);
    if (column.key.kind == Kind::kString) AddEscapedHits(column.strings, hits);
  }

  // Adds the values that contain the piece only once they are escaped.
  void AddEscapedHits(const record::StringData& values, Bits& hits) const {
    const std::string& bytes = values.raw_bytes();
    const std::vector<uint32_t>& ends = values.raw_ends();
    const char* const begin = bytes.data();
    const char* const end = begin + bytes.size();
    std::string written;
    size_t value = 0;
    for (const char* at = record::FindSpecial(begin, end); at != end;) {
      while (ends[value] <= static_cast<size_t>(at - begin)) ++value;
      if (!hits[value]) {
        written.clear();
        record::AppendEscaped(values[value], written);
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
  bool NeedsColumn(const record::ColumnKey& key) const override { return search_.NeedsColumn(key); }

 private:
  PieceSearch search_;
};

// Puts the lines of the candidates together and asks the condition.
class VerdictNode final : public Node {
 public:
  explicit VerdictNode(std::unique_ptr<Condition> condition) : condition_(std::move(condition)) {}

  void Evaluate(const RecordBatch& batch, const Bits& candidates, Bits& result) const override {
    result.Reset(batch.rows());
    if (candidates.None()) return;
    const std::vector<bool> whole = WholeShapes(batch);
    record::RowCursor cursor(batch);
    std::string line;
    candidates.ForEach([&](size_t row) {
      if (!whole[batch.shape[row]]) return;
      cursor.MoveTo(row);
      line.clear();
      cursor.AppendLine(line);
      if (condition_->Text(line)) result.Set(row);
    });
  }

  int cost() const override { return kLineCost; }
  bool NeedsColumn(const record::ColumnKey& key) const override {
    return key.origin == record::Origin::kLine;
  }

 private:
  // Shapes of which a line can be put together: a scan leaves out columns of rows that it does not give.
  static std::vector<bool> WholeShapes(const RecordBatch& batch) {
    std::vector<bool> whole(batch.shapes.size(), true);
    for (size_t i = 0; i < whole.size(); ++i) {
      for (uint32_t hole = 0; hole < batch.shapes[i].line_holes; ++hole) {
        if (!batch.columns[batch.shapes[i].holes[hole].column].loaded) whole[i] = false;
      }
    }
    return whole;
  }

  std::unique_ptr<Condition> condition_;
};

// Both halves in one, where a condition on the line stands below OR or NOT.
class LineNode final : public Node {
 public:
  explicit LineNode(LineNodes nodes) : nodes_(std::move(nodes)) {}

  void Evaluate(const RecordBatch& batch, const Bits& candidates, Bits& result) const override {
    if (nodes_.prefilter == nullptr) return nodes_.verdict->Evaluate(batch, candidates, result);
    Bits possible;
    nodes_.prefilter->Evaluate(batch, candidates, possible);
    possible.And(candidates);
    nodes_.verdict->Evaluate(batch, possible, result);
  }
  int cost() const override { return kLineCost; }
  bool NeedsColumn(const record::ColumnKey& key) const override { return nodes_.verdict->NeedsColumn(key); }

 private:
  LineNodes nodes_;
};

ExprPtr LineContains(const Expr& like, std::string_view text, bool ignore_case) {
  Expr contains;
  contains.op = Expr::Op::kContains;
  contains.field = like.field;
  contains.text = text;
  contains.ignore_case = ignore_case;
  return Make(std::move(contains));
}

// The substrings that a regular expression stands for, when it is a choice of such.
ExprPtr AsContains(const Expr& expr) {
  if (expr.op != Expr::Op::kRegex || expr.anchored) return nullptr;
  const std::optional<PlainChoice> choice = AsPlainChoice(expr.text, expr.ignore_case);
  if (!choice) return nullptr;
  std::vector<ExprPtr> parts;
  for (const std::string& text : choice->texts)
    parts.push_back(LineContains(expr, text, choice->ignore_case));
  return Or(std::move(parts));
}

bool IsOnePiece(const Expr& expr) {
  return expr.op == Expr::Op::kContains && !expr.text.empty() &&
         PiecesOf(expr.text) == std::vector<std::string_view>{expr.text};
}

// True where the text has no piece at all.
ExprPtr ContainsPieces(const Expr& like, std::string_view text, bool ignore_case) {
  // A key and a value, usually; each search costs about what putting a tenth of the lines together does.
  constexpr size_t kMaxPieces = 3;
  std::vector<ExprPtr> parts;
  for (const std::string_view piece : PiecesOf(text)) {
    if (parts.size() < kMaxPieces) parts.push_back(LineContains(like, piece, ignore_case));
  }
  return And(std::move(parts));
}

ExprPtr ContainsOneOf(const Expr& like, const RequiredTexts& lists) {
  if (lists.empty()) return True();
  std::vector<ExprPtr> ways;
  for (const std::vector<std::string>& texts : lists) {
    // The longest alone: it is the rarest, mostly, and the others would be searched in all values as well.
    std::string_view longest;
    for (const std::string& text : texts) {
      const std::vector<std::string_view> pieces = PiecesOf(text);
      if (!pieces.empty() && pieces[0].size() > longest.size()) longest = pieces[0];
    }
    if (longest.empty()) return True();
    ways.push_back(LineContains(like, longest, /*ignore_case=*/true));
  }
  return Or(std::move(ways));
}

// What every line that passes contains, in terms of pieces; True when nothing is known.
ExprPtr PrefilterOf(const Expr& expr) {
  switch (expr.op) {
    case Expr::Op::kContains:
      return ContainsPieces(expr, expr.text, expr.ignore_case);
    case Expr::Op::kPhrase: {
      const PhraseMatcher phrase(expr.text);
      return phrase.empty() ? False() : ContainsPieces(expr, phrase.longest_word(), /*ignore_case=*/true);
    }
    case Expr::Op::kRegex:
      return ContainsOneOf(expr, RequiredTextsOf(expr.text, expr.ignore_case));
    default:
      return True();
  }
}

}  // namespace

absl::StatusOr<LineNodes> MakeLineNodes(const Expr& expr) {
  LineNodes nodes;
  if (const ExprPtr contains = AsContains(expr)) {
    TAFFRAIL_ASSIGN_OR_RETURN(nodes.verdict, CompileNode(contains));
    return nodes;
  }
  if (IsOnePiece(expr)) {
    nodes.verdict = std::make_unique<PieceNode>(expr);
    return nodes;
  }
  TAFFRAIL_ASSIGN_OR_RETURN(std::unique_ptr<Condition> condition, MakeCondition(expr));
  nodes.verdict = std::make_unique<VerdictNode>(std::move(condition));
  const ExprPtr prefilter = PrefilterOf(expr);
  if (prefilter->op != Expr::Op::kTrue) {
    TAFFRAIL_ASSIGN_OR_RETURN(nodes.prefilter, CompileNode(prefilter));
  }
  return nodes;
}

absl::StatusOr<std::unique_ptr<Node>> MakeLineNode(const Expr& expr) {
  TAFFRAIL_ASSIGN_OR_RETURN(LineNodes nodes, MakeLineNodes(expr));
  if (nodes.prefilter == nullptr) return std::move(nodes.verdict);
  return std::make_unique<LineNode>(std::move(nodes));
}

}  // namespace taffrail::expr
