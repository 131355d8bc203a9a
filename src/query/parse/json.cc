#include "query/parse/json.h"

#include <algorithm>
#include <charconv>

#include "expr/binding.h"
#include "expr/syntax_error.h"
#include "record/batch_builder.h"
#include "record/json_scan.h"

namespace taffrail::query::parse {
namespace {

using record::ScannedValue;
using record::SkipSpace;

// Of the keys that lead to a value: Loki's limit of a label's name. Nested keys would otherwise make names as
// long as the line, each as often as there are values.
constexpr size_t kMaxPathBytes = 1024;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

FieldType TypeOf(char first) {
  if (first == '"') return FieldType::kText;
  if (first == 't' || first == 'f') return FieldType::kBool;
  if (first == '{' || first == '[' || first == 'n') return FieldType::kJson;
  return FieldType::kNumber;
}

// The text of a string from after its opening quote; `at` moves behind the closing one. The document was
// checked.
std::string TakeString(const char*& at, const char* end) {
  ScannedValue value;
  at = record::ScanString(at + 1, end, value);
  std::string text;
  if (value.has_escapes || value.kind == record::Kind::kEscaped) {
    record::AppendUnescaped(value.text, text);
  } else {
    text = value.text;
  }
  return text;
}

// Calls f(key, first byte of the value, end) for each member; f returns the byte after the value. The
// document was checked, so that every token is there.
template <typename F>
const char* ForEachMember(const char* at, const char* end, F&& f) {
  at = SkipSpace(at + 1, end);
  while (*at != '}') {
    std::string key = TakeString(at, end);
    at = SkipSpace(at, end) + 1;  // the colon
    at = SkipSpace(f(std::move(key), SkipSpace(at, end), end), end);
    if (*at == ',') at = SkipSpace(at + 1, end);
  }
  return at + 1;
}

const char* SkipChecked(const char* at, const char* end) { return record::SkipValue(at, end, 0); }

class Flattener {
 public:
  Flattener(FieldSink& sink, bool nests) : sink_(sink), nests_(nests) {}

  const char* Object(const char* at, const char* end) {
    return ForEachMember(at, end, [this](std::string key, const char* value, const char* stop) {
      const size_t size = path_.size();
      if (!path_.empty()) path_ += '_';
      path_ += key;
      const char* const after = Value(value, stop);
      path_.resize(size);
      return after;
    });
  }

 private:
  const char* Value(const char* at, const char* end) {
    if (path_.size() > kMaxPathBytes) return SkipChecked(at, end);
    if (*at == '{' && nests_) return Object(at, end);
    if (*at == '"') {
      const std::string text = TakeString(at, end);
      sink_.Add(LabelName(path_), text, FieldType::kText);
      return at;
    }
    const char* const after = SkipChecked(at, end);
    const FieldType type = TypeOf(*at);
    if (type != FieldType::kJson && nests_) {
      sink_.Add(LabelName(path_), std::string_view(at, static_cast<size_t>(after - at)), type);
    }
    return after;
  }

  FieldSink& sink_;
  const bool nests_;
  std::string path_;
};

// The first byte of the value, when all of the text is one.
const char* Checked(std::string_view text) {
  const char* const end = text.data() + text.size();
  const char* const begin = SkipSpace(text.data(), end);
  if (begin == end) return nullptr;
  const char* const after = record::SkipValue(begin, end, 0);
  return after != nullptr && SkipSpace(after, end) == end ? begin : nullptr;
}

}  // namespace

std::string LabelName(std::string_view text) { return expr::LogqlName(text); }

bool IsLabelName(std::string_view text) {
  return !text.empty() && !IsDigit(text[0]) &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsLetter(c) || IsDigit(c); });
}

bool IsJson(std::string_view text) {
  const char* const begin = Checked(text);
  return begin != nullptr && (*begin == '{' || *begin == '[' || *begin == '"');
}

bool ParseJson(std::string_view line, FieldSink& sink) {
  const char* const begin = Checked(line);
  if (begin == nullptr || *begin != '{') return false;
  Flattener(sink, /*nests=*/true).Object(begin, line.data() + line.size());
  return true;
}

