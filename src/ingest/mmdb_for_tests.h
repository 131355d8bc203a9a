// A small writer of MaxMind-format databases (maxmind-db.github.io, format 2.0), for tests: IPv4, 24-bit
// records.
#pragma once

#include <arpa/inet.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace taffrail::ingest {

// Values as the data section has them: control byte (type in the top three bits, size below), then bytes.
inline std::string MmdbHead(int type, size_t size) {
  std::string head;
  head += static_cast<char>((type <= 7 ? type << 5 : 0) | static_cast<int>(size < 29 ? size : 29));
  if (type > 7) head += static_cast<char>(type - 7);
  if (size >= 29) head += static_cast<char>(size - 29);
  return head;
}
inline std::string MmdbText(const std::string& text) { return MmdbHead(2, text.size()) + text; }
inline std::string MmdbUint(int type, uint64_t value) {  // type 5: uint16, 6: uint32, 9: uint64
  std::string bytes;
  for (; value != 0; value >>= 8U) bytes.insert(bytes.begin(), static_cast<char>(value & 255U));
  return MmdbHead(type, bytes.size()) + bytes;
}
inline std::string MmdbDouble(double value) {
  auto bits = std::bit_cast<uint64_t>(value);
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8)
    bytes += static_cast<char>((bits >> static_cast<unsigned>(shift)) & 255U);
  return MmdbHead(3, 8) + bytes;
}
inline std::string MmdbMap(const std::map<std::string, std::string>& members) {
  std::string map = MmdbHead(7, members.size());
  for (const auto& [name, value] : members) map += MmdbText(name) + value;
  return map;
}
inline std::string MmdbArray(const std::vector<std::string>& items) {
  std::string array = MmdbHead(11, items.size());
  for (const std::string& item : items) array += item;
  return array;
}

struct MmdbNetwork {
  std::string address;
  int prefix = 0;
  std::string value;
};

inline std::string WriteMmdb(const std::vector<MmdbNetwork>& networks) {
  struct Node {
    int64_t next[2] = {-1, -1};  // -1: nothing; below -1: -2 - offset of the data
  };
  std::vector<Node> nodes(1);
  std::string data;
  for (const MmdbNetwork& network : networks) {
    in_addr address{};
    inet_pton(AF_INET, network.address.c_str(), &address);
    const uint32_t bits = ntohl(address.s_addr);
    size_t at = 0;
    for (int i = 0; i < network.prefix; ++i) {
      const auto side = (bits >> static_cast<unsigned>(31 - i)) & 1U;
      if (i + 1 == network.prefix) {
        nodes[at].next[side] = -2 - static_cast<int64_t>(data.size());
      } else {
        if (nodes[at].next[side] < 0) {
          nodes[at].next[side] = static_cast<int64_t>(nodes.size());
          nodes.emplace_back();
        }
        at = static_cast<size_t>(nodes[at].next[side]);
      }
    }
    data += network.value;
  }
  std::string file;
  for (const Node& node : nodes) {
    for (const int64_t next : node.next) {
      const auto count = static_cast<int64_t>(nodes.size());
      const int64_t record = next >= 0 ? next : (next == -1 ? count : count + 16 + (-2 - next));
      for (int shift = 16; shift >= 0; shift -= 8) file += static_cast<char>((record >> shift) & 255);
    }
  }
  file += std::string(16, '\0') + data + "\xab\xcd\xefMaxMind.com";
  return file + MmdbMap({{"binary_format_major_version", MmdbUint(5, 2)},
                         {"binary_format_minor_version", MmdbUint(5, 0)},
                         {"build_epoch", MmdbUint(9, 1'700'000'000)},
                         {"database_type", MmdbText("Test-City")},
                         {"description", MmdbMap({{"en", MmdbText("test")}})},
                         {"ip_version", MmdbUint(5, 4)},
                         {"languages", MmdbArray({MmdbText("en")})},
                         {"node_count", MmdbUint(6, nodes.size())},
                         {"record_size", MmdbUint(5, 24)}});
}

}  // namespace taffrail::ingest
