#include "store/column_sizes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "store/block_directory.h"
#include "store/frame.h"
#include "store/int_encoding.h"
#include "store/manifest.h"
#include "store/part.h"
#include "store/string_encoding.h"

namespace taffrail::store {
namespace {

constexpr int kTrialZstdLevel = 1;

std::string_view KindName(record::Kind kind) {
  static constexpr std::string_view kNames[] = {"",       "string",  "escaped", "integer", "decimal",
                                                "number", "boolean", "json",    "text"};
  return kNames[static_cast<size_t>(kind)];
}

bool HoldsIntegers(record::Kind kind) {
  return kind == record::Kind::kInteger || kind == record::Kind::kDecimal || kind == record::Kind::kBool;
}

std::string_view EncodingName(std::string_view chunk, bool integers) {
  if (chunk.empty()) return "";
  const auto id = static_cast<uint8_t>(chunk[0]);
  if (integers) {
    const IntEncoding* const encoding = FindIntEncoding(id);
    return encoding == nullptr ? "" : encoding->name;
  }
  const StringEncoding* const encoding = FindStringEncoding(id);
  return encoding == nullptr ? "" : encoding->name;
}

class Measurer {
 public:
  absl::Status AddPart(const Part& part) {
    uint64_t in_blocks = 0;
    for (size_t block = 0; block < part.blocks().size(); ++block) {
      TAFFRAIL_ASSIGN_OR_RETURN(const std::string bytes, part.ReadRaw(block));
      TAFFRAIL_RETURN_IF_ERROR(AddBlock(bytes));
      in_blocks += bytes.size();
    }
    if (part.index() != nullptr) {
      const IdIndexInfo& index = part.index()->info();
      Add("(id index)", "", "", index.entries, index.bytes);
      in_blocks += index.bytes;
    }
    Add("(file)", "", "", 0, part.meta().file_bytes - in_blocks);
    return absl::OkStatus();
  }

  std::vector<ColumnSize> Finish() {
    std::vector<ColumnSize> sizes;
    for (auto& [key, total] : totals_) {
      const auto most = std::max_element(total.encodings.begin(), total.encodings.end(),
                                         [](const auto& a, const auto& b) { return a.second < b.second; });
      total.size.encoding = most->first;
      sizes.push_back(std::move(total.size));
    }
    std::stable_sort(sizes.begin(), sizes.end(),
                     [](const ColumnSize& a, const ColumnSize& b) { return a.disk_bytes > b.disk_bytes; });
    return sizes;
  }

 private:
  struct Total {
    ColumnSize size;
    std::map<std::string, uint64_t, std::less<>> encodings;  // bytes in each
  };
  struct Piece {
    Chunk chunk;
    std::string_view name;
    record::Kind kind;  // 0: no field
    size_t values;
  };

  void Add(std::string_view name, std::string_view kind, std::string_view encoding, size_t values,
           uint64_t bytes) {
    Total& total = totals_[{std::string(name), std::string(kind)}];
    total.size.name = name;
    total.size.kind = kind;
    total.size.values += values;
    total.size.disk_bytes += bytes;
    ++total.size.blocks;
    total.encodings[std::string(encoding)] += bytes;
  }

  absl::Status AddBlock(std::string_view block) {
    std::string raw;
    size_t directory_bytes = 0;
    TAFFRAIL_RETURN_IF_ERROR(ReadFrame(block, raw, &directory_bytes));
    BlockDirectory directory;
    if (!BlockDirectory::Parse(raw, directory)) return absl::DataLossError("directory makes no sense");
    Add("(keys and labels)", "", "", directory.rows, directory_bytes);
    std::vector<Piece> pieces;
    const auto add = [&pieces](const Chunk& chunk, std::string_view name, record::Kind kind, size_t values) {
      if (chunk.frame != Chunk::kNone) pieces.push_back({chunk, name, kind, values});
    };
    add(directory.timestamps, "(timestamps)", {}, directory.rows);
    add(directory.sequences, "(sequences)", {}, directory.rows);
    add(directory.stream_ids, "(streams)", {}, directory.rows);
    add(directory.shape_ids, "(shapes)", {}, directory.rows);
    for (const ColumnEntry& column : directory.columns) {
      add(column.chunk, column.key.path, column.key.kind, column.values);
    }
    std::stable_sort(pieces.begin(), pieces.end(),
                     [](const Piece& a, const Piece& b) { return a.chunk.frame < b.chunk.frame; });
    size_t offset = directory_bytes;
    size_t next = 0;
    for (uint32_t frame = 0; frame < directory.frame_bytes.size(); ++frame) {
      std::vector<Piece> inside;
      while (next < pieces.size() && pieces[next].chunk.frame == frame) inside.push_back(pieces[next++]);
      TAFFRAIL_RETURN_IF_ERROR(AddFrame(block.substr(offset), inside));
      offset += directory.frame_bytes[frame];
    }
    return absl::OkStatus();
  }

  absl::Status AddFrame(std::string_view stored, const std::vector<Piece>& pieces) {
    std::string raw;
    size_t frame_bytes = 0;
    TAFFRAIL_RETURN_IF_ERROR(ReadFrame(stored, raw, &frame_bytes));
    std::vector<size_t> alone;
    size_t sum = 0;
    for (const Piece& piece : pieces) {
      if (piece.chunk.offset > raw.size() || piece.chunk.size > raw.size() - piece.chunk.offset) {
        return absl::DataLossError("chunk lies outside its frame");
      }
      std::string trial;
      AppendFrame(std::string_view(raw).substr(piece.chunk.offset, piece.chunk.size), kTrialZstdLevel, trial);
      alone.push_back(trial.size() - kFrameHeaderBytes + 1);
      sum += alone.back();
    }
    for (size_t i = 0; i < pieces.size(); ++i) {
      const std::string_view chunk =
          std::string_view(raw).substr(pieces[i].chunk.offset, pieces[i].chunk.size);
      const bool field = static_cast<uint8_t>(pieces[i].kind) != 0;
      Add(pieces[i].name, field ? KindName(pieces[i].kind) : "",
          EncodingName(chunk, !field || HoldsIntegers(pieces[i].kind)), pieces[i].values,
          frame_bytes * alone[i] / sum);
    }
    return absl::OkStatus();
  }

  std::map<std::pair<std::string, std::string>, Total> totals_;
};

}  // namespace

absl::StatusOr<std::vector<ColumnSize>> MeasureColumns(
    base::Env& env, const std::string& dir, const std::function<void(uint64_t, uint64_t)>& progress) {
  TAFFRAIL_ASSIGN_OR_RETURN(const ManifestState state, Manifest::Read(env, dir));
  uint64_t total = 0;
  for (const auto& [id, meta] : state.parts) total += meta.file_bytes;
  uint64_t done = 0;
  Measurer measurer;
  for (const auto& [id, meta] : state.parts) {
    TAFFRAIL_ASSIGN_OR_RETURN(const std::shared_ptr<Part> part, Part::Open(env, dir, id));
    if (const absl::Status status = measurer.AddPart(*part); !status.ok()) {
      return absl::DataLossError(fmt::format("{}: {}; `taffrail store verify {}` says more", part->path(),
                                             std::string(status.message()), dir));
    }
    done += meta.file_bytes;
    if (progress) progress(done, total);
  }
  return measurer.Finish();
}

}  // namespace taffrail::store
