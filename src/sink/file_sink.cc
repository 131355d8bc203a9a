#include <cstdio>
#include <utility>

#include "base/env.h"
#include "taffrail/sinks.h"

namespace taffrail {
namespace {

class FileSink : public Sink {
 public:
  explicit FileSink(std::string path) : path_(std::move(path)) {}

  bool write(const Batch& batch) override {
    absl::Status status = Open();
    if (status.ok()) status = file_->Append(batch.text);
    if (status.ok()) {
      told_ = false;
      return true;
    }
    // How much arrived is unknown: the file is opened anew, and a line that may be torn gets its end.
    torn_ |= file_ != nullptr;
    file_ = nullptr;
    Tell(status);
    return false;
  }

 private:
  absl::Status Open() {
    if (file_ != nullptr) return absl::OkStatus();
    base::Env& env = base::Env::Posix();
    TAFFRAIL_RETURN_IF_ERROR(env.CreateDirs(base::Dirname(path_)));
    TAFFRAIL_ASSIGN_OR_RETURN(auto file, env.OpenAppend(path_));
    if (std::exchange(torn_, false)) TAFFRAIL_RETURN_IF_ERROR(file->Append("\n"));
    file_ = std::move(file);
    return absl::OkStatus();
  }

  void Tell(const absl::Status& status) {
    if (std::exchange(told_, true)) return;
    std::fprintf(stderr, "taffrail: cannot write the log file %s: %s; trying again with every batch\n",
                 path_.c_str(), std::string(status.message()).c_str());
  }

  std::string path_;
  std::unique_ptr<base::WritableFile> file_;
  bool torn_ = false;
  bool told_ = false;  // the present trouble, on the standard error
};

}  // namespace

std::shared_ptr<Sink> file_sink(std::string path) { return std::make_shared<FileSink>(std::move(path)); }

}  // namespace taffrail
