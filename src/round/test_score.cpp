// What the whole run came to: its final model on images that took no part in it, and whether that is what the
// job requires.
#include "cohort/core/text.hpp"
#include "cohort/round/class_counts.hpp"
#include "cohort/train/metrics.hpp"
#include "round/round_run.hpp"

namespace cohort::round {
namespace {

void share_counts(comm::Communicator& world, ClassCounts& counts) {
  auto classes = static_cast<std::int64_t>(counts.confusion.classes);
  world.broadcast(std::span(&classes, 1));
  if (!world.is_root()) counts.confusion = train::Confusion(static_cast<int>(classes));
  if (classes > 0) world.broadcast(std::span(counts.confusion.counts));
  world.broadcast(std::span(&counts.correct, 1));
}

/// Nothing where it is not defined.
std::optional<double> score_of(const ClassCounts& counts, std::string_view metric) {
  if (metric == "balanced_accuracy") return counts.confusion.balanced_accuracy();
  if (counts.samples == 0) return std::nullopt;
  return static_cast<double>(counts.correct) / static_cast<double>(counts.samples);
}

}  // namespace

bool is_counted_in_rounds(std::string_view metric) {
  return metric == "accuracy" || metric == "balanced_accuracy";
}

/// Counted once: whoever starts a finished run again is told the same.
ClassCounts RoundRun::count_once(const std::filesystem::path& path, ClassCounts counts,
                                 const std::vector<std::int32_t>& samples) {
  counts.model = start_.digest(layout_);
  counts.images = dataset_.subset_digest(samples);
  counts.samples = static_cast<std::int64_t>(samples.size());
  bool is_counted = false;
  on_root(concat("look for ", path.filename().string()), [&] {
    const std::optional<ClassCounts> before = read_class_counts(path, counts.model);
    is_counted = before && before->schema == counts.schema && before->images == counts.images;
    if (is_counted) counts = *before;
  });
  if (world_.max(is_counted ? 1 : 0) == 0) {
    Workers workers{world_, pool_, table_};
    count_classes(workers, dataset_, samples, model_, layout_, start_.incumbent, counts);
    on_root(concat("write ", path.filename().string()), [&] { write_class_counts(path, counts); });
  }
  share_counts(world_, counts);
  return counts;
}

std::optional<ClassCounts> RoundRun::count_test() {
  const std::vector<std::int32_t> samples = dataset_.indices(data::Split::test);
  if (samples.empty()) return std::nullopt;
  const ClassCounts counts = count_once(paths_.test(), {std::string(kTestSchema), "test"}, samples);
  log_.info(concat("test   ", counts.correct, " of ", counts.samples, balanced_text(counts)));
  return counts;
}

ClassCounts RoundRun::count_validation() {
  return count_once(validation_counts_path(paths_.round(task_.rounds)),
                    {std::string(kValidationSchema), "validation"}, common_validation(partition_));
}

ExitCode RoundRun::judge(const std::optional<ClassCounts>& test) {
  if (execution_.require.empty()) return ExitCode::finished;
  const train::Requirement requirement = train::parse_requirement(execution_.require);
  const std::optional<double> value = score_of(test ? *test : count_validation(), requirement.metric);
  has_reached_ = value && *value >= requirement.at_least;
  log_.info(concat("required ", execution_.require, ": ", has_reached_ ? "reached" : "not reached", " with ",
                   value ? format_fixed(*value, 4) : "-", " on the ",
                   test ? "test split" : "common validation images"));
  return has_reached_ ? ExitCode::finished : ExitCode::metric_not_reached;
}

}  // namespace cohort::round
