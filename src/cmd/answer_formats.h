// The printers that answer.cc lists by name.
#pragma once

#include <memory>

#include "cmd/answer.h"

namespace taffrail::cmd {

std::unique_ptr<AnswerPrinter> MakeRaw(const AnswerStyle& style, Output& output);
std::unique_ptr<AnswerPrinter> MakeNdjson(const AnswerStyle& style, Output& output);
std::unique_ptr<AnswerPrinter> MakeJson(const AnswerStyle& style, Output& output);
std::unique_ptr<AnswerPrinter> MakeTable(const AnswerStyle& style, Output& output);
std::unique_ptr<AnswerPrinter> MakeCsv(const AnswerStyle& style, Output& output);
std::unique_ptr<AnswerPrinter> MakePretty(const AnswerStyle& style, Output& output);

}  // namespace taffrail::cmd
