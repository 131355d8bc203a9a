// W3C Baggage: a request's own key-value pairs, sent along with every call it causes.
//
//   taffrail::Baggage baggage = taffrail::parse_baggage(header);
//   baggage.set("tenant", "Müller & Söhne");          // encoded on the way out, decoded on the way in
//
// Anyone who calls the service can put anything in here, and it goes on to whoever the service calls: never
// put a secret in it, never trust what comes out.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace taffrail {

struct BaggageMember {
  std::string key;         // a token: letters, digits and !#$%&'*+-.^_`|~
  std::string value;       // decoded, valid UTF-8
  std::string properties;  // as on the wire: "ttl=30;private"; most members have none
};

class Baggage {
 public:
  // What the standard makes everyone pass on, and so all that one may rely on.
  static constexpr size_t kMembersMax = 64;
  static constexpr size_t kBytesMax = 8192;  // as a header

  // Replaces members of this key, else appends. False, and nothing changed, for a key that is no token,
  // malformed properties, or when it would not fit.
  bool set(std::string_view key, std::string_view value, std::string_view properties = {});
  bool remove(std::string_view key);
  // The first of this key; empty when there is none.
  std::string_view get(std::string_view key) const;

  // Keys may repeat in what was received, and their order is kept.
  const std::vector<BaggageMember>& members() const { return members_; }
  bool empty() const { return members_.empty(); }

 private:
  friend Baggage parse_baggage(std::string_view header);
  std::vector<BaggageMember> members_;
};

// Malformed members are left out, and what comes after the limits.
Baggage parse_baggage(std::string_view header);
std::string format_baggage(const Baggage& baggage);

}  // namespace taffrail
