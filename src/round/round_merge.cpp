// The end of a round: the next model, and the record that makes the round complete.
#include <algorithm>
#include <filesystem>

#include "cohort/core/clock.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/class_counts.hpp"
#include "cohort/round/recompute_statistics.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/train/checkpoint.hpp"
#include "round/coalitions.hpp"
#include "round/round_run.hpp"

namespace cohort::round {
namespace {

/// Without a merge the run's model is the best candidate's; candidates go on with their own.
MergeOptions effective(MergeOptions options) {
  if (options.rule == MergeRule::none) options.rule = MergeRule::best;
  return options;
}

}  // namespace

/// Models of the accepted submissions, on all ranks, from the ranks that hold them.
std::vector<Model> RoundRun::share_models(const RoundWork& work, std::vector<std::size_t>& positions) {
  const Grouping grouping(world_.ranks(), static_cast<int>(work.assignments.size()));
  std::vector<Model> models;
  for (std::size_t i = 0; i < work.findings.size(); ++i) {
    if (!may_merge(work.findings[i].verdict)) continue;
    Model model;
    if (work.looks[i].submission)
      model = {copy_of(work.looks[i].submission->parameters.span()),
               copy_of(work.looks[i].submission->statistics.span())};
    models.push_back(share(model, grouping.root_of(grouping.auditor_of(static_cast<int>(i)))));
    positions.push_back(i);
  }
  return models;
}

RoundRecord RoundRun::merge_members(RoundWork& work) {
  note({"merging"});
  std::vector<std::size_t> positions;
  std::vector<Model> models = share_models(work, positions);
  std::vector<MergeMember> members;
  for (std::size_t i = 0; i < models.size(); ++i) {
    const Finding& finding = work.findings[positions[i]];
    const data::Part& part = partition_.parts.at(static_cast<std::size_t>(finding.candidate));
    members.push_back({finding.candidate, finding.member, models[i].parameters.span(),
                       models[i].statistics.span(), static_cast<std::int64_t>(part.train.size()),
                       finding.validation_correct});
  }
  Workers workers = workers_of(world_);
  const ScoreModel score = [&](std::span<const float> parameters, std::span<const float> statistics) {
    return count_correct(workers, dataset_, work.common_validation, model_, layout_,
                         {copy_of(parameters), copy_of(statistics)});
  };
  const std::vector<std::int32_t> training = pooled_training(partition_);
  const RecomputeStatistics recompute = [&](std::span<const float> parameters, std::span<float> statistics) {
    recompute_statistics(world_, pool_, table_, dataset_, training, task_.recipe.micro_batch, model_, layout_,
                         parameters, statistics);
  };
  MergeResult merged =
      merge(table_, layout_, start_.incumbent, members, effective(task_.merge), score, recompute);
  RoundRecord record;
  record.audit = pay(work, start_.digest(layout_),
                     count_coalitions(workers, case_of(work), model_, layout_, work.baseline, members));
  start_.incumbent = std::move(merged.model);

  record.round = work.round;
  record.assignments = work.assignments;
  record.findings = work.findings;
  record.failures = work.failures;
  record.merged = merged.members;
  record.merge_story = merged.story;
  record.validation_images = static_cast<std::int64_t>(work.common_validation.size());
  record.hidden_images = static_cast<std::int64_t>(work.hidden_images.size());
  record.incumbent_validation = merged.incumbent_score;
  record.merged_validation = merged.score;
  record.incumbent_hidden = work.baseline.incumbent;
  record.majority_hidden = work.baseline.majority;
  record.beacon = work.beacon;
  record.model = start_.digest(layout_);
  record.halted = halted_after_round(record);
  if (keeps_own_models(task_))
    for (std::size_t i = 0; i < models.size(); ++i) start_.own[members[i].id] = std::move(models[i]);
  return record;
}

std::vector<std::int64_t> RoundRun::halted_after_round(const RoundRecord& record) const {
  std::vector<explore::Trial> trials;
  for (std::size_t i = 0; i < record.assignments.size(); ++i)
    trials.push_back({record.round, record.assignments[i].candidate, record.assignments[i].setting,
                      record.findings[i].validation_correct, !may_merge(record.findings[i].verdict)});
  return explore::halted_after(record.round, trials, task_.halving);
}

void RoundRun::save_model(const std::filesystem::path& path, std::int64_t round) {
  train::Checkpoint checkpoint = round_checkpoint(task_, dataset_, start_.incumbent, round);
  train::CheckpointHeader& header = checkpoint.header;
  header.program_version = description_.program_version;
  header.created = utc_now();
  header.provenance =
      concat(description_.command, "\nround ", round, " of task sha256:", to_hex(task_digest_), "\n");
  header.config_toml = description_.config_toml;
  std::filesystem::create_directories(path.parent_path());
  train::save_checkpoint(path, layout_, checkpoint);
}

void RoundRun::finish_round(const RoundWork& work, RoundRecord record) {
  start_.records.push_back(std::move(record));
  const RoundRecord& done = start_.records.back();
  Workers workers{world_, pool_, table_};  // without a wish to stop: what is merged and paid is kept
  ClassCounts counts{std::string(kValidationSchema), "validation", done.model,
                     dataset_.subset_digest(work.common_validation)};
  count_classes(workers, dataset_, work.common_validation, model_, layout_, start_.incumbent, counts);
  on_root(concat("write round ", work.round), [&] {
    save_model(paths_.model(work.round), work.round);
    save_model(folder_->checkpoints() / "last.h5", work.round);
    write_class_counts(validation_counts_path(paths_.round(work.round)), counts);
    const std::optional<double> balanced = counts.confusion.balanced_accuracy();
    folder_->event(
        "round",
        Json::object()
            .set("step", work.round * task_.round_steps)
            .set("round", work.round)
            .set("accepted", static_cast<std::int64_t>(std::ranges::count_if(
                                 done.findings, [](const Finding& f) { return may_merge(f.verdict); })))
            .set("merged", static_cast<std::int64_t>(done.merged.size()))
            .set("validation_correct", done.merged_validation)
            .set("validation_images", done.validation_images)
            .set("balanced_accuracy", balanced ? Json(*balanced) : Json())
            .set("model", to_hex(done.model)));
    store::write_text_atomically(paths_.record(work.round), to_json(done).dump(1) + "\n");
    std::filesystem::remove_all(paths_.findings(work.round));
  });
  on_root("tell of the round", [&] {
    if (after_round_) after_round_(start_.records);
  });
  for (const std::string& line : done.merge_story) log_.info("  merge  " + line);
  for (const std::int64_t candidate : done.halted)
    log_.info(concat("  halt   ", name_of_candidate(candidate)));
  log_.info(concat("  model  ", done.merged_validation, "/", done.validation_images,
                   " on the common validation set (before: ", done.incumbent_validation, ")",
                   balanced_text(counts), "  sha256:", to_hex(done.model).substr(0, 12)));
}

}  // namespace cohort::round
