// Ids and trace context into what libcurl sends.
//
//   taffrail::CurlHeaders headers;                       // from this thread's context
//   headers.add("Content-Type: application/json");
//   headers.apply(easy);                                 // CURLOPT_HTTPHEADER; lives until the transfer ends
//
// or, beside a list of one's own: list = taffrail::append_context_headers(list);
#pragma once

#include <curl/curl.h>

#include <string>

#include "taffrail/propagate/headers.h"

namespace taffrail {

// The list with this thread's headers at its end. Null only when it was null and there is nothing to add; on
// a lack of memory headers are missing.
inline curl_slist* append_context_headers(curl_slist* list) {
  for (const auto& [name, value] : inject()) {
    curl_slist* longer = curl_slist_append(list, (name + ": " + value).c_str());
    if (longer != nullptr) list = longer;
  }
  return list;
}

class CurlHeaders {
 public:
  CurlHeaders() : list_(append_context_headers(nullptr)) {}
  ~CurlHeaders() { curl_slist_free_all(list_); }
  CurlHeaders(const CurlHeaders&) = delete;
  CurlHeaders& operator=(const CurlHeaders&) = delete;

  // "Name: value". False when there was no memory.
  bool add(const std::string& header) {
    curl_slist* longer = curl_slist_append(list_, header.c_str());
    if (longer == nullptr) return false;
    list_ = longer;
    return true;
  }
  // Replaces the handle's own list of headers, which stays the caller's to free.
  CURLcode apply(CURL* easy) const { return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list_); }

 private:
  curl_slist* list_;
};

}  // namespace taffrail
