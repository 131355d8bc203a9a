// Builds one JSON text, comma by comma.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

namespace examples::json {

class Writer {
 public:
  void BeginObject() { Open('{'); }
  void EndObject() { Close('}'); }
  void BeginArray() { Open('['); }
  void EndArray() { Close(']'); }

  void Key(std::string_view name) {
    Separate();
    Quote(name);
    text_ += ':';
    first_ = true;  // the value follows its key without a comma
  }

  void Value(std::string_view value) {
    Separate();
    Quote(value);
  }
  void Value(const char* value) { Value(std::string_view(value)); }
  void Value(bool value) {
    Separate();
    text_ += value ? "true" : "false";
  }
  template <std::integral T>
  void Value(T value) {
    Separate();
    text_ += std::to_string(value);
  }
  void Null() {
    Separate();
    text_ += "null";
  }

  template <typename T>
  void Field(std::string_view name, const T& value) {
    Key(name);
    Value(value);
  }

  [[nodiscard]] std::string Take() && { return std::move(text_); }

 private:
  void Open(char bracket) {
    Separate();
    text_ += bracket;
    first_ = true;
  }
  void Close(char bracket) {
    text_ += bracket;
    first_ = false;
  }
  void Separate() {
    if (!first_) {
      text_ += ',';
    }
    first_ = false;
  }
  void Quote(std::string_view value);

  std::string text_;
  bool first_ = true;
};

}  // namespace examples::json
