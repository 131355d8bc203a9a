#include "log/otel_environment.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

namespace taffrail::log {
namespace {

std::string_view Trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::optional<std::string> PercentDecoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = HexDigit(text[i + 1]), low = HexDigit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

bool IsHttpUrl(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (text.starts_with(scheme)) return text.size() > scheme.size();
  }
  return false;
}

// The variables of one exporter, read by their endings.
class OtlpReader {
 public:
  OtlpReader(const GetEnv& get_env, std::vector<std::string>& troubles)
      : get_env_(get_env), troubles_(troubles) {}

  // Gives the value to `take` when there is one; complains when that returns false.
  template <typename Take>
  void Read(const std::string& ending, std::string_view wanted, const Take& take) {
    for (const char* const prefix : {"OTEL_EXPORTER_OTLP_LOGS_", "OTEL_EXPORTER_OTLP_"}) {
      const std::string name = prefix + ending;
      const char* const value = get_env_(name.c_str());
      if (value == nullptr || *value == '\0') continue;
      if (!take(std::string_view(value)))
        troubles_.push_back(name + " makes no sense; it should be " + std::string(wanted));
      return;
    }
  }

  void ReadText(const std::string& ending, std::string& text) {
    Read(ending, "a text", [&](std::string_view value) {
      text = value;
      return true;
    });
  }

 private:
  const GetEnv& get_env_;
  std::vector<std::string>& troubles_;
};

}  // namespace

bool ParsePairs(std::string_view text, Pairs& pairs) {
  Pairs parsed;
  while (!text.empty()) {
    const std::string_view entry = text.substr(0, text.find(','));
    text.remove_prefix(std::min(entry.size() + 1, text.size()));
    if (Trimmed(entry).empty()) continue;  // a comma too many does no harm
    const size_t equals = entry.find('=');
    if (equals == std::string_view::npos) return false;
    const std::string_view key = Trimmed(entry.substr(0, equals));
    auto value = PercentDecoded(Trimmed(entry.substr(equals + 1)));
    if (key.empty() || !value) return false;
    parsed.emplace_back(key, *std::move(value));
  }
  std::ranges::move(parsed, std::back_inserter(pairs));
  return true;
}

bool ApplyResourceAttributes(std::string_view text, Config& config,
                             const std::function<void(std::string_view)>& on_set) {
  Pairs attributes;
  if (!ParsePairs(text, attributes)) return false;
  for (auto& [name, value] : attributes) {
    if (name == "service.name") {
      config.service = std::move(value);
      on_set("service");
    } else if (name == "service.version") {
      config.version = std::move(value);
      on_set("version");
    } else if (name == "deployment.environment" || name == "deployment.environment.name") {
      config.environment = std::move(value);
      on_set("environment");
    }
  }
  return true;
}

OtlpEnvironment ReadOtlpEnvironment(const GetEnv& get_env, std::vector<std::string>& troubles) {
  OtlpEnvironment otlp;
  OtlpReader reader(get_env, troubles);
  reader.Read("ENDPOINT", "a URL, as in http://localhost:4318", [&](std::string_view value) {
    if (!IsHttpUrl(value)) return false;
    otlp.endpoint = value;
    return true;
  });
  reader.Read("PROTOCOL", "grpc, http/protobuf or http/json", [&](std::string_view value) {
    if (value != "grpc" && value != "http/protobuf" && value != "http/json") return false;
    otlp.protocol = value;
    return true;
  });
  reader.Read("HEADERS", "key=value,key=value",
              [&](std::string_view value) { return ParsePairs(value, otlp.headers); });
  reader.Read("TIMEOUT", "a whole number of milliseconds", [&](std::string_view value) {
    int64_t timeout_ms = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), timeout_ms);
    if (error != std::errc() || end != value.data() + value.size() || timeout_ms < 0) return false;
    otlp.timeout_ms = timeout_ms;
    return true;
  });
  reader.Read("COMPRESSION", "gzip or none", [&](std::string_view value) {
    otlp.gzip = value == "gzip";
    return otlp.gzip || value == "none";
  });
  reader.Read("INSECURE", "true or false", [&](std::string_view value) {
    otlp.insecure = value == "true";
    return otlp.insecure || value == "false";
  });
  reader.ReadText("CERTIFICATE", otlp.certificate);
  reader.ReadText("CLIENT_CERTIFICATE", otlp.client_certificate);
  reader.ReadText("CLIENT_KEY", otlp.client_key);
  if (!otlp.endpoint.empty()) {
    troubles.emplace_back(
        "OTEL_EXPORTER_OTLP_ENDPOINT is understood, but log lines are not sent by OTLP yet; "
        "they go to the configured sinks alone");
  }
  return otlp;
}

}  // namespace taffrail::log
