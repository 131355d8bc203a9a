// Any template over a fixed line: it parses or says why not, and its run ends within its limits.
#include <cstdlib>
#include <string>

#include "query/templates/template.h"

namespace {

class Line final : public taffrail::query::templates::Fields {
 public:
  bool Find(std::string_view name, std::string& value) const override {
    if (name != "a") return false;
    value = R"({"b":[1,"x",{"c":null}]})";
    return true;
  }
  void ForEach(const std::function<void(std::string_view, std::string_view)>& f) const override {
    std::string value;
    Find("a", value);
    f("a", value);
  }
  std::string_view line() const override { return "line"; }
  int64_t timestamp_ns() const override { return 1; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace templates = taffrail::query::templates;
  auto parsed = templates::Template::Parse({reinterpret_cast<const char*>(data), size}, 0);
  if (!parsed.ok()) return 0;
  std::string first;
  std::string second;
  const absl::Status status = (*parsed)->Run(Line(), first);
  if (first.size() > templates::kMaxOutputBytes) std::abort();
  if ((*parsed)->Run(Line(), second) != status || first != second) std::abort();
  return 0;
}
