// glog: text lines with name=value pairs, which is what it has; it writes in the call.
#include <glog/logging.h>

#include "harness/main.h"

namespace {

class Glog {
 public:
  void Start(const bench::Setup& setup) {
    FLAGS_logtostderr = false;
    FLAGS_timestamp_in_logfile_name = false;
    FLAGS_logbufsecs = 30;  // its default
    FLAGS_log_prefix = true;
    google::SetLogDestination(google::GLOG_INFO, setup.file.c_str());
    google::SetLogSymlink(google::GLOG_INFO, "");
    google::InitGoogleLogging("bench");
    if (setup.fatal_signals) google::InstallFailureSignalHandler();
  }

  [[gnu::always_inline]] void Log(const bench::Workload& w, int number) {
    LOG(INFO) << "Task created successfully request_id=" << w.request_id << " user_id=" << w.user_id
              << " organization_id=" << w.organization_id << " duration_ms=" << number
              << " status_code=" << w.status_code << " path=" << w.path;
  }

  [[gnu::always_inline]] void LogDisabled(const bench::Workload& w, int number) {
    VLOG(1) << "Task created successfully request_id=" << w.request_id << " user_id=" << w.user_id
            << " organization_id=" << w.organization_id << " duration_ms=" << number
            << " status_code=" << w.status_code << " path=" << w.path;
  }

  void Flush() { google::FlushLogFiles(google::GLOG_INFO); }
};

}  // namespace

int main(int argc, char** argv) { return bench::Main<Glog>(argc, argv); }
