// Which records are audit records, and how many there are of which event, outcome and user: what
// /api/v1/logs/audit answers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "expr/expr.h"
#include "expr/matcher.h"
#include "record/batch.h"

namespace taffrail::server {

class AuditSearch {
 public:
  struct Wanted {  // empty: any
    std::string user;
    std::string event;
    std::string outcome;
    std::string ip_address;
  };

  AuditSearch(Wanted wanted, size_t limit) : wanted_(std::move(wanted)), limit_(limit) {}

  // Audit and security records of the standard events, and those that say so by a field of their own.
  static expr::ExprPtr Filter();
  // REQUIRES: batches of a descending scan.
  void Add(const record::RecordBatch& batch, const expr::Selection& rows);
  // The members of a JSON object, without its braces.
  void AppendJson(std::string& out) const;

 private:
  static constexpr size_t kMaxNames = 1000;  // of users and events; the rest is counted as one

  static void Count(std::map<std::string, uint64_t>& counts, const std::string& name);

  const Wanted wanted_;
  const size_t limit_;
  uint64_t lines_ = 0;
  std::map<std::string, uint64_t> by_event_;
  std::map<std::string, uint64_t> by_outcome_;
  std::map<std::string, uint64_t> by_user_;
  std::vector<std::string> records_;  // JSON, newest first
};

}  // namespace taffrail::server
