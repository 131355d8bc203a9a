// Our reader of protobuf pushes against protobuf's own: whatever ours accepts, that one must accept too, and
// both must see the same entries. The schema is built at run time, from the same numbers as push.h states.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <snappy.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "record/row_cursor.h"
#include "wire/loki/push.h"

namespace {

namespace pb = google::protobuf;
using FieldProto = pb::FieldDescriptorProto;

void Check(bool condition) {
  if (!condition) std::abort();
}

void AddField(pb::DescriptorProto* message, const char* name, int number, FieldProto::Type type,
              bool repeated = false, const char* type_name = nullptr) {
  FieldProto* const field = message->add_field();
  field->set_name(name);
  field->set_number(number);
  field->set_type(type);
  field->set_label(repeated ? FieldProto::LABEL_REPEATED : FieldProto::LABEL_OPTIONAL);
  if (type_name != nullptr) field->set_type_name(type_name);
}

pb::FileDescriptorProto Schema() {
  pb::FileDescriptorProto file;
  file.set_name("push.proto");
  file.set_syntax("proto3");
  const auto message = [&file](const char* name) {
    pb::DescriptorProto* const added = file.add_message_type();
    added->set_name(name);
    return added;
  };
  AddField(message("Push"), "streams", 1, FieldProto::TYPE_MESSAGE, true, ".Stream");
  pb::DescriptorProto* const stream = message("Stream");
  AddField(stream, "labels", 1, FieldProto::TYPE_BYTES);
  AddField(stream, "entries", 2, FieldProto::TYPE_MESSAGE, true, ".Entry");
  pb::DescriptorProto* const entry = message("Entry");
  AddField(entry, "timestamp", 1, FieldProto::TYPE_MESSAGE, false, ".Time");
  AddField(entry, "line", 2, FieldProto::TYPE_BYTES);
  AddField(entry, "metadata", 3, FieldProto::TYPE_MESSAGE, true, ".Pair");
  pb::DescriptorProto* const time = message("Time");
  AddField(time, "seconds", 1, FieldProto::TYPE_INT64);
  AddField(time, "nanos", 2, FieldProto::TYPE_INT32);
  pb::DescriptorProto* const pair = message("Pair");
  AddField(pair, "name", 1, FieldProto::TYPE_BYTES);
  AddField(pair, "value", 2, FieldProto::TYPE_BYTES);
  return file;
}

class Peer {
 public:
  Peer() : factory_(&pool_) {
    Check(pool_.BuildFile(Schema()) != nullptr);
    prototype_ = factory_.GetPrototype(pool_.FindMessageTypeByName("Push"));
  }

  // "TIME line" of every entry in order.
  bool Read(std::string_view message, std::string& out) const {
    const std::unique_ptr<pb::Message> push(prototype_->New());
    if (!push->ParseFromArray(message.data(), static_cast<int>(message.size()))) return false;
    const auto* const streams = Field(*push, "streams");
    for (int s = 0; s < push->GetReflection()->FieldSize(*push, streams); ++s) {
      const pb::Message& stream = push->GetReflection()->GetRepeatedMessage(*push, streams, s);
      const auto* const entries = Field(stream, "entries");
      for (int e = 0; e < stream.GetReflection()->FieldSize(stream, entries); ++e) {
        AppendEntry(stream.GetReflection()->GetRepeatedMessage(stream, entries, e), out);
      }
    }
    return true;
  }

 private:
  static const pb::FieldDescriptor* Field(const pb::Message& message, const char* name) {
    return message.GetDescriptor()->FindFieldByName(name);
  }

  static void AppendEntry(const pb::Message& entry, std::string& out) {
    const auto* const reflection = entry.GetReflection();
    const pb::Message& time = reflection->GetMessage(entry, Field(entry, "timestamp"));
    const int64_t seconds = time.GetReflection()->GetInt64(time, Field(time, "seconds"));
    const int32_t nanos = time.GetReflection()->GetInt32(time, Field(time, "nanos"));
    std::string line = reflection->GetString(entry, Field(entry, "line"));
    if (!line.empty() && line.back() == '\n') line.pop_back();
    out += std::to_string(seconds * 1'000'000'000 + nanos) + " " + line + "\n";
  }

  pb::DescriptorPool pool_;
  pb::DynamicMessageFactory factory_;
  const pb::Message* prototype_ = nullptr;
};

std::string Entries(const taffrail::wire::loki::DecodedPush& push) {
  std::string out;
  for (const auto& batch : push.batches) {
    taffrail::record::RowCursor cursor(batch);
    for (size_t row = 0; row < batch.rows(); ++row) {
      cursor.MoveTo(row);
      out += std::to_string(batch.timestamp_ns[row]) + " ";
      cursor.AppendLine(out);
      out += "\n";
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Peer peer;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)taffrail::wire::loki::DecodeProtobuf(bytes,
                                             0);  // as the network would send it: most is no snappy block

  std::string compressed;
  snappy::Compress(bytes.data(), bytes.size(), &compressed);
  const auto push = taffrail::wire::loki::DecodeProtobuf(compressed, 0);
  if (!push.ok()) return 0;
  std::string expected;
  Check(peer.Read(bytes, expected));
  Check(Entries(*push) == expected);

  for (const auto& batch : push->batches) {
    const auto again = taffrail::wire::loki::DecodeProtobuf(taffrail::wire::loki::EncodeProtobuf(batch), 0);
    Check(again.ok() && again->stats.lines.lines == batch.rows());
  }
  return 0;
}
