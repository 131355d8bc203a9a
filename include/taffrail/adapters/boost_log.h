// Boost.Log → Taffrail: a sink backend for Boost.Log's core.
//
//   namespace sinks = boost::log::sinks;
//   using Backend = taffrail::adapters::BoostLogBackend;
//   boost::log::core::get()->add_sink(boost::make_shared<sinks::unlocked_sink<Backend>>());
//
// The attributes Severity (trivial::severity_level), Channel (std::string) and Message are read; Channel is
// the line's logger, "boost" where there is none. Other attributes of the types below become fields.
#pragma once

#include <boost/log/attributes/attribute_value_set.hpp>
#include <boost/log/attributes/value_extraction.hpp>
#include <boost/log/core/record_view.hpp>
#include <boost/log/expressions/message.hpp>
#include <boost/log/sinks/basic_sink_backend.hpp>
#include <boost/log/sinks/frontend_requirements.hpp>
#include <boost/log/trivial.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "taffrail/foreign.h"
#include "taffrail/log.h"

namespace taffrail::adapters {

namespace detail {

// The attributes that stand in the line by themselves, or that every line has anyway.
inline bool is_own_attribute(std::string_view name) {
  return name == "Severity" || name == "Channel" || name == "Message" || name == "TimeStamp" ||
         name == "LineID" || name == "ProcessID" || name == "ThreadID";
}

struct BoostAttributes {
  const boost::log::record_view& record;
};

inline void log_fields(FieldWriter& out, const BoostAttributes& attributes) {
  for (const auto& [name, value] : attributes.record.attribute_values()) {
    if (is_own_attribute(name.string())) continue;
    if (const auto text = value.extract<std::string>()) {
      out.field(name.string(), text.get());
    } else if (const auto integer = value.extract<int>()) {
      out.field(name.string(), integer.get());
    } else if (const auto wide = value.extract<int64_t>()) {
      out.field(name.string(), wide.get());
    } else if (const auto whole = value.extract<unsigned>()) {
      out.field(name.string(), whole.get());
    } else if (const auto number = value.extract<double>()) {
      out.field(name.string(), number.get());
    } else if (const auto flag = value.extract<bool>()) {
      out.field(name.string(), flag.get());
    }
  }
}

}  // namespace detail

class BoostLogBackend : public boost::log::sinks::basic_sink_backend<boost::log::sinks::combine_requirements<
                            boost::log::sinks::concurrent_feeding, boost::log::sinks::flushing>::type> {
 public:
  void consume(const boost::log::record_view& record) {
    namespace log = boost::log;
    const auto severity = log::extract<log::trivial::severity_level>("Severity", record);
    const auto channel = log::extract<std::string>("Channel", record);
    const auto message = record[log::expressions::smessage];
    const ForeignLine line{.logger = channel ? std::string_view(channel.get()) : std::string_view("boost"),
                           .level = severity ? level_of(severity.get()) : Level::kInfo,
                           .message = message ? std::string_view(message.get()) : std::string_view()};
    bool has_more = false;
    for (const auto& attribute : record.attribute_values()) {
      has_more |= !detail::is_own_attribute(attribute.first.string());
    }
    if (has_more) {
      log_foreign(line, {{"attributes", detail::BoostAttributes{record}}});
    } else {
      log_foreign(line);
    }
  }
  void flush() { taffrail::flush(); }

 private:
  static Level level_of(boost::log::trivial::severity_level level) {
    switch (level) {
      case boost::log::trivial::trace:
        return Level::kTrace;
      case boost::log::trivial::debug:
        return Level::kDebug;
      case boost::log::trivial::warning:
        return Level::kWarning;
      case boost::log::trivial::error:
        return Level::kError;
      case boost::log::trivial::fatal:
        return Level::kCritical;
      default:
        return Level::kInfo;
    }
  }
};

}  // namespace taffrail::adapters
