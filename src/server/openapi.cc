// The API's own description, as it was when this program was built.
#include <string_view>

#include "server/routes.h"

// The assembler puts the file into the program; TAFFRAIL_OPENAPI_FILE is its path, from CMakeLists.txt.
asm(R"(
  .section .rodata
  .global taffrail_openapi_begin
  .global taffrail_openapi_end
taffrail_openapi_begin:
  .incbin ")" TAFFRAIL_OPENAPI_FILE R"("
taffrail_openapi_end:
  .byte 0
  .previous
)");
extern "C" const char taffrail_openapi_begin[];
extern "C" const char taffrail_openapi_end[];

namespace taffrail::server {

void AddOpenapiRoutes(net::Router& router, App&) {
  router.Add("GET", "/openapi.yaml", [](net::HttpRequest&, net::HttpResponder& responder) {
    const std::string_view document(taffrail_openapi_begin,
                                    static_cast<size_t>(taffrail_openapi_end - taffrail_openapi_begin));
    responder.Send(200, {{"Content-Type", "application/yaml"}}, std::string(document));
  });
}

}  // namespace taffrail::server
