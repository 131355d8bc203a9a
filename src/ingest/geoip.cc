#include "ingest/geoip.h"

#include <fmt/format.h>
#include <maxminddb.h>

#include <filesystem>
#include <utility>

#include "record/json_writer.h"

namespace taffrail::ingest {

struct GeoIp::Database {
  MMDB_s file{};
  bool open = false;
  ~Database() {
    if (open) MMDB_close(&file);
  }
};

namespace {

template <typename... Path>
std::optional<MMDB_entry_data_s> Get(MMDB_entry_s& entry, Path... path) {
  MMDB_entry_data_s data{};
  const int status = MMDB_get_value(&entry, &data, path..., nullptr);
  if (status != MMDB_SUCCESS || !data.has_data) return std::nullopt;
  return data;
}

template <typename... Path>
std::string Text(MMDB_entry_s& entry, Path... path) {
  const auto data = Get(entry, path...);
  if (!data || data->type != MMDB_DATA_TYPE_UTF8_STRING) return {};
  return {data->utf8_string, data->data_size};
}

template <typename... Path>
std::optional<double> Double(MMDB_entry_s& entry, Path... path) {
  const auto data = Get(entry, path...);
  if (!data || data->type != MMDB_DATA_TYPE_DOUBLE) return std::nullopt;
  return data->double_value;
}

absl::Status OpenFile(const std::string& path, MMDB_s& file) {
  if (!std::filesystem::exists(path)) return absl::NotFoundError(path + ": no such file");
  const int status = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &file);
  if (status == MMDB_SUCCESS) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{}: {}", path, MMDB_strerror(status)));
}

bool Lookup(const MMDB_s& file, const std::string& address, MMDB_entry_s& entry) {
  int address_error = 0;
  int file_error = 0;
  MMDB_lookup_result_s found = MMDB_lookup_string(&file, address.c_str(), &address_error, &file_error);
  if (address_error != 0 || file_error != MMDB_SUCCESS || !found.found_entry) return false;
  entry = found.entry;
  return true;
}

}  // namespace

GeoIp::GeoIp() = default;
GeoIp::~GeoIp() = default;

absl::StatusOr<std::unique_ptr<GeoIp>> GeoIp::Open(const std::string& city_path,
                                                   const std::string& asn_path) {
  auto geo = std::unique_ptr<GeoIp>(new GeoIp);
  for (const auto& [path, database] :
       {std::pair(&city_path, &geo->city_), std::pair(&asn_path, &geo->asn_)}) {
    if (path->empty()) continue;
    *database = std::make_unique<Database>();
    TAFFRAIL_RETURN_IF_ERROR(OpenFile(*path, (*database)->file));
    (*database)->open = true;
  }
  return geo;
}

GeoPlace GeoIp::Find(const std::string& address) const {
  GeoPlace place;
  MMDB_entry_s entry{};
  if (city_ != nullptr && Lookup(city_->file, address, entry)) {
    place.country = Text(entry, "country", "iso_code");
    place.region = Text(entry, "subdivisions", "0", "names", "en");
    place.city = Text(entry, "city", "names", "en");
    place.latitude = Double(entry, "location", "latitude");
    place.longitude = Double(entry, "location", "longitude");
  }
  if (asn_ != nullptr && Lookup(asn_->file, address, entry)) {
    const auto number = Get(entry, "autonomous_system_number");
    if (number && number->type == MMDB_DATA_TYPE_UINT32) place.asn = number->uint32;
    place.organization = Text(entry, "autonomous_system_organization");
  }
  return place;
}

std::string GeoPlace::ToJson() const {
  std::string json = "{";
  const auto text = [&](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    json += fmt::format("{}\"{}\":", json.size() == 1 ? "" : ",", name);
    record::AppendJsonString(value, json);
  };
  text("country", country);
  text("region", region);
  text("city", city);
  if (asn != 0) json += fmt::format("{}\"asn\":{}", json.size() == 1 ? "" : ",", asn);
  text("organization", organization);
  return json + "}";
}

}  // namespace taffrail::ingest
