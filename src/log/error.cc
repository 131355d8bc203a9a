// Exceptions as fields: what they are, what they say, what caused them, and what they have in common with
// others.
#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>

#include <array>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <exception>
#include <new>
#include <stdexcept>
#include <system_error>
#include <typeinfo>
#include <vector>

#include "base/hash.h"
#include "taffrail/detail/encoding.h"
#include "taffrail/error.h"
#include "taffrail/value.h"

namespace taffrail {
namespace {

// A chain of causes longer than this is a loop in somebody's error handling.
constexpr size_t kCausesMax = 16;

struct Fault {
  std::string type;
  std::string message;
  std::string_view category;  // of the requirement's list
  std::string code_category;  // std::error_code's, empty when there is none
  int code = 0;
};

std::string TypeName(const std::type_info& type) {
  int status = 0;
  char* name = abi::__cxa_demangle(type.name(), nullptr, nullptr, &status);
  std::string readable = status == 0 ? name : type.name();
  std::free(name);
  return readable;
}

std::string_view CategoryOf(const std::error_code& code) {
  const std::error_condition condition = code.default_error_condition();
  if (condition == std::errc::timed_out || condition == std::errc::stream_timeout) return "timeout";
  if (condition == std::errc::permission_denied || condition == std::errc::operation_not_permitted) {
    return "authorization";
  }
  if (condition == std::errc::invalid_argument || condition == std::errc::argument_out_of_domain)
    return "validation";
  for (const auto unreachable :
       {std::errc::connection_refused, std::errc::connection_reset, std::errc::connection_aborted,
        std::errc::host_unreachable, std::errc::network_unreachable, std::errc::broken_pipe,
        std::errc::not_connected}) {
    if (condition == unreachable) return "dependency";
  }
  return "internal";
}

Fault Inspect(const std::exception& exception) {
  Fault fault{.type = TypeName(typeid(exception)),
              .message = exception.what(),
              .category = "internal",
              .code_category = {}};
  if (const auto* system = dynamic_cast<const std::system_error*>(&exception)) {
    fault.code = system->code().value();
    fault.code_category = system->code().category().name();
    fault.category = CategoryOf(system->code());
  } else if (dynamic_cast<const std::invalid_argument*>(&exception) != nullptr ||
             dynamic_cast<const std::domain_error*>(&exception) != nullptr ||
             dynamic_cast<const std::length_error*>(&exception) != nullptr ||
             dynamic_cast<const std::out_of_range*>(&exception) != nullptr) {
    fault.category = "validation";
  } else if (dynamic_cast<const std::bad_alloc*>(&exception) != nullptr) {
    fault.category = "resource";
  }
  return fault;
}

Fault InspectUnknown() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  return {.type = type == nullptr ? "unknown" : TypeName(*type),
          .message = {},
          .category = "internal",
          .code_category = {}};
}

void Collect(const std::exception& exception, std::vector<Fault>& chain) {
  chain.push_back(Inspect(exception));
  if (chain.size() > kCausesMax) return;
  try {
    std::rethrow_if_nested(exception);
  } catch (const std::exception& cause) {
    Collect(cause, chain);
  } catch (...) {
    chain.push_back(InspectUnknown());
  }
}

// Equal errors have equal fingerprints: the types along the chain, and the outer message without its numbers,
// so that "task 17 not found" and "task 18 not found" are one.
std::string Fingerprint(const std::vector<Fault>& chain) {
  std::string essence;
  for (const Fault& fault : chain) essence.append(fault.type).push_back('\n');
  bool in_number = false;
  for (const char c : chain.front().message) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit) essence.push_back(c);
    if (digit && !in_number) essence.push_back('#');
    in_number = digit;
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  uint64_t hash = base::Hash64(essence);
  for (int i = 0; i < 16; ++i, hash <<= 4) text.push_back(kHex[hash >> 60]);
  return text;
}

void WriteText(FieldWriter& out, const Fault& fault) {
  out.field("type", fault.type);
  out.field("message", fault.message);
}

