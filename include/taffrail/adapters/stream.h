// std::clog, std::cerr → Taffrail: each line that is written to the stream becomes a log line.
//
//   const taffrail::adapters::StreamRedirect clog(std::clog, "legacy");
//   const taffrail::adapters::StreamRedirect cerr(std::cerr, "legacy", taffrail::Level::kError);
//
// Do not redirect a stream that a console sink of the same configuration writes to by way of the stream
// itself (console_sink does not: it writes to the file descriptor).
#pragma once

#include <map>
#include <mutex>
#include <ostream>
#include <streambuf>
#include <string>
#include <thread>
#include <utility>

#include "taffrail/foreign.h"

namespace taffrail::adapters {

// Thread-safe: what two threads write at once does not get into one line.
class LineBuffer final : public std::streambuf {
 public:
  LineBuffer(std::string logger, Level level) : logger_(std::move(logger)), level_(level) {}
  ~LineBuffer() override {
    for (auto& [thread, text] : partial_) {
      if (!text.empty()) emit(text);
    }
  }
  LineBuffer(const LineBuffer&) = delete;
  LineBuffer& operator=(const LineBuffer&) = delete;

 protected:
  int_type overflow(int_type c) override {
    if (!traits_type::eq_int_type(c, traits_type::eof())) {
      const char byte = traits_type::to_char_type(c);
      xsputn(&byte, 1);
    }
    return traits_type::not_eof(c);
  }
  std::streamsize xsputn(const char* text, std::streamsize size) override {
    const std::lock_guard lock(mutex_);
    std::string& line = partial_[std::this_thread::get_id()];
    for (std::streamsize i = 0; i < size; ++i) {
      // A stream that never ends its line must not fill the memory.
      constexpr size_t kLineBytesMax = size_t{1} << 20;
      if (text[i] != '\n') line.push_back(text[i]);
      if (text[i] != '\n' && line.size() < kLineBytesMax) continue;
      emit(line);
      line.clear();
    }
    if (line.empty()) partial_.erase(std::this_thread::get_id());
    return size;
  }

 private:
  void emit(const std::string& line) { log_foreign({.logger = logger_, .level = level_, .message = line}); }

  std::string logger_;
  Level level_;
  std::mutex mutex_;
  std::map<std::thread::id, std::string> partial_;  // the begun line of each thread
};

// For as long as it lives.
class StreamRedirect {
 public:
  explicit StreamRedirect(std::ostream& stream, std::string logger = "stream", Level level = Level::kInfo)
      : stream_(stream), buffer_(std::move(logger), level), before_(stream.rdbuf(&buffer_)) {}
  ~StreamRedirect() { stream_.rdbuf(before_); }
  StreamRedirect(const StreamRedirect&) = delete;
  StreamRedirect& operator=(const StreamRedirect&) = delete;

 private:
  std::ostream& stream_;
  LineBuffer buffer_;
  std::streambuf* before_;
};

}  // namespace taffrail::adapters
