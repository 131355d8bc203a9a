// REQ L-12
#include "taffrail/adapters/boost_log.h"

#include <gmock/gmock.h>

#include <boost/log/attributes/constant.hpp>
#include <boost/log/core.hpp>
#include <boost/log/sinks/unlocked_frontend.hpp>
#include <boost/log/sources/severity_channel_logger.hpp>
#include <boost/log/utility/manipulators/add_value.hpp>
#include <boost/make_shared.hpp>

#include "lines.h"

namespace taffrail {
namespace {

namespace logging = boost::log;
using testing::ElementsAre;

class BoostLogAdapter : public testing::Test {
 protected:
  BoostLogAdapter() { logging::core::get()->add_sink(sink_); }
  ~BoostLogAdapter() override { logging::core::get()->remove_sink(sink_); }

  Lines lines_;
  boost::shared_ptr<logging::sinks::sink> sink_ =
      boost::make_shared<logging::sinks::unlocked_sink<adapters::BoostLogBackend>>();
};

TEST_F(BoostLogAdapter, LinesGoThroughWithChannelLevelAndAttributes) {
  logging::sources::severity_channel_logger<logging::trivial::severity_level, std::string> log(
      logging::keywords::channel = "legacy.orders");
  BOOST_LOG_SEV(log, logging::trivial::info) << "order " << 17;
  BOOST_LOG_SEV(log, logging::trivial::fatal)
      << logging::add_value("order_id", 17) << logging::add_value("customer", std::string("Zoë")) << "gone";
  EXPECT_THAT(lines_.Take(), ElementsAre(R"({"level":"INFO","logger":"legacy.orders","message":"order 17"})",
                                         R"({"level":"CRITICAL","logger":"legacy.orders","message":"gone",)"
                                         R"("metadata":{"attributes":{"order_id":17,"customer":"Zoë"}}})"));
}

TEST_F(BoostLogAdapter, TrivialLogWorksToo) {
  BOOST_LOG_TRIVIAL(warning) << "w";
  EXPECT_THAT(lines_.Take(), ElementsAre(R"({"level":"WARNING","logger":"boost","message":"w"})"));
}

}  // namespace
}  // namespace taffrail
