#include "task_service/faults.h"

#include <exception>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace task_service {

void ThrowIfAsked(const examples::http::Request& request, Repository& repository) {
  const std::string_view fault = request.headers.Get("X-Demo-Fault");
  if (fault == "exception") {
    try {
      const std::vector<int> positions = {1, 2, 3};
      static_cast<void>(positions.at(positions.size()));
    } catch (const std::exception&) {
      std::throw_with_nested(std::runtime_error("the board's layout could not be computed"));
    }
  } else if (fault == "database") {
    repository.RunBrokenQuery();
  }
}

}  // namespace task_service
