// Workload W1: one line of a web application, as every library here has to write it.
//
// The strings are std::strings filled at run time from an opaque source, so that no compiler knows a length
// that a service would not know either.
#pragma once

#include <string>

namespace bench {

struct Workload {
  std::string request_id = Opaque("req_8f4e2b1c09ad");
  std::string user_id = Opaque("usr_a1b2c3d4");
  std::string organization_id = Opaque("org_12345");
  std::string path = Opaque("/api/v1/tasks");
  int status_code = 201;
  // and the message "Task created successfully", a literal at each call, and duration_ms, the line's number

 private:
  [[gnu::noinline]] static std::string Opaque(const char* text) {
    asm volatile("" : "+r"(text));
    return text;
  }
};

}  // namespace bench
