// Where a connection's strand runs: on the thread that has something for it, when no other is in the strand.
//
// A worker that wants body bytes, or has an answer, then reads or writes the socket itself. Handing over to
// an io thread and waiting for it took a twentieth of ingest's wall clock (docs/decisions/).
#pragma once

#include <type_traits>
#include <utility>

namespace taffrail::net {

// An Executor of the Networking TS over Asio's io_context: dispatch() calls at once; what is posted goes to
// the io threads.
template <typename IoContext>
class HereExecutor {
 public:
  explicit HereExecutor(IoContext& io) : io_(&io) {}

  IoContext& context() const noexcept { return *io_; }
  void on_work_started() const noexcept { io_->get_executor().on_work_started(); }
  void on_work_finished() const noexcept { io_->get_executor().on_work_finished(); }

  template <typename Function, typename Allocator>
  void dispatch(Function&& function, const Allocator& /*allocator*/) const {
    std::decay_t<Function> here(std::forward<Function>(function));
    here();
  }
  template <typename Function, typename Allocator>
  void post(Function&& function, const Allocator& allocator) const {
    io_->get_executor().post(std::forward<Function>(function), allocator);
  }
  template <typename Function, typename Allocator>
  void defer(Function&& function, const Allocator& allocator) const {
    io_->get_executor().defer(std::forward<Function>(function), allocator);
  }

  bool operator==(const HereExecutor& other) const noexcept { return io_ == other.io_; }
  bool operator!=(const HereExecutor& other) const noexcept { return io_ != other.io_; }

 private:
  IoContext* io_;
};

}  // namespace taffrail::net
