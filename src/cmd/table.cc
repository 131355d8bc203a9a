#include "cmd/table.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "cmd/printable.h"

namespace taffrail::cmd {
namespace {

constexpr std::string_view kGap = "  ";
constexpr size_t kMinColumn = 6;  // narrower says nothing

bool LooksNumeric(std::string_view cell) {
  return cell.find_first_not_of("0123456789+-.eE %") == std::string_view::npos;
}

}  // namespace

void Table::AddRow(std::vector<std::string> cells) {
  assert(cells.size() == header_.size());
  for (std::string& cell : cells) cell = Printable(cell);
  rows_.push_back(std::move(cells));
}

std::vector<size_t> Table::Widths(size_t max_width) const {
  std::vector<size_t> widths;
  for (size_t column = 0; column < header_.size(); ++column) {
    size_t width = DisplayWidth(Printable(header_[column]));
    for (const auto& row : rows_) width = std::max(width, DisplayWidth(row[column]));
    widths.push_back(width);
  }
  if (max_width == 0 || widths.empty()) return widths;
  const size_t gaps = kGap.size() * (widths.size() - 1);
  size_t total = std::accumulate(widths.begin(), widths.end(), gaps);
  while (total > max_width) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= kMinColumn) break;
    --*widest;
    --total;
  }
  return widths;
}

std::string Table::Render(const Painter& painter, size_t max_width) const {
  const std::vector<size_t> widths = Widths(max_width);
  std::vector<bool> numeric(header_.size(), true);
  for (const auto& row : rows_) {
    for (size_t column = 0; column < row.size(); ++column) {
      if (!LooksNumeric(row[column])) numeric[column] = false;
    }
  }
  std::string out;
  const auto append_row = [&](const std::vector<std::string>& cells, Style style) {
    for (size_t column = 0; column < cells.size(); ++column) {
      const std::string cell = FitWidth(cells[column], widths[column]);
      const std::string padding(widths[column] - DisplayWidth(cell), ' ');
      if (column > 0) out += kGap;
      if (numeric[column]) out += padding;
      painter.Append(style, cell, out);
      if (!numeric[column] && column + 1 < cells.size()) out += padding;
    }
    out += '\n';
  };
  std::vector<std::string> header;
  for (const std::string& name : header_) header.push_back(Printable(name));
  append_row(header, Style::kBold);
  for (const auto& row : rows_) append_row(row, Style::kPlain);
  return out;
}

void AppendCsvRow(const std::vector<std::string>& cells, std::string& out) {
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out += ',';
    if (cells[i].find_first_of(",\"\r\n") == std::string::npos) {
      out += cells[i];
      continue;
    }
    out += '"';
    for (const char c : cells[i]) {
      if (c == '"') out += '"';
      out += c;
    }
    out += '"';
  }
  out += "\r\n";
}

}  // namespace taffrail::cmd
