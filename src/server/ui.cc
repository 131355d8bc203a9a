// GET / and /ui/{file}: the web UI. One page, one script, one style sheet; its address keeps all further
// state after the "#", which no browser sends: what people search for is in no proxy's log.
//
// The policy lets the page load its own files and talk to its own server, and nothing else: no inline script
// or style, no frame, no form, and (trusted types) no text that becomes HTML. A line that holds a script
// stays a line.
#include <string>
#include <string_view>

#include "base/env.h"
#include "base/hash.h"
#include "fmt/format.h"
#include "net/body_decoder.h"
#include "server/routes.h"
#include "server/ui_assets.h"

namespace taffrail::server {
namespace {

using net::HttpRequest;
using net::HttpResponder;

constexpr char kPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'";

constexpr uint64_t kMaxAssetBytes = 8 << 20;  // of a file read from a developer's directory, or unpacked

const UiAsset* Find(std::string_view name) {
  for (const UiAsset& asset : UiAssets()) {
    if (asset.name == name) return &asset;
  }
  return nullptr;
}

net::Headers HeadersOf(const UiAsset& asset, std::string_view bytes) {
  return {
      {"Content-Type", std::string(asset.content_type)},
      {"Content-Security-Policy", kPolicy},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cache-Control", "no-cache"},  // asked for again each time, and answered 304 until a new version runs
      {"Vary", "Accept-Encoding"},
      {"ETag", fmt::format("\"{:016x}\"", base::Hash64(bytes))}};
}

// For work on the UI: the files as they are in a directory now.
void SendFromDir(App& app, const UiAsset& asset, HttpResponder& responder) {
  const std::string path = base::JoinPath(app.options.ui_dir, asset.name);
  const absl::StatusOr<std::string> file = base::ReadFile(app.env, path, kMaxAssetBytes);
  if (!file.ok()) return responder.SendError(file.status());
  responder.Send(200, HeadersOf(asset, *file), *file);
}

void SendAsset(App& app, std::string_view name, HttpRequest& request, HttpResponder& responder) {
  const UiAsset* const asset = Find(name);
  if (asset == nullptr) return responder.SendProblem(404, fmt::format("the UI has no file \"{}\"", name));
  if (!app.options.ui_dir.empty()) return SendFromDir(app, *asset, responder);
  net::Headers headers = HeadersOf(*asset, asset->gzip);
  if (request.headers.Get("If-None-Match") == headers.Get("ETag")) return responder.Send(304, headers, "");
  if (request.headers.HasToken("Accept-Encoding", "gzip")) {
    headers.Add("Content-Encoding", "gzip");
    return responder.Send(200, headers, std::string(asset->gzip));
  }
  const absl::StatusOr<std::string> plain =
      net::DecodeBody("gzip", asset->gzip, {.max_decoded_bytes = kMaxAssetBytes});
  if (!plain.ok()) return responder.SendError(plain.status());
  responder.Send(200, headers, *plain);
}

}  // namespace

void AddUiRoutes(net::Router& router, App& app) {
  router.Add("GET", "/", [&app](HttpRequest& request, HttpResponder& responder) {
    SendAsset(app, "index.html", request, responder);
  });
  router.Add("GET", "/ui/{file}", [&app](HttpRequest& request, HttpResponder& responder) {
    SendAsset(app, request.PathParameter("file"), request, responder);
  });
}

}  // namespace taffrail::server
