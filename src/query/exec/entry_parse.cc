// Parse: fields out of a text (query/parse), with LogQL's rules for names that are taken and for errors.
#include <algorithm>
#include <optional>

#include "expr/binding.h"
#include "expr/number.h"
#include "query/exec/entry_operator.h"
#include "query/parse/csv.h"
#include "query/parse/json.h"
#include "query/parse/logfmt.h"
#include "query/parse/pattern.h"
#include "query/parse/regexp.h"

namespace taffrail::query::exec {
namespace {

using Format = plan::ParseFields::Format;
using parse::FieldType;

constexpr std::string_view kJsonError = "JSONParserErr";
constexpr std::string_view kLogfmtError = "LogfmtParserErr";

expr::Value MakeValue(std::string_view text, FieldType type, bool typed) {
  double number = 0;
  if (typed && (type != FieldType::kText || expr::ParseNumber(text, number)))
    return expr::ParseJsonValue(text);
  return std::string(text);
}

// Fields of an entry that is being parsed. `first_wins`: of names found twice.
class EntrySink final : public parse::FieldSink {
 public:
  EntrySink(Entry& entry, const plan::ParseFields& parse, bool first_wins)
      : entry_(entry), parse_(parse), first_wins_(first_wins) {}

  void Add(std::string_view name, std::string_view value, FieldType type) override {
    if (name.empty()) return;
    if (entry_.HasBase(name)) {
      name_ = name;
      name_ += expr::kExtractedSuffix;
      name = name_;
    }
    if (parse_.only && std::find(parse_.only->begin(), parse_.only->end(), name) == parse_.only->end())
      return;
    if (first_wins_) {
      if (std::find(seen_.begin(), seen_.end(), name) != seen_.end()) return;
      seen_.emplace_back(name);
    }
    // Numbers are told by their looks where the format has no other way.
    const bool told = parse_.format == Format::kJson && type == FieldType::kText;
    entry_.Set(name, MakeValue(value, type, parse_.typed && !told), EntryField::Origin::kParsed);
  }

 private:
  Entry& entry_;
  const plan::ParseFields& parse_;
  const bool first_wins_;
  std::string name_;
  std::vector<std::string> seen_;
};

// Keeps what is wanted of a format's fields, under other names.
class RenamingSink final : public parse::FieldSink {
 public:
  RenamingSink(const plan::ParseFields& parse, parse::FieldSink& next) : parse_(parse), next_(next) {}
  void Add(std::string_view name, std::string_view value, FieldType type) override {
    for (const auto& wanted : parse_.wanted) {
      if (wanted.path == name) next_.Add(wanted.name, value, type);
    }
  }

 private:
  const plan::ParseFields& parse_;
  parse::FieldSink& next_;
};

class Parse final : public EntryOperator {
 public:
  Parse(const plan::ParseFields& parse, EntryContext context, EntryOperatorPtr next)
      : parse_(parse), from_(parse.from, context.schema), context_(context.context), next_(std::move(next)) {}

  absl::Status Compile() {
    if (parse_.format == Format::kPattern) {
      TAFFRAIL_ASSIGN_OR_RETURN(pattern_,
                                parse::Pattern::Parse(parse_.pattern, parse::Pattern::Use::kFields));
    }
    if (parse_.format == Format::kRegexp) {
      TAFFRAIL_ASSIGN_OR_RETURN(regexp_, parse::Regexp::Compile(parse_.pattern));
    }
    if (parse_.format != Format::kJson) return absl::OkStatus();
    for (const auto& wanted : parse_.wanted) {
      TAFFRAIL_ASSIGN_OR_RETURN(parse::JsonPath path, parse::JsonPath::Parse(wanted.path));
      paths_.push_back(std::move(path));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Flow> Push(Entry entry) override {
    ++context_.stats.rows_in;
    ++context_.stats.rows_out;
    if (parse_.from.source == expr::FieldRef::Source::kLine) {
      ParseText(entry.line, entry);
    } else {
      const std::string text = expr::ToText(from_.Read(entry));
      ParseText(text, entry);
    }
    return next_->Push(std::move(entry));
  }
  absl::Status Finish() override { return next_->Finish(); }

 private:
  void ParseText(std::string_view text, Entry& entry) {
    EntrySink sink(entry, parse_, parse_.format == Format::kJson);
    switch (parse_.format) {
      case Format::kJson:
        return paths_.empty() ? ParseWholeJson(text, sink, entry) : ParseJsonPaths(text, sink, entry);
      case Format::kLogfmt:
        return ParseLogfmt(text, sink, entry);
      case Format::kPattern:
        return pattern_->Match(text, sink);
      case Format::kRegexp:
        return regexp_->Match(text, sink);
      case Format::kUnpack:
        return Unpack(text, sink, entry);
      case Format::kCsv:
        return ParseCsv(text, sink);
    }
  }

  static void ParseWholeJson(std::string_view text, EntrySink& sink, Entry& entry) {
    if (!parse::ParseJson(text, sink)) entry.SetError(kJsonError, "the line is not a JSON object");
  }

  void ParseJsonPaths(std::string_view text, EntrySink& sink, Entry& entry) {
    if (text.empty()) return;
    if (!parse::IsJson(text)) return entry.SetError(kJsonError, "the line is not JSON");
    std::string value;
    for (size_t i = 0; i < paths_.size(); ++i) {
      value.clear();
      FieldType type = FieldType::kText;
      paths_[i].Find(text, value, type);
      sink.Add(parse_.wanted[i].name, value, type);
    }
  }

  void ParseLogfmt(std::string_view text, EntrySink& sink, Entry& entry) {
    const parse::LogfmtOptions options{.strict = parse_.strict, .keep_empty = parse_.keep_empty};
    RenamingSink renaming(parse_, sink);
    std::string_view error;
    if (parse_.wanted.empty()) {
      error = parse::ParseLogfmt(text, options, sink);
    } else {
      error = parse::ParseLogfmt(text, options, renaming);
      for (const auto& wanted : parse_.wanted) {
        if (!entry.Has(wanted.name)) sink.Add(wanted.name, "", FieldType::kText);
      }
    }
    if (!error.empty()) entry.SetError(kLogfmtError, error);
  }

  static void Unpack(std::string_view text, EntrySink& sink, Entry& entry) {
    if (text.empty()) return;
    std::string line;
    bool has_line = false;
    if (!parse::Unpack(text, sink, line, has_line)) {
      return entry.SetError(kJsonError, "expecting json object, but it is not");
    }
    if (has_line) entry.line = std::move(line);
  }

  void ParseCsv(std::string_view text, EntrySink& sink) const {
    const std::vector<std::string> values = parse::SplitCsv(text);
    for (size_t i = 0; i < values.size() && i < parse_.wanted.size(); ++i) {
      sink.Add(parse_.wanted[i].name, values[i], FieldType::kText);
    }
  }

  const plan::ParseFields parse_;
  const EntryReader from_;
  Context context_;
  EntryOperatorPtr next_;
  std::vector<parse::JsonPath> paths_;
  std::optional<parse::Pattern> pattern_;
  std::unique_ptr<parse::Regexp> regexp_;
};

}  // namespace

absl::StatusOr<EntryOperatorPtr> MakeParse(const plan::ParseFields& parse, EntryContext context,
                                           EntryOperatorPtr next) {
  auto made = std::make_unique<Parse>(parse, context, std::move(next));
  TAFFRAIL_RETURN_IF_ERROR(made->Compile());
  return made;
}

}  // namespace taffrail::query::exec
