// The buffer between those who write a streamed answer and the connection that sends it. Knows no socket.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/synchronization/mutex.h"
#include "net/http_server.h"

namespace taffrail::net {

class StreamChannel final : public HttpStream {
 public:
  // wake tells the connection that there is something to take. It is called with the lock held, so that none
  // comes after Shut has returned; it must only post, not act.
  StreamChannel(size_t buffer_bytes, std::function<void()> wake);

  // The writers' side (http_server.h).
  bool Write(std::string_view data) override;
  bool TryWrite(std::string data) override;
  void Close() override;
  void Abort() override;
  bool closed() const override;
  void OnClose(std::function<void()> callback) override;

  // The connection's side.
  struct Taken {
    std::string data;
    bool last = false;     // nothing comes after data
    bool aborted = false;  // with last: and the answer is not complete
  };
  Taken Take();                  // everything that waits; it counts as outstanding until Sent
  void Sent(size_t size_bytes);  // taken bytes are with the client: writers may go on
  void Shut();                   // the client is gone: writers get false, what waits is dropped

 private:
  bool HasRoomOrEnds() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return ended_ || outstanding_bytes_ < buffer_bytes_;
  }
  void Append(std::string_view data) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Wake() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  enum class How : uint8_t { kClose, kAbort, kDrop };
  void End(How how);

  const size_t buffer_bytes_;
  mutable absl::Mutex mutex_;
  std::function<void()> wake_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> on_close_ ABSL_GUARDED_BY(mutex_);
  std::string waiting_ ABSL_GUARDED_BY(mutex_);
  size_t outstanding_bytes_ ABSL_GUARDED_BY(mutex_) = 0;  // waiting, or taken and not sent
  bool awake_ ABSL_GUARDED_BY(mutex_) = false;            // woken, not yet taken
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool aborted_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace taffrail::net
