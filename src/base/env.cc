#include "base/env.h"

#include <fmt/format.h>

namespace taffrail::base {

absl::StatusOr<std::string> ReadFile(Env& env, const std::string& path, uint64_t limit_bytes) {
  TAFFRAIL_ASSIGN_OR_RETURN(auto file, env.OpenRead(path));
  if (file->size() > limit_bytes) {
    return absl::InvalidArgumentError(
        fmt::format("{}: {} bytes, more than the {} expected at most", path, file->size(), limit_bytes));
  }
  std::string data(file->size(), '\0');
  TAFFRAIL_RETURN_IF_ERROR(file->Read(0, data.size(), data.data()));
  return data;
}

namespace {

absl::Status WriteAndSync(Env& env, const std::string& path, std::string_view data) {
  TAFFRAIL_ASSIGN_OR_RETURN(auto file, env.Create(path));
  TAFFRAIL_RETURN_IF_ERROR(file->Append(data));
  TAFFRAIL_RETURN_IF_ERROR(file->Sync());
  return file->Close();
}

}  // namespace

absl::Status WriteFileAtomically(Env& env, const std::string& path, std::string_view data) {
  const std::string temporary = path + ".tmp";
  absl::Status status = WriteAndSync(env, temporary, data);
  if (status.ok()) status = env.Rename(temporary, path);
  if (!status.ok()) {
    env.Remove(temporary).IgnoreError();  // a leftover is harmless: the next write empties it
    return status;
  }
  return env.SyncDir(Dirname(path));
}

std::string JoinPath(std::string_view dir, std::string_view name) {
  std::string path(dir);
  if (!path.empty() && path.back() != '/') path += '/';
  path += name;
  return path;
}

std::string Dirname(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  path = path.substr(0, slash + 1);
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  return std::string(path);
}

}  // namespace taffrail::base
