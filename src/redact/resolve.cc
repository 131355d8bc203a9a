#include "redact/resolve.h"

#include <algorithm>

namespace taffrail::redact {

void Resolve(Findings& findings) {
  std::ranges::sort(findings, [](const Finding& a, const Finding& b) {
    if (a.begin != b.begin) return a.begin < b.begin;
    if (a.end != b.end) return a.end > b.end;
    return a.rule > b.rule;
  });
  size_t kept = 0;
  for (size_t i = 1; i < findings.size(); ++i) {
    Finding& last = findings[kept];
    const Finding& next = findings[i];
    if (next.begin >= last.end) {
      findings[++kept] = next;
      continue;
    }
    if (next.end <= last.end) continue;
    // They cross: neither mask fits what both cover.
    last.end = next.end;
    last.mask = Mask::kStars;
  }
  findings.resize(kept + 1);
}

}  // namespace taffrail::redact
