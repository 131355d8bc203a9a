#include "cmd/answer.h"

#include <array>

#include "cmd/answer_formats.h"

namespace taffrail::cmd {
namespace {

struct Format {
  const char* name;
  std::unique_ptr<AnswerPrinter> (*create)(const AnswerStyle&, Output&);
};
constexpr std::array<Format, 6> kFormats = {{
    {"raw", MakeRaw},
    {"ndjson", MakeNdjson},
    {"json", MakeJson},
    {"table", MakeTable},
    {"csv", MakeCsv},
    {"pretty", MakePretty},
}};

}  // namespace

const std::vector<std::string>& AnswerFormats() {
  static const std::vector<std::string>* const names = [] {
    auto* list = new std::vector<std::string>;
    for (const Format& format : kFormats) list->emplace_back(format.name);
    return list;
  }();
  return *names;
}

std::unique_ptr<AnswerPrinter> AnswerPrinter::Create(std::string_view name, const AnswerStyle& style,
                                                     Output& output) {
  for (const Format& format : kFormats) {
    if (format.name == name) return format.create(style, output);
  }
  return nullptr;
}

}  // namespace taffrail::cmd
