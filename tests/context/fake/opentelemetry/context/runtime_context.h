// Not OpenTelemetry: the names of its API that taffrail/otel_context.h uses, with the signatures of
// opentelemetry-cpp 1.x and just enough behind them to be called. Debian 12 has no package of the real one;
// where it is installed, tests/context uses that instead.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace opentelemetry {

namespace nostd {
template <typename T>
using shared_ptr = std::shared_ptr<T>;
template <typename T>
using unique_ptr = std::unique_ptr<T>;

template <typename T, size_t Extent>
class span {
 public:
  span(T* data, size_t size) : data_(data), size_(size) {}
  T& operator[](size_t at) const { return data_[at]; }
  size_t size() const { return size_; }

 private:
  T* data_;
  size_t size_;
};
}  // namespace nostd

namespace trace {
class Span;
}  // namespace trace

namespace context {

using ContextValue = nostd::shared_ptr<trace::Span>;  // the real one is a variant

// Equal to its copies alone, as the real one is.
class Context {
 public:
  Context() = default;
  Context SetValue(const std::string& key, ContextValue value) const {
    Context next = *this;
    next.values_ = std::make_shared<std::map<std::string, ContextValue>>();
    if (values_ != nullptr) *next.values_ = *values_;
    (*next.values_)[key] = std::move(value);
    return next;
  }
  ContextValue GetValue(const std::string& key) const {
    return values_ != nullptr && values_->count(key) > 0 ? values_->at(key) : nullptr;
  }
  bool operator==(const Context& other) const noexcept { return values_ == other.values_; }

 private:
  std::shared_ptr<std::map<std::string, ContextValue>> values_;
};

class Token {
 public:
  ~Token();
  bool operator==(const Context& other) const noexcept { return context_ == other; }

 private:
  friend class RuntimeContextStorage;
  explicit Token(const Context& context) : context_(context) {}
  const Context context_;
};

class RuntimeContextStorage {
 public:
  virtual ~RuntimeContextStorage() = default;
  virtual Context GetCurrent() noexcept = 0;
  virtual nostd::unique_ptr<Token> Attach(const Context& context) noexcept = 0;
  virtual bool Detach(Token& token) noexcept = 0;

 protected:
  nostd::unique_ptr<Token> CreateToken(const Context& context) noexcept {
    return nostd::unique_ptr<Token>(new Token(context));
  }
};

class RuntimeContext {
 public:
  static Context GetCurrent() noexcept { return Storage()->GetCurrent(); }
  static nostd::unique_ptr<Token> Attach(const Context& context) noexcept {
    return Storage()->Attach(context);
  }
  static bool Detach(Token& token) noexcept { return Storage()->Detach(token); }
  static void SetRuntimeContextStorage(nostd::shared_ptr<RuntimeContextStorage> storage) noexcept {
    Storage() = std::move(storage);
  }

 private:
  static nostd::shared_ptr<RuntimeContextStorage>& Storage() noexcept {
    static nostd::shared_ptr<RuntimeContextStorage> storage;  // the real one begins with one
    return storage;
  }
};

inline Token::~Token() { RuntimeContext::Detach(*this); }

}  // namespace context
}  // namespace opentelemetry
