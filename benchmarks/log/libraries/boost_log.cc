// Boost.Log: JSON by its formatter and by hand in the message; nothing is escaped. Variants: "async" (an
// unbounded queue, its default) and "sync".
#include <boost/log/attributes/clock.hpp>
#include <boost/log/core.hpp>
#include <boost/log/expressions.hpp>
#include <boost/log/sinks/async_frontend.hpp>
#include <boost/log/sinks/sync_frontend.hpp>
#include <boost/log/sinks/text_file_backend.hpp>
#include <boost/log/sources/record_ostream.hpp>
#include <boost/log/sources/severity_logger.hpp>
#include <boost/log/support/date_time.hpp>
#include <boost/log/trivial.hpp>
#include <boost/make_shared.hpp>

#include "harness/main.h"

namespace {

namespace logging = boost::log;
namespace expr = boost::log::expressions;
using logging::trivial::severity_level;

class BoostLog {
 public:
  void Start(const bench::Setup& setup) {
    const auto core = logging::core::get();
    core->add_global_attribute("TimeStamp", logging::attributes::utc_clock());
    core->set_filter(expr::attr<severity_level>("Severity") >= logging::trivial::info);
    const auto backend = boost::make_shared<logging::sinks::text_file_backend>(
        logging::keywords::file_name = setup.file, logging::keywords::open_mode = std::ios_base::app);
    if (setup.variant == "async") {
      Add<logging::sinks::asynchronous_sink<logging::sinks::text_file_backend>>(backend);
    } else {
      Add<logging::sinks::synchronous_sink<logging::sinks::text_file_backend>>(backend);
    }
  }

  [[gnu::always_inline]] void Log(const bench::Workload& w, int number) {
    Write(logging::trivial::info, w, number);
  }
  [[gnu::always_inline]] void LogDisabled(const bench::Workload& w, int number) {
    Write(logging::trivial::debug, w, number);
  }
  void Flush() { logging::core::get()->flush(); }

 private:
  template <typename Sink>
  static void Add(const boost::shared_ptr<logging::sinks::text_file_backend>& backend) {
    const auto sink = boost::make_shared<Sink>(backend);
    sink->set_formatter(
        expr::stream << R"({"timestamp":")"
                     << expr::format_date_time<boost::posix_time::ptime>("TimeStamp", "%Y-%m-%dT%H:%M:%S.%fZ")
                     << R"(","level":")" << expr::attr<severity_level>("Severity")
                     << R"(","service":"bench","logger":"tasks.service",)" << expr::smessage << "}");
    logging::core::get()->add_sink(sink);
  }

  static void Write(severity_level level, const bench::Workload& w, int number) {
    // A source belongs to one thread, unless it locks.
    static thread_local logging::sources::severity_logger<severity_level> log;
    BOOST_LOG_SEV(log, level) << R"("message":"Task created successfully","metadata":{"request_id":")"
                              << w.request_id << R"(","user_id":")" << w.user_id << R"(","organization_id":")"
                              << w.organization_id << R"(","duration_ms":)" << number << R"(,"status_code":)"
                              << w.status_code << R"(,"path":")" << w.path << R"("})";
  }
};

}  // namespace

int main(int argc, char** argv) { return bench::Main<BoostLog>(argc, argv); }
