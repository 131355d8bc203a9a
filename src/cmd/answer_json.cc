// raw, ndjson and json: answers for programs, written by what writes them in the server, so that an answer is
// the same wherever it was computed.
#include <algorithm>
#include <string>
#include <string_view>

#include "cmd/answer_formats.h"
#include "cmd/json_paint.h"
#include "server/answer_writer.h"

namespace taffrail::cmd {
namespace {

class AsServer final : public AnswerPrinter {
 public:
  AsServer(server::AnswerFormat format, const AnswerStyle& style, Output& output)
      : AnswerPrinter(output),
        painter_(style.color && format != server::AnswerFormat::kRaw),
        writer_(format, kEveryRow, [this](std::string& text) {
          const bool open = Write(text);
          text.clear();
          return open;
        }) {}

 protected:
  bool Columns(const std::vector<std::string>& columns) override { return writer_.OnColumns(columns); }
  bool Record(const query::exec::LogRow& row) override { return writer_.OnRecord(row); }
  bool Row(const std::vector<expr::Value>& row) override { return writer_.OnRow(row); }
  void End() override { Write(writer_.Finish()); }

 private:
  static constexpr size_t kEveryRow = 1;  // Output gathers them, and knows when a live answer pauses

  bool Write(std::string_view text) {
    if (!painter_.color()) return output_.Write(text);
    std::string painted;
    while (!text.empty()) {
      const size_t end = std::min(text.find('\n'), text.size());
      AppendPaintedJson(text.substr(0, end), painter_, painted);
      if (end < text.size()) painted += '\n';
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return output_.Write(painted);
  }

  const Painter painter_;
  server::AnswerWriter writer_;
};

}  // namespace

std::unique_ptr<AnswerPrinter> MakeRaw(const AnswerStyle& style, Output& output) {
  return std::make_unique<AsServer>(server::AnswerFormat::kRaw, style, output);
}
std::unique_ptr<AnswerPrinter> MakeNdjson(const AnswerStyle& style, Output& output) {
  return std::make_unique<AsServer>(server::AnswerFormat::kNdjson, style, output);
}
std::unique_ptr<AnswerPrinter> MakeJson(const AnswerStyle& style, Output& output) {
  return std::make_unique<AsServer>(server::AnswerFormat::kJson, style, output);
}

}  // namespace taffrail::cmd
