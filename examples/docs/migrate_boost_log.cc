// The code of docs/migrate.md about Boost.Log.
#include <boost/log/core.hpp>
#include <boost/log/sinks/unlocked_frontend.hpp>
#include <boost/make_shared.hpp>

#include "taffrail/adapters/boost_log.h"
#include "taffrail/config.h"

namespace samples {

void BoostLogAdapter() {
  // [adapter]
  taffrail::init(taffrail::Config::from_env());
  using Backend = taffrail::adapters::BoostLogBackend;
  boost::log::core::get()->add_sink(boost::make_shared<boost::log::sinks::unlocked_sink<Backend>>());
  BOOST_LOG_TRIVIAL(warning) << "disk almost full";
  // [/adapter]
}

}  // namespace samples
