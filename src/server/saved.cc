#include "server/saved.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "base/time_text.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "net/url.h"
#include "record/intake.h"
#include "record/json_writer.h"

namespace taffrail::server {
namespace {

constexpr std::string_view kKinds[] = {"views", "dashboards"};
constexpr std::string_view kSuffix = ".json";
constexpr size_t kMaxFileBytes = SavedObjects::kMaxObjectBytes + 100;  // with what stands around the object

}  // namespace

SavedObjects::SavedObjects(base::Env& env, std::string data_dir)
    : env_(env), dir_(base::JoinPath(data_dir, "saved")) {}

bool SavedObjects::IsKind(std::string_view kind) {
  return std::find(std::begin(kKinds), std::end(kKinds), kind) != std::end(kKinds);
}

std::string SavedObjects::DirOf(std::string_view kind) const { return base::JoinPath(dir_, kind); }

absl::StatusOr<std::string> SavedObjects::PathOf(std::string_view kind, std::string_view name) const {
  if (name.empty() || name.size() > kMaxNameBytes) {
    return absl::InvalidArgumentError(fmt::format("a name has from 1 to {} bytes", kMaxNameBytes));
  }
  return base::JoinPath(DirOf(kind), net::PercentEncode(name) + std::string(kSuffix));
}

absl::StatusOr<std::string> SavedObjects::ReadItem(const std::string& path, std::string_view name) const {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string text, base::ReadFile(env_, path, kMaxFileBytes));
  if (!record::IsJsonObject(text))
    return absl::DataLossError(fmt::format("{} is no JSON object; remove it", path));
  std::string item = "{\"name\":";
  record::AppendJsonString(name, item);
  return item + "," + text.substr(1);
}

absl::StatusOr<std::string> SavedObjects::List(std::string_view kind) const {
  const absl::MutexLock lock(&mutex_);
  const absl::StatusOr<std::vector<std::string>> files = env_.List(DirOf(kind));
  std::vector<std::string> items;
  if (!files.ok() && !absl::IsNotFound(files.status())) return files.status();
  for (const std::string& file : files.ok() ? *files : std::vector<std::string>()) {
    if (!file.ends_with(kSuffix)) continue;  // what a crash left of a change
    const auto name = net::PercentDecode(std::string_view(file).substr(0, file.size() - kSuffix.size()));
    if (!name.ok()) continue;
    absl::StatusOr<std::string> item = ReadItem(base::JoinPath(DirOf(kind), file), *name);
    if (!item.ok()) return item.status();
    items.push_back(*std::move(item));
  }
  return fmt::format("{{\"items\":[{}]}}\n", fmt::join(items, ",\n"));
}

absl::StatusOr<std::string> SavedObjects::Get(std::string_view kind, std::string_view name) const {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string path, PathOf(kind, name));
  const absl::MutexLock lock(&mutex_);
  if (!env_.Exists(path)) return absl::NotFoundError(fmt::format("there is nothing named \"{}\" here", name));
  return ReadItem(path, name);
}

absl::Status SavedObjects::Put(std::string_view kind, std::string_view name, std::string_view value) {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string path, PathOf(kind, name));
  while (!value.empty() && std::string_view(" \t\r\n").find(value.back()) != std::string_view::npos) {
    value.remove_suffix(1);
  }
  if (value.size() > kMaxObjectBytes || !record::IsJsonObject(value)) {
    return absl::InvalidArgumentError(
        fmt::format("the body must be one JSON object of at most {} KiB", kMaxObjectBytes >> 10));
  }
  const absl::MutexLock lock(&mutex_);
  TAFFRAIL_RETURN_IF_ERROR(env_.CreateDirs(DirOf(kind)));
  if (!env_.Exists(path)) {
    TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<std::string> files, env_.List(DirOf(kind)));
    if (files.size() >= kMaxObjects) {
      return absl::ResourceExhaustedError(fmt::format("{} are saved already; delete some", files.size()));
    }
  }
  return base::WriteFileAtomically(
      env_, path,
      fmt::format(R"({{"updated":"{}","value":{}}})", base::FormatRfc3339(env_.NowNs(), 3), value));
}

absl::Status SavedObjects::Delete(std::string_view kind, std::string_view name) {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string path, PathOf(kind, name));
  const absl::MutexLock lock(&mutex_);
  if (!env_.Exists(path)) return absl::NotFoundError(fmt::format("there is nothing named \"{}\" here", name));
  TAFFRAIL_RETURN_IF_ERROR(env_.Remove(path));
  return env_.SyncDir(DirOf(kind));
}

}  // namespace taffrail::server
