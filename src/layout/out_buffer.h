// Bytes on their way to a sink. Room is made once a value, not once a byte, and whole vectors may be stored
// past the end of what is written.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

namespace taffrail::layout {

class OutBuffer {
 public:
  // Behind every room that was asked for: two vectors, so that a copy need not end where its bytes do.
  static constexpr size_t kSlack = 64;

  OutBuffer() = default;
  ~OutBuffer();
  OutBuffer(OutBuffer&& other) noexcept;
  OutBuffer& operator=(OutBuffer&& other) noexcept;

  const char* data() const { return data_; }
  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }
  char back() const { return data_[size_ - 1]; }
  std::string_view view() const { return {data_, size_}; }
  std::string_view from(size_t begin) const { return {data_ + begin, size_ - begin}; }

  void clear() { size_ = 0; }
  void resize_down(size_t size) { size_ = size; }
  void release();  // gives the memory back

  // Room for `bytes` and kSlack more behind what is written. Then write there and call SetEnd.
  char* Room(size_t bytes) {
    if (capacity_ - size_ < bytes + kSlack) [[unlikely]]
      Grow(bytes);
    return data_ + size_;
  }
  char* limit() const { return data_ + capacity_; }
  void SetEnd(const char* end) { size_ = static_cast<size_t>(end - data_); }

  void Append(std::string_view text) {
    char* to = Room(text.size());
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
    size_ += text.size();
  }
  void Append(char c) {
    *Room(1) = c;
    ++size_;
  }

 private:
  void Grow(size_t bytes);

  char* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace taffrail::layout
