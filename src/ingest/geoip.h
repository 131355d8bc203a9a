// Where an address is, from databases in MaxMind's format (GeoLite2-City, GeoLite2-ASN, or others alike).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/status.h"

namespace taffrail::ingest {

struct GeoPlace {
  std::string country;  // ISO 3166-1 alpha-2
  std::string region;
  std::string city;
  std::optional<double> latitude;
  std::optional<double> longitude;
  uint32_t asn = 0;
  std::string organization;

  bool empty() const { return country.empty() && city.empty() && asn == 0; }
  std::string ToJson() const;  // an object; what is not known is left out
};

// Immutable, so safe from any thread.
class GeoIp {
 public:
  // Either path may be empty. InvalidArgument: not such a database; NotFound: no such file.
  static absl::StatusOr<std::unique_ptr<GeoIp>> Open(const std::string& city_path,
                                                     const std::string& asn_path);
  ~GeoIp();

  // Empty for addresses that are not in the databases, as private ones are not, and for what is no address.
  GeoPlace Find(const std::string& address) const;

 private:
  struct Database;
  GeoIp();
  std::unique_ptr<Database> city_;
  std::unique_ptr<Database> asn_;
};

}  // namespace taffrail::ingest
