#include "base/mem_env.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace taffrail::base {
namespace {

// One spelling for a path: no "//", "/./", "..", or slash at the end.
std::string Normal(const std::string& path) {
  std::string normal = std::filesystem::path(path).lexically_normal().string();
  while (normal.size() > 1 && normal.back() == '/') normal.pop_back();
  return normal.empty() ? "." : normal;
}

absl::Status NotFound(const std::string& path) {
  return absl::NotFoundError(fmt::format("{}: no such file or directory", path));
}

}  // namespace

class MemEnv::Writer final : public WritableFile {
 public:
  Writer(MemEnv& env, FilePtr file, uint64_t epoch) : env_(env), file_(std::move(file)), epoch_(epoch) {}
  absl::Status Append(std::string_view data) override {
    if (file_ == nullptr) return Closed();
    return env_.AppendTo(*file_, data, epoch_);
  }
  absl::Status Sync() override {
    if (file_ == nullptr) return Closed();
    return env_.SyncFile(*file_, epoch_);
  }
  absl::Status Close() override {
    file_.reset();
    return absl::OkStatus();
  }

 private:
  static absl::Status Closed() { return absl::UnavailableError("the file is closed"); }

  MemEnv& env_;
  FilePtr file_;
  const uint64_t epoch_;
};

class MemEnv::Reader final : public RandomAccessFile {
 public:
  Reader(MemEnv& env, FilePtr file, uint64_t size, uint64_t epoch)
      : env_(env), file_(std::move(file)), size_(size), epoch_(epoch) {}

  absl::Status Read(uint64_t offset, size_t size, char* out) const override {
    absl::MutexLock lock(&env_.mutex_);
    TAFFRAIL_RETURN_IF_ERROR(env_.CheckAlive(epoch_));
    const std::string& data = file_->data();
    if (offset > data.size() || size > data.size() - offset) {
      return absl::OutOfRangeError(
          fmt::format("the file ends at {}, before {} + {}", data.size(), offset, size));
    }
    std::memcpy(out, data.data() + offset, size);
    return absl::OkStatus();
  }
  void WillRead(uint64_t /*offset*/, size_t /*size*/) const override {
    absl::MutexLock lock(&env_.mutex_);
    ++env_.reads_announced_;
  }
  uint64_t size() const override { return size_; }

 private:
  MemEnv& env_;
  const FilePtr file_;
  const uint64_t size_;
  const uint64_t epoch_;
};

class MemEnv::Held final : public FileLock {
 public:
  Held(MemEnv& env, std::string path, uint64_t epoch) : env_(env), path_(std::move(path)), epoch_(epoch) {}
  ~Held() override {
    absl::MutexLock lock(&env_.mutex_);
    if (env_.epoch_ == epoch_)
      env_.locks_.erase(path_);  // a crash released it already; someone else may hold it
  }

 private:
  MemEnv& env_;
  const std::string path_;
  const uint64_t epoch_;
};

MemEnv::MemEnv(const Options& options)
    : name_loss_(options.name_loss),
      dirs_{"/", "."},
      capacity_bytes_(options.capacity_bytes),
      now_ns_(options.now_ns),
      rng_(options.seed) {}

// ---- faults ----

uint64_t MemEnv::operations() const {
  absl::MutexLock lock(&mutex_);
  return operations_;
}

uint64_t MemEnv::reads_announced() const {
  absl::MutexLock lock(&mutex_);
  return reads_announced_;
}

void MemEnv::FailOperation(uint64_t number, absl::Status status, Effect effect) {
  absl::MutexLock lock(&mutex_);
  faults_.insert_or_assign(number, Fault{std::move(status), effect});
}

void MemEnv::CrashAtOperation(uint64_t number, Effect effect) {
  absl::MutexLock lock(&mutex_);
  crash_at_.emplace(number, effect);
}

bool MemEnv::crashed() const {
  absl::MutexLock lock(&mutex_);
  return crashed_;
}

absl::Status MemEnv::CheckAlive(uint64_t epoch) const {
  if (crashed_) return absl::AbortedError("the machine has crashed");
  if (epoch != epoch_) return absl::AbortedError("opened before the machine crashed");
  return absl::OkStatus();
}

absl::Status MemEnv::Begin(bool* partial) {
  *partial = false;
  TAFFRAIL_RETURN_IF_ERROR(CheckAlive(epoch_));
  ++operations_;
  if (crash_at_.has_value() && operations_ >= crash_at_->first) {
    crashed_ = true;
    *partial = crash_at_->second == Effect::kPartial;
    return absl::AbortedError(fmt::format("the machine crashed at operation {}", operations_));
  }
  if (const auto fault = faults_.find(operations_); fault != faults_.end()) {
    *partial = fault->second.effect == Effect::kPartial;
    return fault->second.status;
  }
  return absl::OkStatus();
}

