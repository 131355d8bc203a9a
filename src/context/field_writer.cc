#include <cassert>
#include <cstring>

#include "taffrail/detail/encoding.h"
#include "taffrail/value.h"

namespace taffrail {

using detail::FieldHead;
using detail::Kind;
using detail::Scalar;

void FieldWriter::scalar(Key key, const Scalar& value) {
  if (skipped_depth_ > 0) return;
  const size_t size = detail::field_size(key, value);
  const size_t at = out_.size();
  if (at - start_ + size > kMaxRecordBytes) {
    clipped_ = true;
    return;
  }
  out_.resize(at + size);
  detail::put_field(out_.data() + at, key, value);
}

void FieldWriter::list(Key key, const Field* fields, size_t count) {
  const size_t begun = begin_object(key);
  for (size_t i = 0; i < count; ++i) field(fields[i].key, fields[i].value);
  end(begun);
}

size_t FieldWriter::begin(Key key, Kind kind) {
  const size_t at = out_.size();
  if (skipped_depth_ > 0 || depth_ == kMaxDepth ||
      at - start_ + sizeof(FieldHead) + key.size > kMaxRecordBytes) {
    ++skipped_depth_;
    clipped_ = true;
    return at;
  }
  ++depth_;
  scalar(key, Scalar{.kind = kind});
  return at;
}

void FieldWriter::end(size_t begun) {
  if (skipped_depth_ > 0) {
    --skipped_depth_;
    return;
  }
  assert(depth_ > 0 && begun < out_.size());
  --depth_;
  FieldHead head;
  std::memcpy(&head, out_.data() + begun, sizeof(head));
  head.payload_size = static_cast<uint32_t>(out_.size() - begun - sizeof(head) - head.key_size);
  std::memcpy(out_.data() + begun, &head, sizeof(head));
}

}  // namespace taffrail
