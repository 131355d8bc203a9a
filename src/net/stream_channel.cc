#include "net/stream_channel.h"

#include <utility>

namespace taffrail::net {

StreamChannel::StreamChannel(size_t buffer_bytes, std::function<void()> wake)
    : buffer_bytes_(buffer_bytes), wake_(std::move(wake)) {}

bool StreamChannel::Write(std::string_view data) {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &StreamChannel::HasRoomOrEnds));
  if (ended_) return false;
  Append(data);
  return true;
}

bool StreamChannel::TryWrite(std::string data) {
  absl::MutexLock lock(&mutex_);
  // A piece bigger than the whole buffer still passes when nothing is outstanding; it could never pass
  // otherwise.
  const bool fits = outstanding_bytes_ == 0 || outstanding_bytes_ + data.size() <= buffer_bytes_;
  if (ended_ || !fits) return false;
  Append(data);
  return true;
}

void StreamChannel::Append(std::string_view data) {
  if (data.empty()) return;  // an empty chunk would end the answer (RFC 9112 §7.1)
  waiting_.append(data);
  outstanding_bytes_ += data.size();
  Wake();
}

void StreamChannel::Wake() {
  if (awake_ || wake_ == nullptr) return;
  awake_ = true;
  wake_();
}

void StreamChannel::Close() { End(How::kClose); }

void StreamChannel::Abort() { End(How::kAbort); }

void StreamChannel::Shut() { End(How::kDrop); }

void StreamChannel::End(How how) {
  std::function<void()> on_close;
  {
    absl::MutexLock lock(&mutex_);
    if (!ended_) {
      ended_ = true;
      aborted_ = how == How::kAbort;
      on_close = std::exchange(on_close_, nullptr);
      if (how != How::kDrop) Wake();
    }
    if (how == How::kDrop) {
      wake_ = nullptr;
      waiting_.clear();
    }
  }
  if (on_close != nullptr) on_close();
}

bool StreamChannel::closed() const {
  absl::MutexLock lock(&mutex_);
  return ended_;
}

void StreamChannel::OnClose(std::function<void()> callback) {
  {
    absl::MutexLock lock(&mutex_);
    if (!ended_) {
      on_close_ = std::move(callback);
      return;
    }
  }
  callback();
}

StreamChannel::Taken StreamChannel::Take() {
  absl::MutexLock lock(&mutex_);
  awake_ = false;
  return {std::exchange(waiting_, {}), ended_, aborted_};
}

void StreamChannel::Sent(size_t size_bytes) {
  absl::MutexLock lock(&mutex_);
  outstanding_bytes_ -= size_bytes;
}

}  // namespace taffrail::net
