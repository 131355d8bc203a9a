// What people keep on the server: saved searches and dashboards, each a JSON object under a name.
//
//   DATA/saved/views/NAME.json           {"updated":"2025-10-30T14:23:45.123Z","value":{…}}
//   DATA/saved/dashboards/NAME.json
//
// NAME is percent-encoded. A file is replaced as a whole or not at all (base::WriteFileAtomically), so that a
// power failure leaves the old one.
#pragma once

#include <string>
#include <string_view>

#include "absl/synchronization/mutex.h"
#include "base/env.h"
#include "base/status.h"

namespace taffrail::server {

class SavedObjects {
 public:
  // An object is written by hand or by the UI; a dashboard of a hundred panels takes some 40 KiB.
  static constexpr size_t kMaxObjectBytes = size_t{256} << 10;
  // The list is one answer, read whole: 1000 are more than a team gives names to.
  static constexpr size_t kMaxObjects = 1000;
  static constexpr size_t kMaxNameBytes = 80;  // three times that, percent-encoded, is still a file name

  // The env must outlive this object. Nothing is read or made before it is needed.
  SavedObjects(base::Env& env, std::string data_dir);

  static bool IsKind(std::string_view kind);  // "views", "dashboards"

  // REQUIRES, of all: IsKind(kind). Errors: InvalidArgument (name or object), NotFound, ResourceExhausted.
  absl::StatusOr<std::string> List(
      std::string_view kind) const;  // {"items":[{"name":…,"updated":…,"value":…}]}
  absl::StatusOr<std::string> Get(std::string_view kind, std::string_view name) const;  // one item
  absl::Status Put(std::string_view kind, std::string_view name, std::string_view value);
  absl::Status Delete(std::string_view kind, std::string_view name);

 private:
  std::string DirOf(std::string_view kind) const;
  absl::StatusOr<std::string> PathOf(std::string_view kind, std::string_view name) const;
  absl::StatusOr<std::string> ReadItem(const std::string& path, std::string_view name) const;

  base::Env& env_;
  const std::string dir_;
  mutable absl::Mutex mutex_;  // one change at a time: the temporary file has a fixed name
};

}  // namespace taffrail::server
