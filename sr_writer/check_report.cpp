#include "sr_writer/check_rules.h"
#include "sr_writer/documents.h"

namespace necknode::sr_writer {

std::vector<ReportFinding> CheckReport(const std::vector<std::byte>& part10) {
  const ReadReport report = ReadReportFrom(part10);
  std::vector<ReportFinding> findings;
  for (const std::span<const Rule> rules : {ContentRules(), HeaderRules()}) {
    for (const Rule& rule : rules) {
      rule.check(report, [&](const std::string& message) {
        findings.push_back(
            {rule.error, std::string(rule.name), message + " (" + std::string(rule.because) + ")"});
      });
    }
  }
  return findings;
}

}  // namespace necknode::sr_writer
