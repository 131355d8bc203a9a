#include <arpa/inet.h>
#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>

#include "query/reference.h"
#include "simdjson.h"

namespace taffrail::query_test {
namespace {

using expr::Expr;
using expr::FieldRef;
using Source = expr::FieldRef::Source;
using Kind = Cell::Kind;

std::string Trimmed(std::string_view text) {
  const size_t end = text.find_last_not_of(" \t\r\n");
  return std::string(text.substr(0, end + 1));
}

// Adds the leaves of an object; the first field of a path counts.
void Flatten(simdjson::ondemand::object object, const std::string& prefix, std::set<std::string>& seen,
             std::vector<Field>& fields) {
  for (auto item : object) {
    const std::string key(std::string_view(item.unescaped_key()));
    const std::string path = prefix.empty() ? key : prefix + "." + key;
    simdjson::ondemand::value value = item.value();
    Cell cell;
    switch (simdjson::ondemand::json_type(value.type())) {
      case simdjson::ondemand::json_type::object: {
        simdjson::ondemand::object inner = value.get_object();
        if (!bool(inner.is_empty())) {
          Flatten(inner, path, seen, fields);
          continue;
        }
        cell = {Kind::kJson, "{}"};
        break;
      }
      case simdjson::ondemand::json_type::array: {
        simdjson::ondemand::array array = value.get_array();
        cell = {Kind::kJson, Trimmed(std::string_view(array.raw_json()))};
        break;
      }
      case simdjson::ondemand::json_type::string:
        cell = {Kind::kText, std::string(std::string_view(value.get_string()))};
        break;
      case simdjson::ondemand::json_type::number:
        cell = {Kind::kNumber, Trimmed(value.raw_json_token())};
        break;
      case simdjson::ondemand::json_type::boolean:
        cell = {Kind::kBool, bool(value.get_bool()) ? "true" : "false"};
        break;
      case simdjson::ondemand::json_type::null:
        cell = {Kind::kNull, ""};
        break;
    }
    if (seen.insert(path).second) fields.push_back({path, cell});
  }
}

std::optional<std::vector<Field>> FlattenText(const std::string& text) {
  static simdjson::dom::parser dom;
  const simdjson::padded_string padded(text);
  simdjson::dom::object checked;
  if (dom.parse(padded).get(checked) != simdjson::SUCCESS) return std::nullopt;
  simdjson::ondemand::parser parser;
  auto document = parser.iterate(padded);
  std::vector<Field> fields;
  std::set<std::string> seen;
  Flatten(document.get_object(), "", seen, fields);
  return fields;
}

std::string Lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

Cell Find(const std::vector<Field>& fields, const std::string& path) {
  for (const Field& field : fields) {
    if (field.path == path) return field.cell;
  }
  return {};
}

Cell FindLabel(const ParsedRecord& record, const std::string& name) {
  for (const auto& [key, value] : record.sample->labels) {
    if (key == name) return {Kind::kText, value};
  }
  return {};
}

Cell FirstOf(std::initializer_list<Cell> cells) {
  for (const Cell& cell : cells) {
    if (cell.kind != Kind::kMissing) return cell;
  }
  return {};
}

std::string Sanitized(const std::string& path) {
  std::string name = !path.empty() && std::isdigit(static_cast<unsigned char>(path[0])) != 0 ? "_" : "";
  for (const char c : path)
    name += std::isalnum(static_cast<unsigned char>(c)) != 0 && (c & 0x80) == 0 ? c : '_';
  return name;
}

// All labels that a record has after `| json`, as Loki would add them one by one.
std::map<std::string, Cell> LogqlLabels(const ParsedRecord& record) {
  std::map<std::string, Cell> labels;
  for (const Field& field : record.attributes) labels[field.path] = field.cell;
  for (const auto& [name, value] : record.sample->labels) labels[name] = {Kind::kText, value};
  const std::map<std::string, Cell> own = labels;
  if (!record.is_json) {
    labels.try_emplace("__error__", Cell{Kind::kText, "JSONParserErr"});
    return labels;
  }
  std::map<std::string, Cell> parsed;
  for (const Field& field : record.line) {
    if (field.cell.kind == Kind::kJson || field.cell.kind == Kind::kNull) continue;
    parsed[Sanitized(field.path)] = field.cell;
  }
  for (const auto& [name, cell] : parsed) {
    if (own.count(name) == 0) labels[name] = cell;
  }
  for (const auto& [name, cell] : parsed) {
    if (own.count(name) != 0) labels.try_emplace(name + "_extracted", cell);
  }
  return labels;
}

// Of the well-known fields only those that the samples have. Arrays, objects and null are none.
Cell FindWellKnown(const ParsedRecord& record, const std::string& path) {
  const Cell cell = Find(record.line, path);
  return cell.kind == Kind::kJson || cell.kind == Kind::kNull ? Cell() : cell;
}

Cell ReadLevel(const ParsedRecord& record) {
  const Cell cell = FirstOf({FindWellKnown(record, "level"), FindLabel(record, "level")});
  const std::map<std::string, std::string> kNames = {
      {"info", "INFO"}, {"error", "ERROR"}, {"warn", "WARNING"}, {"warning", "WARNING"}, {"debug", "DEBUG"}};
  if (cell.kind == Kind::kMissing) return cell;
  const auto name = kNames.find(Lower(cell.text));
  return {Kind::kText, name == kNames.end() ? cell.text : name->second};
}

std::vector<std::string> WordsOf(const std::string& text) {
  std::vector<std::string> words(1);
  for (const char c : Lower(text)) {
    const bool in_word = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || (c & 0x80) != 0;
    if (in_word) {
      words.back() += c;
    } else {
      words.emplace_back();
    }
  }
  std::erase(words, "");
  return words;
}

bool HasPhrase(const std::string& text, const std::string& phrase) {
  const std::vector<std::string> words = WordsOf(text);
  const std::vector<std::string> wanted = WordsOf(phrase);
  return !wanted.empty() &&
         std::search(words.begin(), words.end(), wanted.begin(), wanted.end()) != words.end();
}

bool Glob(const char* pattern, const char* text) {
  if (*pattern == '\0') return *text == '\0';
  if (*pattern == '*') return Glob(pattern + 1, text) || (*text != '\0' && Glob(pattern, text + 1));
  if (*text == '\0') return false;
  if (*pattern == '?') {
    do ++text;
    while ((*text & 0xc0) == 0x80);
    return Glob(pattern + 1, text);
  }
  return *pattern == *text && Glob(pattern + 1, text + 1);
}

std::optional<uint32_t> Ipv4(const std::string& text) {
  in_addr address{};
  if (inet_pton(AF_INET, text.c_str(), &address) != 1) return std::nullopt;
  return ntohl(address.s_addr);
}

bool InNetwork(const std::string& text, const std::string& network) {
  const auto address = Ipv4(text);
  if (!address) return false;
  if (const size_t dash = network.find('-'); dash != std::string::npos) {
    return *address >= *Ipv4(network.substr(0, dash)) && *address <= *Ipv4(network.substr(dash + 1));
  }
  const size_t slash = network.find('/');
  const int bits = slash == std::string::npos ? 32 : std::atoi(network.c_str() + slash + 1);
  const uint64_t size = uint64_t{1} << (32 - bits);
  const uint64_t first = *Ipv4(network.substr(0, slash)) / size * size;
  return *address >= first && *address < first + size;
}

bool IsJsonNumber(const std::string& text) {
  return re2::RE2::FullMatch(text, R"(-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?)");
}

// A text as a number of the unit, in the forms that the samples have.
bool Quantity(const Cell& cell, Expr::Unit unit, double& number) {
  std::string digits;
  std::string suffix;
  if (unit == Expr::Unit::kNone) {
    number = std::strtod(cell.text.c_str(), nullptr);
    return IsJsonNumber(cell.text);
  }
  if (unit == Expr::Unit::kDuration && cell.text == "0") {
    number = 0;
    return true;
  }
  if (cell.kind == Kind::kNumber && unit == Expr::Unit::kBytes) {
    number = std::strtod(cell.text.c_str(), nullptr);
    return true;
  }
  if (!re2::RE2::FullMatch(cell.text, R"(([0-9]+(?:\.[0-9]+)?)(s|KB|))", &digits, &suffix)) return false;
  number = std::strtod(digits.c_str(), nullptr) * (suffix == "s" ? 1e9 : suffix == "KB" ? 1e3 : 1);
  return unit == Expr::Unit::kDuration ? suffix == "s" : suffix != "s";
}

template <typename T>
bool Ordered(Expr::Op op, const T& a, const T& b) {
  switch (op) {
    case Expr::Op::kLess:
      return a < b;
    case Expr::Op::kLessEqual:
      return a <= b;
    case Expr::Op::kGreater:
      return a > b;
    default:
      return a >= b;
  }
}

bool TextsEqual(const Cell& cell, const std::string& text, const Expr& expr) {
  const bool by_value = expr.field.source == Source::kField || expr.field.source == Source::kAny;
  if (by_value && cell.kind == Kind::kNumber && IsJsonNumber(text)) {
    return std::strtold(cell.text.c_str(), nullptr) == std::strtold(text.c_str(), nullptr);
  }
  return expr.ignore_case ? Lower(cell.text) == Lower(text) : cell.text == text;
}

bool RegexMatches(const Cell& cell, const Expr& expr) {
  re2::RE2::Options options;
  options.set_case_sensitive(!expr.ignore_case);
  const re2::RE2 regex(expr.text, options);
  return expr.anchored ? re2::RE2::FullMatch(cell.text, regex) : re2::RE2::PartialMatch(cell.text, regex);
}

bool OrderHolds(const Cell& cell, const Expr& expr) {
  if (!expr.is_number) {
    return expr.ignore_case ? Ordered(expr.op, Lower(cell.text), Lower(expr.text))
                            : Ordered(expr.op, cell.text, expr.text);
  }
  double number = 0;
  if (expr.field.source == Source::kField && cell.kind != Kind::kNumber) return false;
  return Quantity(cell, expr.unit, number) && Ordered(expr.op, number, expr.number);
}

bool HoldsFor(const Cell& cell, const Expr& expr) {
  switch (expr.op) {
    case Expr::Op::kEqual:
      return TextsEqual(cell, expr.text, expr);
    case Expr::Op::kIn:
      return std::any_of(expr.texts.begin(), expr.texts.end(),
                         [&](const std::string& text) { return TextsEqual(cell, text, expr); });
    case Expr::Op::kRegex:
      return RegexMatches(cell, expr);
    case Expr::Op::kContains:
      return expr.ignore_case ? Lower(cell.text).find(Lower(expr.text)) != std::string::npos
                              : cell.text.find(expr.text) != std::string::npos;
    case Expr::Op::kPhrase:
      return HasPhrase(cell.text, expr.text);
    case Expr::Op::kWildcard:
      return expr.ignore_case ? Glob(Lower(expr.text).c_str(), Lower(cell.text).c_str())
                              : Glob(expr.text.c_str(), cell.text.c_str());
    case Expr::Op::kInNetwork:
      return InNetwork(cell.text, expr.text);
    default:
      return OrderHolds(cell, expr);
  }
}

bool Passes(const Cell& cell, const Expr& expr) {
  if (expr.op == Expr::Op::kExists) {
    return cell.kind != Kind::kMissing && !(expr.non_null && cell.kind == Kind::kNull);
  }
  if (cell.kind != Kind::kMissing) return HoldsFor(cell, expr);
  return expr.missing_is_empty && HoldsFor({Kind::kText, ""}, expr);
}

bool AnyPasses(const ParsedRecord& record, const Expr& expr) {
  if (expr.op == Expr::Op::kExists) return true;
  const auto passes = [&](const Field& field) {
    return field.cell.kind != Kind::kNull && HoldsFor(field.cell, expr);
  };
  if (std::any_of(record.line.begin(), record.line.end(), passes)) return true;
  if (std::any_of(record.attributes.begin(), record.attributes.end(), passes)) return true;
  return std::any_of(record.sample->labels.begin(), record.sample->labels.end(), [&](const auto& label) {
    return HoldsFor({Kind::kText, label.second}, expr);
  });
}

bool HasObject(const ParsedRecord& record, const std::string& path) {
  return std::any_of(record.line.begin(), record.line.end(),
                     [&](const Field& field) { return field.path.starts_with(path + "."); });
}

template <typename LeafHolds>
bool Evaluate(const Expr& expr, LeafHolds&& leaf_holds) {
  const auto holds = [&](const expr::ExprPtr& child) { return Evaluate(*child, leaf_holds); };
  switch (expr.op) {
    case Expr::Op::kTrue:
    case Expr::Op::kFalse:
      return expr.op == Expr::Op::kTrue;
    case Expr::Op::kAnd:
      return std::all_of(expr.children.begin(), expr.children.end(), holds);
    case Expr::Op::kOr:
      return std::any_of(expr.children.begin(), expr.children.end(), holds);
    case Expr::Op::kNot:
      return !holds(expr.children[0]);
    default:
      return leaf_holds(expr);
  }
}

int RankOf(const Cell& cell) {
  switch (cell.kind) {
    case Kind::kNumber:
      return 0;
    case Kind::kText:
      return 1;
    case Kind::kBool:
      return 2;
    case Kind::kJson:
      return 3;
    case Kind::kNull:
      return 4;
    default:
      return 5;
  }
}

}  // namespace

std::vector<Cell> ElementsOf(const Cell& cell) {
  // A text that is an array counts as one: LogQL's fields are all texts.
  const bool may_be = cell.kind == Kind::kJson || cell.kind == Kind::kText;
  if (!may_be || cell.text.empty() || cell.text[0] != '[') return {cell};
  const simdjson::padded_string padded(cell.text);
  simdjson::dom::parser dom;
  simdjson::dom::array checked;
  if (dom.parse(padded).get(checked) != simdjson::SUCCESS) return {cell};
  simdjson::ondemand::parser parser;
  auto document = parser.iterate(padded);
  std::vector<Cell> elements;
  for (auto element : document.get_array()) {
    simdjson::ondemand::value value = element.value();
    std::string text;
    switch (simdjson::ondemand::json_type(value.type())) {
      case simdjson::ondemand::json_type::object: {
        simdjson::ondemand::object object = value.get_object();
        elements.push_back({Kind::kJson, Trimmed(std::string_view(object.raw_json()))});
        continue;
      }
      case simdjson::ondemand::json_type::array: {
        simdjson::ondemand::array array = value.get_array();
        text = Trimmed(std::string_view(array.raw_json()));
        break;
      }
      default:
        text = Trimmed(value.raw_json_token());
    }
    // As the only field of an object, it is what ParseRecord makes of it.
    elements.push_back(FlattenText("{\"e\":" + text + "}")->front().cell);
  }
  return elements;
}

ParsedRecord ParseRecord(const Sample& sample) {
  ParsedRecord record;
  record.sample = &sample;
  std::optional<std::vector<Field>> fields = FlattenText(sample.line);
  record.is_json = fields.has_value();
  record.line = fields ? *fields : std::vector<Field>{{"", {Kind::kText, sample.line}}};
  if (!sample.attributes.empty()) record.attributes = *FlattenText(sample.attributes);
  return record;
}

Cell ReadField(const ParsedRecord& record, const FieldRef& field) {
  const bool is_name =
      field.source == Source::kField || field.source == Source::kLabel || field.source == Source::kLogql;
  if (record.is_entry && is_name) {
    for (const Field& added : record.added) {
      if (added.path == field.name) return added.cell;
    }
    if (field.source == Source::kLogql) return ReadField(record, {Source::kLabel, field.name});
  }
  switch (field.source) {
    case Source::kTimestamp:
      return {Kind::kNumber, std::to_string(record.sample->timestamp_ns)};
    case Source::kSequence:
      return {Kind::kNumber, std::to_string(record.sequence)};
    case Source::kField:
      return FirstOf({Find(record.line, field.name), Find(record.attributes, field.name),
                      FindLabel(record, field.name)});
    case Source::kPath:
      return Find(record.line, field.name);
    case Source::kStream:
      return FindLabel(record, field.name);
    case Source::kLabel:
      return FirstOf({FindLabel(record, field.name), Find(record.attributes, field.name)});
    case Source::kLogql: {
      const auto labels = LogqlLabels(record);
      const auto label = labels.find(field.name);
      return label == labels.end() ? Cell() : label->second;
    }
    case Source::kLevel:
      return ReadLevel(record);
    case Source::kMessage:
      return record.is_json ? FindWellKnown(record, "message") : Cell{Kind::kText, record.sample->line};
    default:
      return {Kind::kText, record.sample->line};
  }
}

static bool PlaceHolds(int64_t value, int64_t bound, Expr::Op op) {
  return op == Expr::Op::kEqual ? value == bound : Ordered(op, value, bound);
}

bool Matches(const ParsedRecord& record, const Expr& expr) {
  return Evaluate(expr, [&](const Expr& leaf) {
    if (leaf.field.source == Source::kAny) return AnyPasses(record, leaf);
    if (leaf.field.source == Source::kTimestamp || leaf.field.source == Source::kSequence) {
      return PlaceHolds(std::stoll(ReadField(record, leaf.field).text), std::stoll(leaf.text), leaf.op);
    }
    if (leaf.op == Expr::Op::kExists && leaf.field.source == Source::kField && !record.is_entry &&
        HasObject(record, leaf.field.name)) {
      return true;
    }
    return Passes(ReadField(record, leaf.field), leaf);
  });
}

bool MatchesRow(const std::vector<std::string>& columns, const std::vector<Cell>& row, const Expr& expr) {
  return Evaluate(expr, [&](const Expr& leaf) {
    const auto column = std::find(columns.begin(), columns.end(), leaf.field.name);
    return Passes(row[static_cast<size_t>(column - columns.begin())], leaf);
  });
}

bool CellNumber(const Cell& cell, double& number) {
  number = std::strtod(cell.text.c_str(), nullptr);
  return cell.kind == Kind::kNumber || (cell.kind == Kind::kText && IsJsonNumber(cell.text));
}

std::string CellJson(const Cell& cell) {
  if (cell.kind == Kind::kMissing || cell.kind == Kind::kNull) return "null";
  return cell.kind == Kind::kText ? "'" + cell.text + "'" : cell.text;
}

int CompareCells(const Cell& a, const Cell& b) {
  if (RankOf(a) != RankOf(b)) return RankOf(a) - RankOf(b);
  double x = 0;
  double y = 0;
  if (a.kind == Kind::kNumber && CellNumber(a, x) && CellNumber(b, y)) return x < y ? -1 : x > y ? 1 : 0;
  return a.text.compare(b.text);
}

}  // namespace taffrail::query_test
