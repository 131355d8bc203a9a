// Rows of text cells as an aligned table or as CSV (RFC 4180).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/terminal.h"

namespace taffrail::cmd {

class Table {
 public:
  explicit Table(std::vector<std::string> header) : header_(std::move(header)) {}

  // Numbers are set to the right: a column is numeric when every cell of it is a number or empty.
  // REQUIRES: as many cells as the header has.
  void AddRow(std::vector<std::string> cells);
  size_t rows() const { return rows_.size(); }

  // Lines of at most max_width columns (0: as wide as it needs): the widest columns give way first. Cells are
  // made printable.
  std::string Render(const Painter& painter, size_t max_width) const;

 private:
  std::vector<size_t> Widths(size_t max_width) const;

  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

// One CSV record with its CRLF. Cells with a comma, quote, CR or LF are quoted.
void AppendCsvRow(const std::vector<std::string>& cells, std::string& out);

}  // namespace taffrail::cmd
