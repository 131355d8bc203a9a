#include "layout/out_buffer.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

namespace taffrail::layout {

OutBuffer::~OutBuffer() { std::free(data_); }

OutBuffer::OutBuffer(OutBuffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

OutBuffer& OutBuffer::operator=(OutBuffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

void OutBuffer::release() { *this = OutBuffer(); }

void OutBuffer::Grow(size_t bytes) {
  constexpr size_t kFirst = 512;
  const size_t capacity = std::max({kFirst, 2 * capacity_, size_ + bytes + kSlack});
  char* const data = static_cast<char*>(std::realloc(data_, capacity));
  if (data == nullptr) throw std::bad_alloc();
  data_ = data;
  capacity_ = capacity;
}

}  // namespace taffrail::layout
