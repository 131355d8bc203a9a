#include "net/decoded_body.h"

#include <utility>

#include "net/body_decoder.h"

namespace taffrail::net {
namespace {

class DecodedBody final : public BodySource {
 public:
  DecodedBody(absl::StatusOr<std::unique_ptr<BodyDecoder>> decoder, std::unique_ptr<BodySource> raw)
      : decoder_(std::move(decoder)), raw_(std::move(raw)) {}

  absl::StatusOr<bool> Read(std::string& chunk) override {
    if (!decoder_.ok()) return decoder_.status();
    chunk.clear();
    while (true) {
      // Also with no input left: the decoder may hold output that found no room in the last chunk.
      TAFFRAIL_RETURN_IF_ERROR((*decoder_)->Decode(input_, chunk, HttpRequest::kBodyChunkBytes));
      if (!chunk.empty()) return true;
      if (!input_.empty()) continue;
      TAFFRAIL_ASSIGN_OR_RETURN(const bool more, raw_->Read(piece_));
      if (!more) {
        TAFFRAIL_RETURN_IF_ERROR((*decoder_)->Finish());
        return false;
      }
      input_ = piece_;
    }
  }

 private:
  absl::StatusOr<std::unique_ptr<BodyDecoder>> decoder_;
  const std::unique_ptr<BodySource> raw_;
  std::string piece_;
  std::string_view input_;  // the rest of piece_
};

}  // namespace

std::unique_ptr<BodySource> MakeDecodedBody(std::string_view content_encoding,
                                            std::unique_ptr<BodySource> raw) {
  if (BodyDecoder::IsIdentity(content_encoding)) return raw;  // nothing to undo, and nothing to copy
  // The limit on decoded bytes is the handler's (HttpRequest::SetBodyLimit); here it is the ratio that
  // guards.
  return std::make_unique<DecodedBody>(BodyDecoder::Create(content_encoding, {}), std::move(raw));
}

}  // namespace taffrail::net
