#include "log/call_sites.h"

#include <cstring>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "log/fork.h"

namespace taffrail::log {
namespace {

using detail::CallSite;
using detail::SiteBinding;

using detail::Place;

class Sites {
 public:
  static Sites& Get() {
    static Sites* const sites = new Sites;  // static destructors may log
    return *sites;
  }

  bool Bind(CallSite& site, detail::SiteKey* key_storage, const SiteBinding& binding) {
    absl::MutexLock lock(&mutex_);
    if (const char* bound = site.message.load_relaxed(); bound != nullptr) {
      return bound == binding.message && detail::same_place(site.where, binding.where) &&
             SameKeys(site, binding);
    }
    site.message_size = binding.message_size;
    site.field_count = binding.field_count;
    if (binding.field_count != 0) {
      std::memcpy(key_storage, binding.keys, binding.field_count * sizeof(detail::SiteKey));
    }
    site.keys = key_storage;
    site.types = binding.types;
    site.where = binding.where;
    site.place = detail::place_of(binding.where);
    Publish(site, binding.message);
    return true;
  }

  const CallSite& Find(const Place& place) {
    absl::MutexLock lock(&mutex_);
    std::unique_ptr<CallSite>& site = found_[{place.file, place.function, place.line}];
    if (site == nullptr) {
      site = std::make_unique<CallSite>();
      site->place = place;
      Publish(*site, detail::kRunTimeMessage);
    }
    return *site;
  }

  absl::Mutex& mutex() { return mutex_; }

  void Listen(SiteListener listener) {
    absl::MutexLock lock(&mutex_);
    listener_ = listener;
    if (listener_ == nullptr) return;
    for (const CallSite* site : all_) listener_(*site, site->message.load_relaxed());
  }

 private:
  static bool SameKeys(const CallSite& site, const SiteBinding& binding) {
    if (site.field_count != binding.field_count) return false;
    for (uint32_t i = 0; i < site.field_count; ++i) {
      if (site.keys[i].data != binding.keys[i].data) return false;
    }
    return true;
  }

  void Publish(CallSite& site, const char* message) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    all_.push_back(&site);
    if (listener_ != nullptr) listener_(site, message);
    site.message.store_release(message);  // from here on records refer to it
  }

  absl::Mutex mutex_;
  std::vector<CallSite*> all_ ABSL_GUARDED_BY(mutex_);
  std::map<std::tuple<const char*, const char*, uint32_t>, std::unique_ptr<CallSite>> found_
      ABSL_GUARDED_BY(mutex_);
  SiteListener listener_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace

void LockSites() ABSL_NO_THREAD_SAFETY_ANALYSIS { Sites::Get().mutex().Lock(); }

void UnlockSites(bool in_child) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (in_child) return RenewMutex(Sites::Get().mutex());
  Sites::Get().mutex().Unlock();
}

void SetSiteListener(SiteListener listener) { Sites::Get().Listen(listener); }

}  // namespace taffrail::log

namespace taffrail::detail {

bool bind_site(CallSite& site, SiteKey* key_storage, const SiteBinding& binding) noexcept {
  return log::Sites::Get().Bind(site, key_storage, binding);
}

const CallSite& find_site(const Place& place) noexcept { return log::Sites::Get().Find(place); }

}  // namespace taffrail::detail
