// hiredis' commands as events (taffrail/events/database.h): functions that stand for those of hiredis.
//
//   auto* reply = static_cast<redisReply*>(taffrail::instrument::redis_command(redis, "GET session:%s", id));
//
// A command is logged as its name with ? for every argument: "GET ?". The "table" is what its key has before
// the first colon ("session"), if that is a plain word: the rest may be anybody's. Link taffrail_events.
#pragma once

#include <hiredis/hiredis.h>

#include <algorithm>
#include <chrono>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "taffrail/events/database.h"

namespace taffrail::instrument {
namespace detail {

// Commands have at most this many letters, and a table's name is no longer either: what is longer is data.
inline constexpr size_t kRedisWordBytesMax = 32;

inline bool redis_is_word(std::string_view text) {
  return !text.empty() && text.size() <= kRedisWordBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
         });
}

inline std::string_view redis_table(std::string_view key) {
  const size_t colon = key.find(':');
  if (colon == std::string_view::npos) return {};
  const std::string_view table = key.substr(0, colon);
  return redis_is_word(table) ? table : std::string_view();
}

// "GET ?"; more than one argument is "SET ? …": how many there are is no part of the shape.
inline std::string redis_shape(std::string_view command, size_t arguments) {
  std::string shape(command);
  if (arguments > 0) shape += arguments == 1 ? " ?" : " ? ...";
  return shape;
}

// Rows of an array, one for any other answer, none for nil.
inline int64_t redis_rows(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_NIL) return 0;
  return reply.type == REDIS_REPLY_ARRAY ? static_cast<int64_t>(reply.elements) : 1;
}

inline void redis_report(const redisContext* redis, std::string_view command, std::string_view key,
                         size_t arguments, std::chrono::nanoseconds took, const redisReply* reply) {
  std::string name(redis_is_word(command) ? command : std::string_view("OTHER"));
  for (char& c : name) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  const std::string shape = redis_shape(name, arguments);
  events::QueryEvent query{
      .statement = shape, .system = "redis", .query_type = name, .table = redis_table(key), .duration = took};
  if (reply != nullptr && reply->type != REDIS_REPLY_ERROR) {
    query.rows = redis_rows(*reply);
    return events::query_executed(query);
  }
  std::string_view message = redis->errstr;
  if (reply != nullptr) message = {reply->str, static_cast<size_t>(reply->len)};
  // "WRONGTYPE Operation against …": the first word of an error that the server answers is its code.
  const std::string_view code = reply == nullptr ? std::string_view() : message.substr(0, message.find(' '));
  events::query_failed({.query = query,
                        .error_code = redis_is_word(code) ? code : std::string_view(),
                        .error_message = message});
}

// The next "$<size>\r\n<bytes>\r\n" of a command as it goes to the server.
inline std::string_view redis_argument(std::string_view& rest) {
  const size_t line = rest.find("\r\n");
  if (rest.empty() || rest.front() != '$' || line == std::string_view::npos) return {};
  size_t size = 0;
  for (const char c : rest.substr(1, line - 1)) size = 10 * size + static_cast<size_t>(c - '0');
  const std::string_view argument = rest.substr(line + 2, size);
  rest.remove_prefix(std::min(line + 2 + size + 2, rest.size()));
  return argument;
}

}  // namespace detail

// redisCommandArgv.
inline void* redis_command_argv(redisContext* redis, int count, const char** arguments, const size_t* sizes) {
  const auto begun = std::chrono::steady_clock::now();
  void* reply = redisCommandArgv(redis, count, arguments, sizes);
  const auto took = std::chrono::steady_clock::now() - begun;
  const auto argument = [&](int i) -> std::string_view {
    if (i >= count) return {};
    return sizes == nullptr ? std::string_view(arguments[i]) : std::string_view(arguments[i], sizes[i]);
  };
  detail::redis_report(redis, argument(0), argument(1), static_cast<size_t>(std::max(count - 1, 0)), took,
                       static_cast<const redisReply*>(reply));
  return reply;
}

// redisvCommand: the format is hiredis' own (%s a string, %b bytes with their size).
inline void* redis_vcommand(redisContext* redis, const char* format, va_list arguments) {
  char* bytes = nullptr;
  const int size = redisvFormatCommand(&bytes, format, arguments);
  if (size < 0) return nullptr;  // as hiredis: a bad format
  const std::string_view command(bytes, static_cast<size_t>(size));
  std::string_view rest = command.substr(std::min(command.find("\r\n") + 2, command.size()));
  const std::string name(detail::redis_argument(rest));
  const std::string key(detail::redis_argument(rest));
  const size_t parts = static_cast<size_t>(std::atoi(bytes + 1));  // "*<parts>\r\n"
  const auto begun = std::chrono::steady_clock::now();
  void* reply = nullptr;
  if (redisAppendFormattedCommand(redis, bytes, static_cast<size_t>(size)) == REDIS_OK) {
    redisGetReply(redis, &reply);
  }
  const auto took = std::chrono::steady_clock::now() - begun;
  redisFreeCommand(bytes);
  detail::redis_report(redis, name, key, parts - 1, took, static_cast<const redisReply*>(reply));
  return reply;
}

// redisCommand.
inline void* redis_command(redisContext* redis, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  void* reply = redis_vcommand(redis, format, arguments);
  va_end(arguments);
  return reply;
}

}  // namespace taffrail::instrument
