// kInNetwork: a CIDR block, an address, or a range of addresses.
#include "base/network.h"
#include "expr/condition.h"
#include "expr/value_memo.h"
#include "fmt/format.h"

namespace taffrail::expr {
namespace {

class NetworkCondition final : public Condition {
 public:
  explicit NetworkCondition(const base::Network& network) : network_(network) {}
  bool Text(std::string_view text) const override { return network_.Contains(text); }
  void Strings(const record::StringData& values, Bits& hits) const override {
    TestDistinct(
        values, [this](std::string_view text) { return network_.Contains(text); }, hits);
  }
  void Integers(const record::Column&, Bits&) const override {}  // no number is an address
  void Decimals(const record::Column&, Bits&) const override {}

 private:
  base::Network network_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Condition>> MakeNetworkCondition(const Expr& expr) {
  const std::optional<base::Network> network = base::Network::ParseRange(expr.text);
  if (!network) {
    return absl::InvalidArgumentError(
        fmt::format("\"{}\" is no network: write 10.0.0.0/8, 2001:db8::/32, or first-last", expr.text));
  }
  return std::make_unique<NetworkCondition>(*network);
}

}  // namespace taffrail::expr
