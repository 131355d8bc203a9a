#include "log/queue_names.h"

#include <fcntl.h>

#include <cstring>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "sink/console_sink.h"

namespace taffrail::log {
namespace {

enum ChunkType : char { kProcess = 'P', kSink = 'F', kSite = 'S', kLogger = 'L' };

// A site has as many fields as a call has arguments.
constexpr uint64_t kSiteFieldsMax = 1024;

template <typename T>
uint64_t AddressOf(const T& object) {
  return reinterpret_cast<uintptr_t>(&object);
}

void PutFlag(std::string& out, bool flag) { out.push_back(flag ? 1 : 0); }

Level LevelOf(uint8_t number) {
  constexpr uint8_t kStep = 4;  // 1, 5, 9 … 25
  const bool known = number <= static_cast<uint8_t>(Level::kOff) && number % kStep == 1;
  return known ? static_cast<Level>(number) : Level::kInfo;
}

bool ParseSite(base::ByteReader& in, Names& names) {
  auto site = std::make_unique<RecoveredSite>();
  const auto address = in.Fixed<uint64_t>();
  site->message_in_record = in.Fixed<uint8_t>() != 0;
  site->message_text = in.String();
  site->file = in.String();
  site->function = in.String();
  const auto line = in.Fixed<uint32_t>();
  const uint64_t fields = in.Varint();
  if (!in.ok() || fields > kSiteFieldsMax) return false;
  for (uint64_t i = 0; i < fields; ++i) {
    site->key_texts.emplace_back(in.String());
    const auto kind = in.Fixed<uint8_t>();
    const auto unit = in.Fixed<uint8_t>();
    if (kind > static_cast<uint8_t>(detail::Kind::kDuration)) return false;
    if (unit > static_cast<uint8_t>(detail::Unit::kHours)) return false;
    site->type_storage.push_back({static_cast<detail::Kind>(kind), static_cast<detail::Unit>(unit)});
  }
  if (!in.ok()) return false;
  for (const std::string& key : site->key_texts)
    site->key_storage.push_back({key.data(), static_cast<uint32_t>(key.size())});
  site->message_size = static_cast<uint32_t>(site->message_text.size());
  site->field_count = static_cast<uint32_t>(fields);
  site->keys = site->key_storage.data();
  site->types = site->type_storage.data();
  site->place = {site->file.c_str(), site->function.c_str(), line};
  site->message.store_relaxed(site->message_in_record ? static_cast<const char*>(detail::kRunTimeMessage)
                                                      : site->message_text.c_str());
  names.sites[address] = std::move(site);
  return true;
}

bool ParseProcess(base::ByteReader& in, Names& names) {
  ProcessNames process;
  process.pid = in.Varint();
  for (std::string* text :
       {&process.service, &process.environment, &process.version, &process.hostname, &process.process_name}) {
    *text = in.String();
  }
  for (bool* flag : {&process.process_id, &process.thread_id, &process.thread_name, &process.redacted})
    *flag = in.Fixed<uint8_t>() != 0;
  process.source_from = LevelOf(in.Fixed<uint8_t>());
  const auto precision = in.Fixed<uint8_t>();
  process.timestamp =
      precision >= 9 ? Precision::kNanos : (precision >= 6 ? Precision::kMicros : Precision::kMillis);
  if (!in.ok()) return false;
  names.process = std::move(process);
  names.sinks.clear();  // those that follow
  return true;
}

bool ParseSink(base::ByteReader& in, Names& names) {
  SinkNames sink;
  sink.path = in.String();
  sink.level = LevelOf(in.Fixed<uint8_t>());
  sink.layout = in.String();
  for (uint64_t left = in.Varint(); left > 0 && in.ok(); --left) {
    const auto category = in.Fixed<uint8_t>();
    if (category <= static_cast<uint8_t>(Category::kSecurity))
      sink.categories.push_back(static_cast<Category>(category));
  }
  if (!in.ok()) return false;
  names.sinks.push_back(std::move(sink));
  return true;
}

bool ParseChunk(std::string_view chunk, Names& names) {
  base::ByteReader in(chunk);
  switch (in.Fixed<char>()) {
    case kProcess:
      return ParseProcess(in, names);
    case kSink:
      return ParseSink(in, names);
    case kSite:
      return ParseSite(in, names);
    case kLogger: {
      const auto address = in.Fixed<uint64_t>();
      const std::string_view name = in.String();
      if (in.ok()) names.loggers[address] = &detail::find_logger(name);
      return in.ok();
    }
    default:
      return in.ok();  // a later version's
  }
}

}  // namespace

absl::StatusOr<NamesWriter> NamesWriter::Create(const std::string& path) {
  sink::Fd fd(sink::Retry([&] {
    return open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  }));
  if (!fd.valid()) return absl::ErrnoToStatus(errno, "create " + path);
  return NamesWriter(std::move(fd));
}

absl::Status NamesWriter::Append(char type, std::string_view payload) {
  std::string body(1, type);
  body.append(payload);
  std::string chunk;
  base::PutFixed(chunk, static_cast<uint32_t>(body.size()));
  base::PutFixed(chunk, base::Checksum32(body));
  chunk.append(body);
  if (sink::WriteAll(fd_.get(), chunk) == chunk.size()) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, "write names");
}

