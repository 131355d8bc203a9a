// A push in JSON, read in one pass with the line reader's own scanners (record/json_scan.h).
//
// Not with a JSON library: those refuse a document for one byte that is not UTF-8, or for half of a surrogate
// pair, and agents do not send a refused push again, so one odd line would cost its thousand neighbours. Here
// strings are byte ranges: the odd line is kept as it came, as text, and counted, and lines without escapes
// are never copied.
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "fmt/format.h"
#include "record/batch_builder.h"
#include "record/json_scan.h"
#include "wire/loki/batch_writer.h"
#include "wire/loki/flat_object.h"
#include "wire/loki/push.h"

namespace taffrail::wire::loki {
namespace {

using record::ScannedValue;
using record::SkipSpace;

class PushParser {
 public:
  PushParser(std::string_view body, const PushLimits& limits, int64_t receive_time_ns)
      : begin_(body.data()), at_(begin_), end_(begin_ + body.size()), writer_(limits, receive_time_ns) {}

  absl::StatusOr<DecodedPush> Run() {
    bool has_streams = false;
    TAFFRAIL_RETURN_IF_ERROR(EachMember([&](std::string_view key) {
      if (key != "streams") return SkipMember();
      has_streams = true;
      return EachElement([this](size_t index) {
        stream_ = index;
        entry_ = kNoEntry;
        return Stream();
      });
    }));
    if (SkipSpace(at_, end_) != end_) return Wrong("the end of the body");
    if (!has_streams) return absl::InvalidArgumentError("the body has no member \"streams\"");
    return writer_.Finish();
  }

 private:
  static constexpr size_t kNoEntry = SIZE_MAX;

  // {"stream":{…},"values":[…]}; a writer may put them the other way round.
  absl::Status Stream() {
    record::Labels labels;
    bool has_labels = false;
    const char* values = nullptr;
    TAFFRAIL_RETURN_IF_ERROR(EachMember([&](std::string_view key) {
      if (key == "stream" && !has_labels) {
        const char* const after = ReadFlatObject(at_, end_, labels);
        if (after == nullptr) return Wrong("an object of labels");
        at_ = after;
        has_labels = true;
        return Located(writer_.StartStream(std::move(labels)));
      }
      if (key != "values") return SkipMember();
      if (has_labels) return Values();
      values = at_;
      return SkipMember();
    }));
    if (values == nullptr) return absl::OkStatus();
    if (!has_labels) TAFFRAIL_RETURN_IF_ERROR(writer_.StartStream({}));
    const char* const after_stream = std::exchange(at_, values);
    TAFFRAIL_RETURN_IF_ERROR(Values());
    at_ = after_stream;
    return absl::OkStatus();
  }

  absl::Status Values() {
    return EachElement([this](size_t index) {
      entry_ = index;
      return Entry();
    });
  }

  // ["TIME_NS", "LINE", {METADATA}]; more elements are skipped.
  absl::Status Entry() {
    int64_t timestamp_ns = 0;
    std::string_view line;
    metadata_.clear();
    size_t elements = 0;
    TAFFRAIL_RETURN_IF_ERROR(EachElement([&](size_t index) {
      elements = index + 1;
      switch (index) {
        case 0:
          return Timestamp(timestamp_ns);
        case 1:
          return String("a line", line);
        case 2: {
          const char* const after = ReadFlatObject(at_, end_, metadata_);
          if (after == nullptr) return Wrong("an object of structured metadata");
          at_ = after;
          return absl::OkStatus();
        }
        default:
          return SkipMember();
      }
    }));
    if (elements < 2) return Wrong("a timestamp and a line");
    writer_.AddEntry(timestamp_ns, line, metadata_);
    return absl::OkStatus();
  }

