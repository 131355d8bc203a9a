#include "log/record_reader.h"

#include <cstring>

namespace taffrail::log {
namespace {

using detail::RecordHead;

template <typename T>
T Take(const char*& at) {
  constexpr size_t kSize = sizeof(T);  // NOLINT(bugprone-sizeof-expression): also of pointers, as they are
  T value;
  std::memcpy(&value, at, kSize);
  at += kSize;
  return value;
}

std::string_view TakeText(const char*& at) {
  const uint32_t size = Take<uint32_t>(at) & ~detail::kTextClipped;
  const std::string_view text(at, size);
  at += size;
  return text;
}

}  // namespace

RecordHead HeadOf(const char* record) {
  RecordHead head;
  std::memcpy(static_cast<void*>(&head), record, sizeof(head));
  return head;
}

RecordFrames FramesOf(const char* record) {
  const RecordHead head = HeadOf(record);
  const char* at = record + sizeof(RecordHead);
  return {head.frame, (head.flags & RecordHead::kBound) != 0 ? Take<detail::Frame*>(at) : nullptr};
}

layout::Line LineOf(const RecordHead& head, const char* record) {
  layout::Line line{.level = head.level, .site = head.site, .logger = head.logger, .context = head.frame};
  const char* at = record + sizeof(RecordHead);
  if ((head.flags & RecordHead::kBound) != 0) line.bound = Take<detail::Frame*>(at);
  if ((head.flags & RecordHead::kMessageCopied) != 0) {
    line.message = TakeText(at);
  } else {
    line.message = {head.site->message.load_relaxed(), head.site->message_size};
  }
  line.message_clipped = (head.flags & RecordHead::kMessageClipped) != 0;
  if ((head.flags & RecordHead::kFieldsEncoded) != 0) {
    line.fields = TakeText(at);
  } else {
    line.values = at;
  }
  line.fields_clipped = (head.flags & RecordHead::kFieldsClipped) != 0;
  return line;
}

}  // namespace taffrail::log