template <typename Apply>
absl::Status MemEnv::Mutate(Apply apply) {
  bool partial = false;
  absl::Status fault = Begin(&partial);
  if (!fault.ok() && !partial) return fault;
  absl::Status status = apply();
  return fault.ok() ? status : fault;
}

void MemEnv::Crash(uint64_t seed) {
  absl::MutexLock lock(&mutex_);
  MemFile::Rng rng(seed);
  LoseNames(rng);
  std::set<MemFile*> seen;
  for (const auto& [path, file] : files_) {
    if (seen.insert(file.get()).second) file->Crash(rng);
  }
  Restart();
}

void MemEnv::KillProcess() {
  absl::MutexLock lock(&mutex_);
  Restart();
}

void MemEnv::Restart() {
  locks_.clear();
  faults_.clear();
  crash_at_.reset();
  crashed_ = false;
  ++epoch_;
}

void MemEnv::LoseNames(MemFile::Rng& rng) {
  if (name_loss_ == NameLoss::kAnySubset) {
    for (const NameChange& change : pending_) {
      if (rng() % 2 == 0) ApplyToDisk(change);
    }
  } else {
    std::map<std::string, uint64_t>
        left;  // changes to keep, by directory: how many are pending, then a random part
    for (const NameChange& change : pending_) ++left[change.dir()];
    for (auto& [dir, changes] : left) changes = rng() % (changes + 1);
    for (const NameChange& change : pending_) {
      if (left[change.dir()] == 0) continue;
      --left[change.dir()];
      ApplyToDisk(change);
    }
  }
  for (const std::string& dir : removed_dirs_) {  // sorted: parents come first
    if (dirs_.contains(Dirname(dir)) && rng() % 2 == 0) dirs_.insert(dir);
  }
  removed_dirs_.clear();
  std::erase_if(on_disk_, [&](const auto& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !dirs_.contains(Dirname(entry.first));
  });
  pending_.clear();
  // The dead handles keep the old objects; the disk starts over with copies that nothing else can reach.
  files_.clear();
  std::map<const MemFile*, FilePtr> copies;
  for (auto& [path, file] : on_disk_) {
    FilePtr& copy = copies[file.get()];
    if (copy == nullptr) copy = std::make_shared<MemFile>(*file);
    file = copy;
    files_[path] = copy;
  }
}

void MemEnv::ForgetDir(const std::string& dir) {
  removed_dirs_.erase(dir);
  std::erase_if(on_disk_, [&](const auto& entry) { return Dirname(entry.first) == dir; });
  std::erase_if(pending_, [&](const NameChange& change) { return change.dir() == dir; });
}

void MemEnv::ApplyToDisk(const NameChange& change) {
  if (const auto it = on_disk_.find(change.from); it != on_disk_.end() && it->second == change.file) {
    on_disk_.erase(it);
  }
  if (!change.to.empty()) on_disk_[change.to] = change.file;
}

absl::Status MemEnv::Corrupt(const std::string& path, uint64_t offset, std::string_view bytes) {
  absl::MutexLock lock(&mutex_);
  TAFFRAIL_ASSIGN_OR_RETURN(const FilePtr file, Find(path));
  if (offset + bytes.size() > file->data().size()) return absl::OutOfRangeError("beyond the end of the file");
  file->Overwrite(offset, bytes);
  return absl::OkStatus();
}

// ---- files ----

absl::StatusOr<MemEnv::FilePtr> MemEnv::Find(const std::string& path) const {
  const auto it = files_.find(Normal(path));
  if (it != files_.end()) return it->second;
  if (dirs_.contains(Normal(path)))
    return absl::InvalidArgumentError(fmt::format("{}: is a directory", path));
  return NotFound(path);
}

absl::StatusOr<MemEnv::FilePtr> MemEnv::FindOrCreate(const std::string& path) {
  absl::StatusOr<FilePtr> found = Find(path);
  if (!absl::IsNotFound(found.status())) return found;
  const std::string name = Normal(path);
  if (!dirs_.contains(Dirname(name))) return NotFound(path);
  auto file = std::make_shared<MemFile>();
  files_[name] = file;
  pending_.push_back({.from = "", .to = name, .file = file});
  return file;
}

