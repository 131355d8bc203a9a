#include "store/framed_log.h"

#include <cassert>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"

namespace taffrail::store {
namespace {

constexpr std::string_view kMagic("TFLOG\0\0\1", 8);  // the last byte is the version

uint32_t HeaderCheck(uint32_t size, uint32_t number, uint8_t type, uint64_t id) {
  char bytes[9];
  std::memcpy(bytes, &size, sizeof(size));
  std::memcpy(bytes + 4, &number, sizeof(number));
  bytes[8] = static_cast<char>(type);
  return static_cast<uint32_t>(base::Hash64(std::string_view(bytes, sizeof(bytes)), id));
}

}  // namespace

FramedLogWriter::FramedLogWriter(std::unique_ptr<base::WritableFile> file, uint64_t id)
    : file_(std::move(file)), id_(id) {}

absl::StatusOr<std::unique_ptr<FramedLogWriter>> FramedLogWriter::Create(base::Env& env,
                                                                         const std::string& path,
                                                                         uint64_t id) {
  TAFFRAIL_ASSIGN_OR_RETURN(auto file, env.Create(path));
  return std::unique_ptr<FramedLogWriter>(new FramedLogWriter(std::move(file), id));
}

absl::Status FramedLogWriter::Append(uint8_t type, const std::function<void(std::string&)>& fill) {
  buffer_.clear();
  if (number_ == 0) {
    buffer_.append(kMagic);
    base::PutFixed<uint64_t>(buffer_, id_);
  }
  const size_t start = buffer_.size();
  buffer_.resize(start + kLogRecordHeaderBytes);
  fill(buffer_);
  const std::string_view payload = std::string_view(buffer_).substr(start + kLogRecordHeaderBytes);
  assert(payload.size() <= kMaxLogRecordBytes);
  const auto size = static_cast<uint32_t>(payload.size());
  const uint32_t header_check = HeaderCheck(size, number_, type, id_);
  const uint64_t checksum = base::Hash64(payload, id_);
  char* header = buffer_.data() + start;
  std::memcpy(header, &size, sizeof(size));
  std::memcpy(header + 4, &number_, sizeof(number_));
  header[8] = static_cast<char>(type);
  std::memcpy(header + 9, &header_check, sizeof(header_check));
  std::memcpy(header + 13, &checksum, sizeof(checksum));
  TAFFRAIL_RETURN_IF_ERROR(file_->Append(buffer_));
  TAFFRAIL_RETURN_IF_ERROR(file_->Sync());
  ++number_;
  durable_size_ += buffer_.size();
  if (buffer_.capacity() > (size_t{8} << 20)) std::string().swap(buffer_);  // one large group must not stay
  return absl::OkStatus();
}

FramedLogReader::FramedLogReader(std::string_view data, uint64_t id) : data_(data), id_(id) {
  std::string header(kMagic);
  base::PutFixed<uint64_t>(header, id);
  header_ok_ = data.starts_with(header);
  offset_ = kLogHeaderBytes;
}

struct FramedLogReader::Header {
  uint32_t size;
  uint32_t number;
  uint8_t type;
  uint64_t checksum;
  uint64_t payload_offset;
};

// True when the bytes at `offset` are the header of record number_ or of a later one.
bool FramedLogReader::ParseHeader(uint64_t offset, Header& header) const {
  if (offset > data_.size()) return false;
  base::ByteReader reader(data_.substr(offset));
  header.size = reader.Fixed<uint32_t>();
  header.number = reader.Fixed<uint32_t>();
  header.type = reader.Fixed<uint8_t>();
  const auto header_check = reader.Fixed<uint32_t>();
  header.checksum = reader.Fixed<uint64_t>();
  header.payload_offset = offset + kLogRecordHeaderBytes;
  return reader.ok() && header.number >= number_ && header.size <= kMaxLogRecordBytes &&
         HeaderCheck(header.size, header.number, header.type, id_) == header_check;
}

bool FramedLogReader::ParseAt(uint64_t offset, LogRecord& record, Header& header) const {
  if (!ParseHeader(offset, header) || header.size > data_.size() - header.payload_offset) return false;
  record = {
      .offset = offset, .type = header.type, .payload = data_.substr(header.payload_offset, header.size)};
  return base::Hash64(record.payload, id_) == header.checksum;
}

FramedLogReader::Outcome FramedLogReader::Next(LogRecord& record) {
  if (offset_ >= data_.size()) return Outcome::kEnd;
  Header header;
  if (ParseAt(offset_, record, header) && header.number == number_) {
    offset_ = header.payload_offset + header.size;
    ++number_;
    return Outcome::kRecord;
  }
  uint64_t next_offset = 0;
  uint32_t next_number = 0;
  return FindNext(next_offset, next_number) ? Outcome::kDamaged : Outcome::kTorn;
}

// The first whole record after what is wrong at offset_.
bool FramedLogReader::FindNext(uint64_t& offset, uint32_t& number) const {
  Header header;
  LogRecord record;
  const bool size_known = ParseHeader(offset_, header) && header.number == number_;
  offset = size_known ? header.payload_offset + header.size : offset_;
  for (; offset + kLogRecordHeaderBytes <= data_.size(); ++offset) {
    if (!ParseAt(offset, record, header)) continue;
    number = header.number;
    return true;
  }
  return false;
}

void FramedLogReader::SkipDamage() {
  uint64_t offset = 0;
  uint32_t number = 0;
  const bool found = FindNext(offset, number);
  assert(found);
  if (!found) return;
  offset_ = offset;
  number_ = number;
}

}  // namespace taffrail::store