absl::Status NamesWriter::Add(const ProcessNames& process, const std::vector<SinkNames>& sinks) {
  std::string payload;
  base::PutVarint(payload, process.pid);
  for (const std::string* text :
       {&process.service, &process.environment, &process.version, &process.hostname, &process.process_name}) {
    base::PutString(payload, *text);
  }
  for (const bool flag : {process.process_id, process.thread_id, process.thread_name, process.redacted})
    PutFlag(payload, flag);
  payload.push_back(static_cast<char>(process.source_from));
  payload.push_back(static_cast<char>(process.timestamp));
  TAFFRAIL_RETURN_IF_ERROR(Append(kProcess, payload));
  for (const SinkNames& sink : sinks) {
    payload.clear();
    base::PutString(payload, sink.path);
    payload.push_back(static_cast<char>(sink.level));
    base::PutString(payload, sink.layout);
    base::PutVarint(payload, sink.categories.size());
    for (const Category category : sink.categories) payload.push_back(static_cast<char>(category));
    TAFFRAIL_RETURN_IF_ERROR(Append(kSink, payload));
  }
  return absl::OkStatus();
}

absl::Status NamesWriter::Add(const detail::CallSite& site, const char* message) {
  const bool in_record = message == static_cast<const char*>(detail::kRunTimeMessage);
  std::string payload;
  base::PutFixed(payload, AddressOf(site));
  PutFlag(payload, in_record);
  base::PutString(payload, {message, site.message_size});
  base::PutString(payload, site.place.file);
  base::PutString(payload, site.place.function);
  base::PutFixed(payload, site.place.line);
  base::PutVarint(payload, site.field_count);
  for (uint32_t i = 0; i < site.field_count; ++i) {
    base::PutString(payload, {site.keys[i].data, site.keys[i].size});
    payload.push_back(static_cast<char>(site.types[i].kind));
    payload.push_back(static_cast<char>(site.types[i].unit));
  }
  return Append(kSite, payload);
}

absl::Status NamesWriter::Add(const detail::LoggerNode& logger) {
  std::string payload;
  base::PutFixed(payload, AddressOf(logger));
  base::PutString(payload, logger.name);
  return Append(kLogger, payload);
}

Names Names::Parse(std::string_view bytes) {
  Names names;
  base::ByteReader in(bytes);
  while (!in.AtEnd() && !names.damaged) {
    const auto size = in.Fixed<uint32_t>();
    const auto checksum = in.Fixed<uint32_t>();
    const std::string_view chunk = in.Bytes(size);
    if (!in.ok()) break;  // killed while it was being written, and so nothing refers to it
    names.damaged = base::Checksum32(chunk) != checksum || !ParseChunk(chunk, names);
  }
  return names;
}

}  // namespace taffrail::log