absl::StatusOr<std::unique_ptr<WritableFile>> MemEnv::OpenForWriting(const std::string& path, bool empty) {
  absl::MutexLock lock(&mutex_);
  FilePtr file;
  TAFFRAIL_RETURN_IF_ERROR(Mutate([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> absl::Status {
    TAFFRAIL_ASSIGN_OR_RETURN(file, FindOrCreate(path));
    if (empty) file->Truncate(0);
    return absl::OkStatus();
  }));
  return std::make_unique<Writer>(*this, std::move(file), epoch_);
}

absl::StatusOr<std::unique_ptr<WritableFile>> MemEnv::Create(const std::string& path) {
  return OpenForWriting(path, /*empty=*/true);
}

absl::StatusOr<std::unique_ptr<WritableFile>> MemEnv::OpenAppend(const std::string& path) {
  return OpenForWriting(path, /*empty=*/false);
}

absl::StatusOr<std::unique_ptr<RandomAccessFile>> MemEnv::OpenRead(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  TAFFRAIL_RETURN_IF_ERROR(CheckAlive(epoch_));
  TAFFRAIL_ASSIGN_OR_RETURN(FilePtr file, Find(path));
  const uint64_t size = file->data().size();
  return std::make_unique<Reader>(*this, std::move(file), size, epoch_);
}

uint64_t MemEnv::UsedBytes() const {
  uint64_t used = 0;
  std::set<const MemFile*> counted;  // a file with two names is there once
  for (const auto& [path, file] : files_) {
    if (counted.insert(file.get()).second) used += file->data().size();
  }
  return used;
}

absl::Status MemEnv::AppendTo(MemFile& file, std::string_view data, uint64_t epoch) {
  absl::MutexLock lock(&mutex_);
  TAFFRAIL_RETURN_IF_ERROR(CheckAlive(epoch));
  bool partial = false;
  if (absl::Status fault = Begin(&partial); !fault.ok()) {
    if (partial) file.Append(data.substr(0, rng_() % (data.size() + 1)));
    return fault;
  }
  if (capacity_bytes_ != std::numeric_limits<uint64_t>::max()) {
    const uint64_t used = UsedBytes();
    const uint64_t room = capacity_bytes_ > used ? capacity_bytes_ - used : 0;
    if (data.size() > room) {
      file.Append(data.substr(0, room));
      return absl::ResourceExhaustedError("no space left on device");
    }
  }
  file.Append(data);
  return absl::OkStatus();
}

absl::Status MemEnv::SyncFile(MemFile& file, uint64_t epoch) {
  absl::MutexLock lock(&mutex_);
  TAFFRAIL_RETURN_IF_ERROR(CheckAlive(epoch));
  bool partial = false;
  if (absl::Status fault = Begin(&partial); !fault.ok()) {
    if (!crashed_) file.FailSync();
    return fault;
  }
  file.Sync();
  return absl::OkStatus();
}

// ---- names ----

absl::Status MemEnv::Rename(const std::string& from, const std::string& to) {
  absl::MutexLock lock(&mutex_);
  return Mutate([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> absl::Status {
    TAFFRAIL_ASSIGN_OR_RETURN(const FilePtr file, Find(from));
    const std::string source = Normal(from), target = Normal(to);
    if (dirs_.contains(target)) return absl::InvalidArgumentError(fmt::format("{}: is a directory", to));
    if (!dirs_.contains(Dirname(target))) return NotFound(to);
    if (source == target) return absl::OkStatus();
    files_.erase(source);
    files_[target] = file;
    pending_.push_back({.from = source, .to = target, .file = file});
    return absl::OkStatus();
  });
}

absl::Status MemEnv::Link(const std::string& from, const std::string& to) {
  absl::MutexLock lock(&mutex_);
  return Mutate([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> absl::Status {
    TAFFRAIL_ASSIGN_OR_RETURN(const FilePtr file, Find(from));
    const std::string target = Normal(to);
    if (!dirs_.contains(Dirname(target))) return NotFound(to);
    if (dirs_.contains(target) || !files_.emplace(target, file).second) {
      return absl::AlreadyExistsError(fmt::format("{}: exists already", to));
    }
    pending_.push_back({.from = "", .to = target, .file = file});
    return absl::OkStatus();
  });
}

absl::Status MemEnv::Remove(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  return Mutate([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> absl::Status {
    TAFFRAIL_ASSIGN_OR_RETURN(const FilePtr file, Find(path));
    files_.erase(Normal(path));
    pending_.push_back({.from = Normal(path), .to = "", .file = file});
    return absl::OkStatus();
  });
}

absl::Status MemEnv::Truncate(const std::string& path, uint64_t size) {
  absl::MutexLock lock(&mutex_);
  return Mutate([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> absl::Status {
    TAFFRAIL_ASSIGN_OR_RETURN(const FilePtr file, Find(path));
    file->Truncate(size);
    return absl::OkStatus();
  });
}

absl::Status MemEnv::MakePrivate(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  TAFFRAIL_RETURN_IF_ERROR(CheckAlive(epoch_));
  return Find(path).status();
}

absl::Status MemEnv::CreateDirs(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  return Mutate([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> absl::Status {
    for (std::string dir = Normal(path); !dirs_.contains(dir); dir = Dirname(dir)) {
      if (files_.contains(dir)) return absl::AlreadyExistsError(fmt::format("{}: is a file", dir));
      ForgetDir(dir);
      dirs_.insert(dir);
    }
    return absl::OkStatus();
  });
}

absl::Status MemEnv::RemoveDir(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  return Mutate([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> absl::Status {
    const std::string dir = Normal(path);
    if (!dirs_.contains(dir)) return NotFound(path);
    const auto inside = [&](const std::string& other) { return other != dir && Dirname(other) == dir; };
    if (std::any_of(dirs_.begin(), dirs_.end(), inside) ||
        std::any_of(files_.begin(), files_.end(), [&](const auto& entry) { return inside(entry.first); })) {
      return absl::FailedPreconditionError(fmt::format("{}: directory not empty", path));
    }
    dirs_.erase(dir);
    removed_dirs_.insert(dir);
    return absl::OkStatus();
  });
}

absl::Status MemEnv::SyncDir(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  return Mutate([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> absl::Status {
    const std::string dir = Normal(path);
    if (!dirs_.contains(dir)) return NotFound(path);
    std::erase_if(pending_, [&](const NameChange& change) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      const bool here = change.dir() == dir || (!change.from.empty() && Dirname(change.from) == dir);
      if (here) ApplyToDisk(change);
      return here;
    });
    const std::set<std::string> removed = removed_dirs_;
    for (const std::string& other : removed) {
      if (Dirname(other) == dir) ForgetDir(other);
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<std::string>> MemEnv::List(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  TAFFRAIL_RETURN_IF_ERROR(CheckAlive(epoch_));
  const std::string dir = Normal(path);
  if (!dirs_.contains(dir)) return NotFound(path);
  std::vector<std::string> names;
  const auto add = [&](const std::string& other) {
    if (other != dir && other != "." && Dirname(other) == dir)
      names.push_back(other.substr(other.rfind('/') + 1));
  };
  for (const auto& [file, unused] : files_) add(file);
  for (const std::string& other : dirs_) add(other);
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<uint64_t> MemEnv::FileSize(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  TAFFRAIL_RETURN_IF_ERROR(CheckAlive(epoch_));
  TAFFRAIL_ASSIGN_OR_RETURN(const FilePtr file, Find(path));
  return file->data().size();
}

bool MemEnv::Exists(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  return !crashed_ && (files_.contains(Normal(path)) || dirs_.contains(Normal(path)));
}

absl::StatusOr<DiskSpace> MemEnv::Space(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  TAFFRAIL_RETURN_IF_ERROR(CheckAlive(epoch_));
  if (!files_.contains(Normal(path)) && !dirs_.contains(Normal(path))) return NotFound(path);
  return DiskSpace{.total_bytes = capacity_bytes_,
                   .available_bytes = capacity_bytes_ - std::min(capacity_bytes_, UsedBytes())};
}

absl::StatusOr<std::unique_ptr<FileLock>> MemEnv::Lock(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  TAFFRAIL_RETURN_IF_ERROR(CheckAlive(epoch_));
  TAFFRAIL_ASSIGN_OR_RETURN(const FilePtr file, FindOrCreate(path));
  if (!locks_.insert(Normal(path)).second) {
    return absl::FailedPreconditionError(fmt::format("{}: locked by this process", path));
  }
  return std::make_unique<Held>(*this, Normal(path), epoch_);
}

// ---- clock, randomness, capacity ----

void MemEnv::SetCapacity(uint64_t capacity_bytes) {
  absl::MutexLock lock(&mutex_);
  capacity_bytes_ = capacity_bytes;
}

void MemEnv::SetNowNs(int64_t now_ns) {
  absl::MutexLock lock(&mutex_);
  now_ns_ = now_ns;
}

void MemEnv::AdvanceNs(int64_t duration_ns) {
  absl::MutexLock lock(&mutex_);
  now_ns_ += duration_ns;
  monotonic_ns_ += duration_ns;
}

int64_t MemEnv::NowNs() {
  absl::MutexLock lock(&mutex_);
  return now_ns_;
}

int64_t MemEnv::MonotonicNs() {
  absl::MutexLock lock(&mutex_);
  return monotonic_ns_;
}

void MemEnv::SleepNs(int64_t duration_ns) {
  AdvanceNs(std::max<int64_t>(duration_ns, 0));
  std::this_thread::yield();
}

void MemEnv::Random(std::span<char> out) {
  absl::MutexLock lock(&mutex_);
  for (char& byte : out) byte = static_cast<char>(rng_());
}

}  // namespace taffrail::base