bool ForEachElement(std::string_view text, const std::function<void(std::string_view)>& f) {
  const char* at = Checked(text);
  if (at == nullptr || *at != '[') return false;
  const char* const end = text.data() + text.size();
  at = SkipSpace(at + 1, end);
  while (*at != ']') {
    const char* const after = SkipChecked(at, end);
    f(std::string_view(at, static_cast<size_t>(after - at)));
    at = SkipSpace(after, end);
    if (*at == ',') at = SkipSpace(at + 1, end);
  }
  return true;
}

bool Unpack(std::string_view line, FieldSink& sink, std::string& entry, bool& has_entry) {
  class Splitter final : public FieldSink {
   public:
    Splitter(std::string& to, bool& found) : to_(to), found_(found) {}
    void Add(std::string_view name, std::string_view value, FieldType type) override {
      if (name != "_entry") {
        fields_.push_back({std::string(name), std::string(value), type});
        return;
      }
      to_ = value;
      found_ = true;
    }
    void HandOver(FieldSink& sink) const {
      for (const Field& field : fields_) sink.Add(field.name, field.value, field.type);
    }

   private:
    struct Field {
      std::string name;
      std::string value;
      FieldType type;
    };
    std::vector<Field> fields_;
    std::string& to_;
    bool& found_;
  };
  has_entry = false;
  const char* const begin = Checked(line);
  if (begin == nullptr || *begin != '{') return false;
  Splitter splitter(entry, has_entry);
  Flattener(splitter, /*nests=*/false).Object(begin, line.data() + line.size());
  if (has_entry) splitter.HandOver(sink);
  return true;
}

absl::StatusOr<JsonPath> JsonPath::Parse(std::string_view text) {
  JsonPath path;
  size_t at = 0;
  const auto error = [&](std::string_view message) { return expr::SyntaxError(text, at, message); };
  while (at < text.size()) {
    Step step;
    if (text[at] == '[' && at + 1 < text.size() && text[at + 1] == '"') {
      size_t close = at + 2;
      while (close < text.size() && text[close] != '"') close += text[close] == '\\' ? 2 : 1;
      if (close + 1 >= text.size() || text[close + 1] != ']') return error("expected \"] after the key");
      record::AppendUnescaped(text.substr(at + 2, close - at - 2), step.key);
      at = close + 2;
    } else if (text[at] == '[') {
      const char* const begin = text.data() + at + 1;
      const auto [stop, failure] = std::from_chars(begin, text.data() + text.size(), step.index);
      at = static_cast<size_t>(stop - text.data());
      if (failure != std::errc() || at >= text.size() || text[at] != ']') {
        return error("expected an index such as [0], or a key such as [\"a\"]");
      }
      step.is_index = true;
      ++at;
    } else {
      if (text[at] == '.') {
        if (path.steps_.empty()) return error("expected a key");
        ++at;
      } else if (!path.steps_.empty()) {
        return error("expected '.' or '['");
      }
      const size_t begin = at;
      while (at < text.size() && (IsLetter(text[at]) || IsDigit(text[at]))) ++at;
      if (begin == at || IsDigit(text[begin]))
        return error("expected a key; others than names are written [\"…\"]");
      step.key = text.substr(begin, at - begin);
    }
    path.steps_.push_back(std::move(step));
  }
  if (path.steps_.empty()) return error("expected a path such as a.b[0]");
  return path;
}

bool JsonPath::Find(std::string_view json, std::string& value, FieldType& type) const {
  const char* const end = json.data() + json.size();
  const char* at = SkipSpace(json.data(), end);
  for (const Step& step : steps_) {
    const char* found = nullptr;
    if (step.is_index && *at == '[') {
      const char* item = SkipSpace(at + 1, end);
      for (size_t i = 0; *item != ']'; ++i) {
        if (i == step.index) {
          found = item;
          break;
        }
        item = SkipSpace(SkipChecked(item, end), end);
        if (*item == ',') item = SkipSpace(item + 1, end);
      }
    } else if (!step.is_index && *at == '{') {
      ForEachMember(at, end, [&](const std::string& key, const char* member, const char* stop) {
        if (found == nullptr && key == step.key) found = member;
        return SkipChecked(member, stop);
      });
    }
    if (found == nullptr) return false;
    at = found;
  }
  type = TypeOf(*at);
  if (*at == '"') {
    value = TakeString(at, end);
  } else if (*at == 'n') {
    value.clear();
  } else {
    value.assign(at, SkipChecked(at, end));
  }
  return true;
}

}  // namespace taffrail::query::parse
