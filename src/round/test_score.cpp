// What the whole run came to: its final model on images that took no part in it.
#include "cohort/core/text.hpp"
#include "cohort/round/class_counts.hpp"
#include "round/round_run.hpp"

namespace cohort::round {

std::optional<TestScore> RoundRun::score_test() {
  const std::vector<std::int32_t> samples = dataset_.indices(data::Split::test);
  if (samples.empty()) return std::nullopt;
  ClassCounts counts{std::string(kTestSchema), "test",
                     model_digest(layout_, incumbent_.parameters.span(), incumbent_.statistics.span()),
                     dataset_.subset_digest(samples)};
  // Counted once: whoever starts a finished run again is told the same.
  bool is_counted = false;
  on_root("look for the test", [&] {
    const std::optional<ClassCounts> before = read_class_counts(paths_.test(), counts.model);
    is_counted = before && before->schema == counts.schema && before->images == counts.images;
    if (is_counted) counts = *before;
  });
  if (world_.max(is_counted ? 1 : 0) == 0) {
    Workers workers{world_, pool_, table_};
    count_classes(workers, dataset_, samples, model_, layout_, incumbent_, counts);
    on_root("write the test", [&] { write_class_counts(paths_.test(), counts); });
  }
  world_.broadcast(std::span(&counts.correct, 1));
  counts.samples = static_cast<std::int64_t>(samples.size());
  log_.info(concat("test   ", counts.correct, " of ", counts.samples, balanced_text(counts)));
  return TestScore{counts.correct, counts.samples};
}

}  // namespace cohort::round
