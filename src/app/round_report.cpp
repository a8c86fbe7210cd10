#include "round_report.hpp"

#include <utility>
#include <vector>

#include "cohort/core/text.hpp"
#include "cohort/report/round_page.hpp"
#include "cohort/round/class_counts.hpp"
#include "cohort/round/reward_files.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/store/parsed_text.hpp"

namespace cohort::app {
namespace {

/// What the counts of a model's answers come to, where the run has kept them.
std::optional<double> balanced_accuracy(const std::filesystem::path& path, const Digest& model) {
  const std::optional<round::ClassCounts> counts = round::read_class_counts(path, model);
  return counts ? counts->confusion.balanced_accuracy() : std::nullopt;
}

/// What people and programs read about the rounds that are done.
void write_report(const std::filesystem::path& out, const round::Task& task, const data::Partition& partition,
                  std::span<const round::RoundRecord> records, const std::optional<round::TestScore>& test) {
  const round::RoundPaths paths{out};
  std::vector<std::optional<round::Rewards>> rewards(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    const std::filesystem::path path = paths.round(records[i].round) / "rewards.json";
    if (std::filesystem::exists(path)) rewards[i] = store::parsed_text(path, round::rewards_from_text);
  }
  std::vector<std::optional<double>> balanced;
  for (const round::RoundRecord& record : records)
    balanced.push_back(
        balanced_accuracy(round::validation_counts_path(paths.round(record.round)), record.model));
  store::write_text_atomically(out / "rounds.csv", report::rounds_csv(records, rewards, balanced));
  std::optional<report::FinalScore> score;
  if (test && !records.empty())
    score = {"test", test->correct, test->samples, balanced_accuracy(paths.test(), records.back().model)};
  store::write_text_atomically(out / "index.html",
                               report::round_page(task, partition, records, rewards, score, balanced));
}

}  // namespace

RoundReport::RoundReport(std::filesystem::path out, const round::Task& task, const data::Partition& partition,
                         Log& log)
    : out_(std::move(out)), task_(task), partition_(partition), log_(log) {}

void RoundReport::write(std::span<const round::RoundRecord> records,
                        const std::optional<round::TestScore>& test) const {
  try {
    write_report(out_, task_, partition_, records, test);
  } catch (const std::exception& e) {
    log_.warning(concat("index.html and rounds.csv in ", out_.string(), " are not up to date: ", e.what(),
                        "; the run goes on, and the same command writes them anew once that is mended"));
  }
}

}  // namespace cohort::app
