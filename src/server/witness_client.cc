#include "server/witness_client.h"

#include <map>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "ledger/witness.h"
#include "net/http_client.h"

namespace taffrail::server {
namespace {

// The next checkpoint waits for it: a witness that is slow delays what is signed, and never what is taken.
constexpr int64_t kConnectTimeoutMs = 2'000;
constexpr int64_t kTotalTimeoutMs = 5'000;

class WitnessClient final : public ledger::Cosigner {
 public:
  explicit WitnessClient(std::vector<WitnessAddress> witnesses) : witnesses_(std::move(witnesses)) {}

  std::vector<audit::NoteSignature> Cosign(const audit::SignedCheckpoint& checkpoint,
                                           audit::Source& source) override {
    std::vector<audit::NoteSignature> signatures;
    for (const WitnessAddress& witness : witnesses_) Ask(witness, checkpoint, source, signatures);
    return signatures;
  }

 private:
  // Twice when the witness knows of another size than we thought, as after a start of ours.
  void Ask(const WitnessAddress& witness, const audit::SignedCheckpoint& checkpoint, audit::Source& source,
           std::vector<audit::NoteSignature>& signatures) {
    const std::string key = witness.url + "\n" + checkpoint.checkpoint.origin;
    uint64_t known = 0;
    {
      const absl::MutexLock lock(&mutex_);
      known = known_[key];
    }
    for (int attempt = 0; attempt < 2; ++attempt) {
      const uint64_t size = checkpoint.checkpoint.size;
      if (known > size) return;  // it has seen more than we have: verify finds out what happened
      ledger::AddCheckpoint request{known, {}, checkpoint.note.ToString()};
      if (known > 0) {
        absl::StatusOr<audit::Proof> proof = audit::ProofBuilder(source, size).Consistency(known);
        if (!proof.ok()) return;
        request.proof = *std::move(proof);
      }
      net::HttpClientRequest http;
      http.method = "POST";
      http.url = witness.url + "/add-checkpoint";
      http.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
      http.body = request.ToString();
      http.connect_timeout_ms = kConnectTimeoutMs;
      http.total_timeout_ms = kTotalTimeoutMs;
      http.max_response_bytes = audit::kMaxNoteBytes;
      net::HttpClient client;
      const absl::StatusOr<net::HttpClientResponse> answer = client.Send(http);
      if (!answer.ok()) return;
      if (answer->status == 409 && attempt == 0) {
        const std::string_view body = answer->body;
        const auto told = audit::ParseDecimal(body.substr(0, body.find('\n')));
        if (!told || *told == known) return;
        known = *told;
        continue;
      }
      if (answer->status == 200 && Take(witness, checkpoint, answer->body, signatures)) {
        const absl::MutexLock lock(&mutex_);
        known_[key] = size;
      }
      return;
    }
  }

  static bool Take(const WitnessAddress& witness, const audit::SignedCheckpoint& checkpoint,
                   const std::string& body, std::vector<audit::NoteSignature>& signatures) {
    const absl::StatusOr<audit::Note> note = audit::ParseNote(checkpoint.note.text + "\n" + body);
    if (!note.ok()) return false;
    for (const audit::NoteSignature& signature : note->signatures) {
      if (!audit::VerifySignature(checkpoint.note.text, signature, witness.key)) continue;
      signatures.push_back(signature);
      return true;
    }
    return false;
  }

  const std::vector<WitnessAddress> witnesses_;
  absl::Mutex mutex_;
  std::map<std::string, uint64_t> known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::shared_ptr<ledger::Cosigner> MakeWitnessClient(std::vector<WitnessAddress> witnesses) {
  return std::make_shared<WitnessClient>(std::move(witnesses));
}

}  // namespace taffrail::server
