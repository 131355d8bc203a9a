#include "taffrail/foreign.h"

#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "taffrail/log.h"

namespace taffrail {
namespace {

using detail::CallSite;
using detail::Place;

// The texts of another library's places need not live long, those of ours must: each is kept once.
class Places {
 public:
  static Places& Get() {
    static Places* const places = new Places;
    return *places;
  }

  const CallSite& SiteOf(const ForeignLine& line) {
    std::string key;
    key.append(line.file)
        .append(1, '\n')
        .append(line.function)
        .append(1, '\n')
        .append(std::to_string(line.line));
    absl::MutexLock lock(&mutex_);
    auto found = sites_.find(key);
    if (found == sites_.end()) {
      // More places than a program has calls: somebody makes them up, and goes without.
      constexpr size_t kPlacesMax = 20'000;
      if (sites_.size() >= kPlacesMax) return detail::find_site(Place{});
      const auto texts = texts_.emplace(key, Texts{std::string(line.file), std::string(line.function)}).first;
      const Place place{texts->second.file.c_str(), texts->second.function.c_str(), line.line};
      found = sites_.emplace(std::move(key), &detail::find_site(place)).first;
    }
    return *found->second;
  }

 private:
  struct Texts {
    std::string file, function;
  };
  absl::Mutex mutex_;
  std::map<std::string, Texts> texts_ ABSL_GUARDED_BY(mutex_);  // whose nodes stay where they are
  std::map<std::string, const CallSite*> sites_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

bool foreign_enabled(std::string_view logger, Level level) noexcept { return Logger(logger).enabled(level); }

void log_foreign(const ForeignLine& line, std::initializer_list<Field> fields) noexcept {
  const detail::LoggerNode& logger = detail::find_logger(line.logger);
  if (static_cast<uint8_t>(line.level) < logger.threshold.load_relaxed()) return;
  const detail::Prefix prefix{.logger = &logger, .level = line.level, .copy_message = true};
  detail::write_list(prefix, &Places::Get().SiteOf(line), Event(line.message), fields);
}

}  // namespace taffrail
