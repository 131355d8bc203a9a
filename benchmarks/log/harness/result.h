// What a measuring program prints: one flat JSON object of numbers.
#pragma once

#include <cstdio>
#include <string>

namespace bench {

class Result {
 public:
  Result& Add(const char* name, double value) {
    char text[128];
    std::snprintf(text, sizeof(text), "%s\"%s\": %.9g", fields_.empty() ? "" : ", ", name, value);
    fields_ += text;
    return *this;
  }
  void Print() const { std::printf("{%s}\n", fields_.c_str()); }

 private:
  std::string fields_;
};

}  // namespace bench
