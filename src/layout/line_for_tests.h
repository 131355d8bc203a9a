// Lines made by hand, for tests and benchmarks of this folder: what a log call puts into the queue, without
// the queue.
#pragma once

#include <chrono>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "layout/line.h"
#include "record/layout_fields.h"

namespace taffrail::layout {

// A call site and the values of one call of it.
class CallForTests {
 public:
  explicit CallForTests(std::string message, std::string_view logger = "tasks.service")
      : message_(std::move(message)) {
    node_.name = logger;
    site_.message.store_relaxed(message_.c_str());
    site_.message_size = static_cast<uint32_t>(message_.size());
  }

  template <typename T>
  CallForTests& Add(std::string key, const T& value) {
    return AddScalar(std::move(key), detail::field_type_of<T>(), detail::to_scalar(value),
                     detail::kFixedValueBytes<T>);
  }

  // By values, as the fast way of a call leaves them.
  Line ByValues() {
    site_.keys = keys_.data();
    site_.types = types_.data();
    site_.field_count = static_cast<uint32_t>(keys_.size());
    return {.time_ns = 1'761'834'225'123'456'789,
            .site = &site_,
            .logger = &node_,
            .message = message_,
            .values = values_.data()};
  }
  // The same call with its fields encoded.
  Line Encoded() {
    Line line = ByValues();
    encoded_.clear();
    record::EncodeValues(site_, values_.data(), encoded_);
    line.values = nullptr;
    line.fields = encoded_;
    return line;
  }
  detail::CallSite& site() { return site_; }

  // `bytes` at most 8 of a number, or a string's.
  CallForTests& AddScalar(std::string key, detail::FieldType type, const detail::Scalar& value,
                          uint32_t fixed_bytes) {
    const std::string& kept = names_.emplace_back(std::move(key));
    keys_.push_back({kept.data(), static_cast<uint32_t>(kept.size())});
    types_.push_back(type);
    const size_t at = values_.size();
    const bool is_text = type.kind == detail::Kind::kString;
    values_.resize(at + fixed_bytes + (is_text ? value.size : 0));
    char* const to = values_.data() + at;
    if (is_text) {
      detail::put_text(to, value);
    } else if (fixed_bytes == 1) {
      *to = static_cast<char>(value.bits);
    } else if (fixed_bytes == 8) {
      std::memcpy(to, &value.bits, 8);
    }
    return *this;
  }

 private:
  std::string message_;
  detail::LoggerNode node_{};
  detail::CallSite site_;
  std::deque<std::string> names_;
  std::vector<detail::SiteKey> keys_;
  std::vector<detail::FieldType> types_;
  std::string values_;
  std::string encoded_;
};

}  // namespace taffrail::layout
