// An entry of a queue directory with any bytes in it: recovery never crashes, gives out only lines that can
// be rendered, and comes to an end. The input is changes to a good entry, which the library
// itself has made: which file, where, and the bytes that go there.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/bytes.h"
#include "log/queue_arena.h"
#include "log/recovery.h"
#include "log/recovery_piece.h"
#include "taffrail/sinks.h"

namespace taffrail::log {
namespace {

namespace fs = std::filesystem;

struct Good {
  std::string names, journal, ring, slots;
};

struct TemporaryDir {
  fs::path path;
  TemporaryDir() {
    // In memory if there is such a place: recovery syncs what it does, and would wait for the disk.
    std::error_code none;
    const fs::path memory = "/dev/shm";
    const fs::path parent = fs::is_directory(memory, none) ? memory : fs::temp_directory_path();
    std::string name = (parent / "taffrail_fuzz_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path = name;
  }
  ~TemporaryDir() { fs::remove_all(path); }
};

// By the writers themselves: one call site with a string and a number, one logger, one line, one piece.
Good MakeGoodEntry(const fs::path& dir) {
  fs::create_directory(dir);
  const auto read = [](const fs::path& path) {
    return ReadQueueFile(path.string(), size_t{64} << 20).value();
  };
  Good made;
  auto names = NamesWriter::Create((dir / "names").string()).value();
  static detail::CallSiteOf<2> site;
  static const detail::FieldType types[] = {{detail::Kind::kString, detail::Unit::kNone},
                                            {detail::Kind::kInt, detail::Unit::kNone}};
  site.key_storage[0] = {"key", 3};
  site.key_storage[1] = {"n", 1};
  site.keys = site.key_storage;
  site.types = types;
  site.field_count = 2;
  site.message_size = 5;
  const detail::LoggerNode& logger = detail::find_logger("fuzz");
  if (!names.Add(ProcessNames{.pid = 1}, {}).ok() || !names.Add(site, "hello").ok() ||
      !names.Add(logger).ok())
    std::abort();
  auto journal = Journal::Create((dir / "journal").string()).value();
  journal.SetClock({.ticks = 1'000, .unix_ns = 1'700'000'000'000'000'000, .ns_per_tick = 1.0});
  MemorySink sink;
  const Journal::Delivery delivery{&sink, "{\"a\":1}\n{\"b\":2}\n"};
  const RingHead head{1, 0};
  if (!journal.Seal({&head, 1}, {&delivery, 1})) std::abort();
  std::string values;
  base::PutFixed<uint32_t>(values, 4);
  values += "text";
  base::PutFixed<int64_t>(values, 42);
  detail::RecordHead record{
      .size = 56, .kind = detail::RecordKind::kLine, .level = Level::kInfo, .ticks = 1'000};
  record.site = &site;
  record.logger = &logger;
  made.ring.assign(kQueueHeadBytes + 4096, '\0');
  RingFileHead ring{.format = kQueueFormat, .number = 1, .capacity = 4096, .tail_at = 512, .head_at = 576};
  std::memcpy(ring.magic, RingFileHead::kMagic, sizeof(ring.magic));
  std::memcpy(made.ring.data(), &ring, sizeof(ring));
  const uint64_t tail = 56;
  std::memcpy(made.ring.data() + 512, &tail, sizeof(tail));
  std::memcpy(made.ring.data() + kQueueHeadBytes, &record, sizeof(record));
  std::memcpy(made.ring.data() + kQueueHeadBytes + sizeof(record), values.data(), values.size());
  made.names = read(dir / "names");
  made.journal = read(dir / "journal").substr(0, 2 * kQueueHeadBytes);
  return made;
}

void Write(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void Patch(std::string& file, base::ByteReader& in) {
  const auto at = in.Fixed<uint16_t>();
  const std::string_view bytes = in.Bytes(std::min<size_t>(in.Fixed<uint8_t>(), in.remaining()));
  if (!file.empty())
    file.replace(at % file.size(), std::min(bytes.size(), file.size() - at % file.size()), bytes);
}

}  // namespace
}  // namespace taffrail::log

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace taffrail::log;
  using taffrail::base::ByteReader;
  static const TemporaryDir dir;
  const fs::path& root = dir.path;
  static const Good good = MakeGoodEntry(root / "good");
  const fs::path entry = root / "1-0123456789abcdef";
  fs::create_directory(entry);
  Good files = good;
  ByteReader in({reinterpret_cast<const char*>(data), size});
  while (!in.AtEnd() && in.ok()) {
    switch (in.Fixed<uint8_t>() % 5) {
      case 0:
        Patch(files.names, in);
        break;
      case 1:
        Patch(files.journal, in);
        break;
      case 2:
        Patch(files.ring, in);
        break;
      case 3:
        files.slots = in.Bytes(std::min<size_t>(in.Fixed<uint16_t>(), in.remaining()));
        break;
      default:
        files.names = in.Bytes(std::min<size_t>(in.Fixed<uint16_t>(), in.remaining()));
    }
  }
  Write(entry / "lock", "");
  Write(entry / "names", files.names);
  Write(entry / "journal", files.journal);
  Write(entry / "queue-1", files.ring);
  if (!files.slots.empty()) Write(entry / "slots-1", files.slots);
  RecoveryOptions options;
  const auto memory = std::make_shared<taffrail::MemorySink>();
  options.config.sinks = {{memory, taffrail::Level::kTrace, "nested"}};
  options.unredacted = true;
  options.into_own_files = false;  // forged paths
  const auto recovered = RecoverEntry(entry.string(), options);
  if (recovered.ok() && size == 0 && (recovered->lines != 3 || memory->lines().size() != 3)) std::abort();
  if (recovered.ok() && fs::exists(entry)) std::abort();
  fs::remove_all(entry);
  return 0;
}
