// Metrics in Prometheus' text format (prometheus.io/docs/instrumenting/exposition_formats): families in the
// order they are first asked for, each with its samples together, however many tenants add to it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fmt/format.h"

namespace taffrail::server {

// A label's value, without the quotes around it.
std::string LabelValue(std::string_view text);

class Exposition {
 public:
  // Labels that every sample has from now on, as in `tenant="a"`; empty: none.
  void SetCommonLabels(std::string labels) { common_ = std::move(labels); }

  // The samples that follow are of this family. Type and help are those it was first given.
  void Family(std::string_view name, std::string_view type, std::string_view help);

  template <typename Number>
  void Sample(Number value, std::string_view labels = {}) {
    Suffixed({}, value, labels);
  }
  template <typename Number>
  void Suffixed(std::string_view suffix, Number value, std::string_view labels = {}) {
    AddSample(suffix, fmt::format("{}", value), labels);
  }
  template <typename Number>
  void One(std::string_view name, std::string_view type, std::string_view help, Number value) {
    Family(name, type, help);
    Sample(value);
  }

  std::string Text() const;

 private:
  struct Lines {
    std::string name;
    std::string text;  // its HELP and TYPE, and its samples
  };
  void AddSample(std::string_view suffix, std::string_view value, std::string_view labels);

  std::vector<Lines> families_;
  size_t current_ = 0;
  std::string common_;
};

}  // namespace taffrail::server
