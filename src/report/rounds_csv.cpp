#include <algorithm>

#include "cohort/core/text.hpp"
#include "cohort/report/round_page.hpp"

namespace cohort::report {
namespace {

std::string count_text(std::int64_t count) {
  return count < 0 ? std::string() : concat(count);
}

}  // namespace

std::string rounds_csv(std::span<const round::RoundRecord> records,
                       std::span<const std::optional<round::Rewards>> rewards,
                       std::span<const std::optional<double>> balanced) {
  std::string csv =
      "round,candidates,submitted,accepted,merged,halted,validation_images,incumbent_correct,best_correct,"
      "validation_correct,hidden_images,incumbent_hidden,majority_hidden,paid,carried,model,"
      "validation_balanced_accuracy\n";
  for (std::size_t i = 0; i < records.size(); ++i) {
    const round::RoundRecord& record = records[i];
    const auto accepted =
        std::ranges::count_if(record.findings, [](const auto& f) { return may_merge(f.verdict); });
    const auto submitted =
        std::ranges::count_if(record.failures, [](const std::string& why) { return why.empty(); });
    std::int64_t best = -1;
    for (const round::Finding& finding : record.findings)
      if (may_merge(finding.verdict)) best = std::max(best, finding.validation_correct);
    const round::Rewards* paid = i < rewards.size() && rewards[i] ? &*rewards[i] : nullptr;
    csv += concat(record.round, ",", record.assignments.size(), ",", submitted, ",", accepted, ",",
                  record.merged.size(), ",", record.halted.size(), ",", record.validation_images, ",",
                  record.incumbent_validation, ",", count_text(best), ",", record.merged_validation, ",",
                  record.hidden_images, ",", count_text(record.incumbent_hidden), ",",
                  count_text(record.majority_hidden), ",", paid != nullptr ? paid->paid.to_decimal() : "",
                  ",", paid != nullptr ? paid->carried.to_decimal() : "", ",", to_hex(record.model), ",",
                  i < balanced.size() && balanced[i] ? format_shortest(*balanced[i]) : "", "\n");
  }
  return csv;
}

}  // namespace cohort::report