  absl::Status Timestamp(int64_t& timestamp_ns) {
    const char* const value = at_;
    std::string_view text;
    TAFFRAIL_RETURN_IF_ERROR(String("a timestamp in a string", text));
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), timestamp_ns);
    if (error == std::errc() && stop == text.data() + text.size()) return absl::OkStatus();
    at_ = value;
    return Wrong("Unix time in nanoseconds, as a string");
  }

  // The view is of the body, or of scratch_ until the next string.
  absl::Status String(std::string_view expected, std::string_view& text) {
    ScannedValue value;
    const char* const after = at_ != end_ && *at_ == '"' ? record::ScanString(at_ + 1, end_, value) : nullptr;
    if (after == nullptr) return Wrong(expected);
    at_ = after;
    text = value.text;
    if (value.has_escapes) {
      scratch_.clear();
      record::AppendUnescaped(value.text, scratch_);
      text = scratch_;
    }
    return absl::OkStatus();
  }

  absl::Status SkipMember() {
    const char* const after = record::SkipValue(at_, end_, 1);
    if (after == nullptr) return Wrong("a JSON value");
    at_ = after;
    return absl::OkStatus();
  }

  // Calls member(key) on the value of each member; it must move at_ past it.
  template <typename Member>
  absl::Status EachMember(Member member) {
    at_ = SkipSpace(at_, end_);
    if (!Take('{')) return Wrong("an object");
    at_ = SkipSpace(at_, end_);
    if (Take('}')) return absl::OkStatus();
    while (true) {
      std::string_view key;
      TAFFRAIL_RETURN_IF_ERROR(String("a member name", key));
      at_ = SkipSpace(at_, end_);
      if (!Take(':')) return Wrong("':'");
      at_ = SkipSpace(at_, end_);
      TAFFRAIL_RETURN_IF_ERROR(member(key));
      at_ = SkipSpace(at_, end_);
      if (Take('}')) return absl::OkStatus();
      if (!Take(',')) return Wrong("',' or '}'");
      at_ = SkipSpace(at_, end_);
    }
  }

  template <typename Element>
  absl::Status EachElement(Element element) {
    at_ = SkipSpace(at_, end_);
    if (!Take('[')) return Wrong("an array");
    at_ = SkipSpace(at_, end_);
    if (Take(']')) return absl::OkStatus();
    for (size_t index = 0;; ++index) {
      TAFFRAIL_RETURN_IF_ERROR(element(index));
      at_ = SkipSpace(at_, end_);
      if (Take(']')) return absl::OkStatus();
      if (!Take(',')) return Wrong("',' or ']'");
      at_ = SkipSpace(at_, end_);
    }
  }

  bool Take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  std::string Place() const {
    if (stream_ == kNoEntry) return "push";
    if (entry_ == kNoEntry) return fmt::format("streams[{}]", stream_);
    return fmt::format("streams[{}].values[{}]", stream_, entry_);
  }

  absl::Status Wrong(std::string_view expected) const {
    return absl::InvalidArgumentError(
        fmt::format("{}: expected {} at byte {} of the body", Place(), expected, at_ - begin_));
  }

  absl::Status Located(const absl::Status& status) const {
    if (status.ok()) return status;
    return absl::Status(status.code(), fmt::format("{}: {}", Place(), std::string(status.message())));
  }

  const char* const begin_;
  const char* at_;
  const char* const end_;
  BatchWriter writer_;
  size_t stream_ = kNoEntry;  // index in "streams"
  size_t entry_ = kNoEntry;   // index in its "values"
  record::Labels metadata_;
  std::string scratch_;
};

}  // namespace

absl::StatusOr<DecodedPush> DecodeJson(std::string_view body, int64_t receive_time_ns,
                                       const PushLimits& limits) {
  if (body.size() > limits.max_body_bytes) {
    return absl::ResourceExhaustedError(
        fmt::format("a push of {} bytes, more than the {} allowed", body.size(), limits.max_body_bytes));
  }
  return PushParser(body, limits, receive_time_ns).Run();
}

}  // namespace taffrail::wire::loki