void WriteFault(FieldWriter& out, const Fault& fault) {
  WriteText(out, fault);
  if (!fault.code_category.empty()) {
    out.field("code", fault.code);
    out.field("code_category", fault.code_category);
  }
}

std::atomic<bool> stacks_wanted{false};

void AppendHex(uintptr_t number, std::string& out) {
  std::array<char, 2 * sizeof(number)> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
  out.append("0x").append(digits.data(), end);
}

// One frame: "app::Read(int)+0x1f (/usr/bin/app+0x41c2)".
void AppendFrame(void* address, std::string& out) {
  const auto at = reinterpret_cast<uintptr_t>(address);
  Dl_info info{};
  if (dladdr(address, &info) == 0) return AppendHex(at, out);
  if (info.dli_sname != nullptr) {
    int status = 0;
    char* name = abi::__cxa_demangle(info.dli_sname, nullptr, nullptr, &status);
    out.append(status == 0 ? name : info.dli_sname).push_back('+');
    std::free(name);
    AppendHex(at - reinterpret_cast<uintptr_t>(info.dli_saddr), out);
    out.push_back(' ');
  }
  out.append("(").append(info.dli_fname).push_back('+');
  AppendHex(at - reinterpret_cast<uintptr_t>(info.dli_fbase), out);
  out.push_back(')');
}

// The stack of whoever called error().
[[gnu::noinline]] std::string StackTrace() {
  constexpr int kFramesMax = 32;  // deeper ones repeat themselves, and a line should stay readable
  constexpr int kOwnFrames = 2;   // this function and Encode; error() may be inlined
  std::array<void*, kFramesMax + kOwnFrames> frames;
  const int count = backtrace(frames.data(), static_cast<int>(frames.size()));
  std::string trace;
  for (int i = kOwnFrames; i < count; ++i) {
    if (!trace.empty()) trace.push_back('\n');
    AppendFrame(frames[static_cast<size_t>(i)], trace);
  }
  return trace;
}

[[gnu::noinline]] ErrorField Encode(const std::vector<Fault>& chain, const ErrorDetails& details = {}) {
  ErrorField error;
  FieldWriter out(error.encoded);
  const size_t object = out.begin_object("exception");
  if (details.code.empty()) {
    WriteFault(out, chain.front());
  } else {
    WriteText(out, chain.front());
    out.field("code", details.code);
  }
  out.field("category", details.category.empty() ? chain.front().category : details.category);
  out.field("fingerprint", Fingerprint(chain));
  if (!details.stack_trace.empty()) {
    out.field("stack_trace", details.stack_trace);
  } else if (stacks_wanted.load(std::memory_order_relaxed)) {
    out.field("stack_trace", StackTrace());
  }
  if (chain.size() > 1) {
    const size_t causes = out.begin_array("causes");
    for (size_t i = 1; i < chain.size(); ++i) {
      const size_t cause = out.begin_object(Key());
      WriteFault(out, chain[i]);
      out.end(cause);
    }
    out.end(causes);
  }
  out.end(object);
  error.encoded[offsetof(detail::FieldHead, flags)] |= static_cast<char>(detail::FieldHead::kException);
  return error;
}

}  // namespace

void set_error_stacks(bool on) noexcept { stacks_wanted.store(on, std::memory_order_relaxed); }

ErrorField error(const std::exception& exception) noexcept { return error(exception, {}); }

ErrorField error(const std::exception& exception, const ErrorDetails& details) noexcept {
  std::vector<Fault> chain;
  Collect(exception, chain);
  return Encode(chain, details);
}

ErrorField error() noexcept {
  if (std::current_exception() == nullptr) return {};
  std::vector<Fault> chain;
  try {
    throw;
  } catch (const std::exception& exception) {
    Collect(exception, chain);
  } catch (...) {
    chain.push_back(InspectUnknown());
  }
  return Encode(chain);
}

}  // namespace taffrail
