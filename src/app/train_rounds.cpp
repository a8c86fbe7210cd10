#include "train_rounds.hpp"

#include <algorithm>
#include <optional>
#include <span>

#include "banner.hpp"
#include "cohort/comm/agree.hpp"
#include "cohort/core/text.hpp"
#include "cohort/core/words.hpp"
#include "cohort/round/needs.hpp"
#include "cohort/round/rounds.hpp"
#include "cohort/train/metrics.hpp"
#include "round_report.hpp"
#include "round_surroundings.hpp"
#include "shell_words.hpp"
#include "tables.hpp"

namespace cohort::app {
namespace {

/// Says which file is missing, and how it is made.
void refuse_without_hidden(const round::Task& task, const std::filesystem::path& data) {
  std::vector<std::string> asks;
  if (!task.pool.pool.empty()) asks.emplace_back("reward.pool");
  if (task.audit.evidence == round::Evidence::hidden) asks.emplace_back("audit.evidence");
  if (task.audit.hidden_images > 0) asks.emplace_back("audit.hidden_images");
  if (asks.empty()) return;
  const std::string file = sibling(data, ".hidden.h5");
  throw DataError(
      concat(joined(asks, ", "), ": needs hidden images, but ", file,
             " is not there; 'cohort import' writes it beside ", data.string(),
             " from the images of the split hidden: give the table a column split, or import with "
             "--hidden-fraction 0.2"));
}

/// A run of rounds knows of its models which images they answer rightly, and nothing else.
void refuse_requirement(const std::string& require, const data::Partition& partition,
                        const data::Dataset& dataset) {
  if (require.empty()) return;
  const std::string metric = train::parse_requirement(require).metric;
  if (!round::is_counted_in_rounds(metric))
    throw UsageError(concat("require: a run of rounds counts only right answers, not ", metric,
                            "; ask for 'balanced_accuracy>=…' or 'accuracy>=…'"));
  const bool has_validation =
      std::ranges::any_of(partition.parts, [](const data::Part& part) { return !part.validation.empty(); });
  if (!has_validation && dataset.indices(data::Split::test).empty())
    throw UsageError(
        "require: there is nothing to measure it on, as the data set has no test split and no candidate has "
        "validation images");
}

void refuse_memory(const train::Execution& execution, const round::Task& task, int ranks) {
  if (execution.max_memory_bytes == 0) return;
  const std::uint64_t needed = round::estimate_memory(task, execution, ranks);
  if (needed > execution.max_memory_bytes)
    throw UsageError(concat("max_memory: each rank would need about ",
                            human_bytes(static_cast<double>(needed)), " with ",
                            counted(execution.threads, "thread"), ", more than the limit of ",
                            human_bytes(static_cast<double>(execution.max_memory_bytes)),
                            "; use fewer threads, a smaller micro_batch or more ranks"));
}

/// Groups are what trains a candidate: their ranks and threads must not be more than a step has work for.
void refuse_problems(const train::Job& job, const RoundsPlan& plan, const data::Dataset& dataset, int ranks) {
  if (job.execution.kernels != "exact")
    throw UsageError("kernels: rounds are audited by replay, which only --kernels exact allows");
  const int groups = std::min(static_cast<int>(plan.partition.parts.size()), ranks);
  const std::vector<std::string> problems = train::problems(job, (ranks + groups - 1) / groups);
  if (!problems.empty()) throw UsageError(joined(problems, "; "));
  refuse_requirement(job.execution.require, plan.partition, dataset);
  refuse_memory(job.execution, plan.task, ranks);
}

void warn_of_keys(const train::Job& job, Log& log) {
  const std::string keys = keys_without_rounds(job);
  if (keys.empty()) return;
  const bool is_one = keys.find(',') == std::string::npos;
  log.warning(concat("a run of rounds lasts rounds x round_steps and validates each round's model; ", keys,
                     is_one ? " of the job has no effect" : " of the job have no effect"));
}

/// Settings that cannot do what they say.
void warn_of_links(const round::Task& task, Log& log) {
  const std::int64_t links = round::links_of(task);
  if (task.link_steps > task.round_steps)
    log.warning(concat("link_steps ", task.link_steps, " is more than round_steps ", task.round_steps,
                       ": each round is one link"));
  // Fewer links than the default are nobody's mistake.
  if (task.audit.evidence == round::Evidence::replay &&
      task.audit.links > std::max(links, round::Task{}.audit.links))
    log.warning(concat("audit.links ", task.audit.links, ": a round has ", counted(links, "link"),
                       ", which are all replayed"));
}

/// As many as are registered, where the data do not say.
int candidates_of(const round::Task& task, const RoundOptions& options,
                  const std::optional<round::Registration>& registration) {
  if (!registration) return options.candidates;
  const auto members = static_cast<int>(registration->members.size());
  if (options.candidates > 1 && options.candidates != members)
    throw UsageError(concat("candidates: the job says ", options.candidates, ", ", options.members.string(),
                            " names ", counted(members, "member"), "; leave candidates out"));
  return task.partition.rule == data::PartitionRule::by_column ? 0 : members;
}

}  // namespace

void say_task(const round::Task& task, const data::Partition& partition, Log& log) {
  log.info(concat(
      "task   ", counted(static_cast<std::int64_t>(task.members.size()), "candidate"), ", ", task.rounds,
      task.rounds == 1 ? " round of " : " rounds of ", task.round_steps, " steps, links of ", task.link_steps,
      "; ",
      task.search.empty() ? std::string("fixed parameters") : concat("explored by ", task.explore.proposer),
      "; merge ", name_of(task.merge.rule), ", evidence ", name_of(task.audit.evidence),
      "  sha256:", to_hex(task_digest(task)).substr(0, 12)));
  for (const data::Part& part : partition.parts)
    log.info(concat("       ", part.name, "  ", part.train.size(), " train, ", part.validation.size(),
                    " validation"));
  const auto links = static_cast<double>(round::round_files(task).links);
  log.info(concat("files  states at links: ", human_bytes(links), " a round, ",
                  human_bytes(links * static_cast<double>(task.rounds)),
                  " in all, for as long as rounds can be audited"));
  if (!log.is_root()) return;
  for (const std::string& note : partition.notes) log.warning(note);
  warn_of_links(task, log);
}

void refuse_folder_of_rounds(const std::filesystem::path& out) {
  const round::RoundPaths paths{out};
  if (out.empty() || !std::filesystem::exists(paths.task())) return;
  if (std::filesystem::exists(paths.coordinator_key()))
    throw CheckpointError(concat(out.string(),
                                 " holds a federation: 'cohort status' says what comes next; "
                                 "choose another --out"));
  throw CheckpointError(concat(out.string(),
                               " holds a run of rounds: repeat its command with rounds to continue it, or "
                               "choose another --out"));
}

RoundsPlan plan_rounds(comm::Communicator& comm, const train::Job& job, const RoundOptions& options,
                       const data::Dataset& dataset, const std::optional<round::Registration>& registration) {
  return comm::agree(comm, "prepare the task", [&] {
    RoundsPlan plan;
    plan.task = task_rules(options);
    plan.task.recipe = job.recipe;
    plan.task.partition.seed = job.recipe.seed;
    if (std::optional<data::Dataset> found = hidden_beside(dataset)) plan.hidden.emplace(std::move(*found));
    if (!plan.hidden) refuse_without_hidden(plan.task, dataset.path());
    plan.partition = complete_task(plan.task, candidates_of(plan.task, options, registration), dataset,
                                   plan.hidden ? &*plan.hidden : nullptr, registration);
    return plan;
  });
}

ExitCode train_in_rounds(Context& context, const train::Job& job, const RoundOptions& options,
                         const RoundsPlan& plan, const data::Dataset& dataset, const Launch& launch,
                         const train::RunDescription& description) {
  const round::Task& task = plan.task;
  const data::Partition& partition = plan.partition;
  comm::agree(context.comm, "check the job", [&] { refuse_problems(job, plan, dataset, launch.ranks); });
  comm::agree(context.comm, "try the program that reads submissions", try_reader);
  const nn::Model model = nn::build_model(task.recipe.model);
  if (context.log.is_root()) {
    show_banner(job, dataset, model, launch, context.log,
                RoundsCourse{task.rounds, task.round_steps, static_cast<std::int64_t>(task.members.size())});
    say_task(task, partition, context.log);
    warn_of_keys(job, context.log);
  }
  if (job.execution.dry_run) {
    round::dry_run(context.comm, task, partition, job.execution, dataset, context.log);
    return ExitCode::finished;
  }
  round::Coordinator coordinator = round::local_coordinator(task.recipe.seed, task.members.size());
  coordinator.ledger = options.ledger;
  const RoundReport report(job.execution.out, task, partition, context.log);
  const data::Dataset* hidden = plan.hidden ? &*plan.hidden : nullptr;
  const round::RoundsResult result =
      run_rounds(context.comm, task, partition, coordinator, job.execution, dataset, hidden, description,
                 context.log, [&](std::span<const round::RoundRecord> done) { report.write(done); });
  if (context.comm.is_root()) report.write(result.records, result.test);
  context.log.info(concat("page   ", (job.execution.out / "index.html").string()));
  if (result.code == ExitCode::stopped_with_checkpoint) return result.code;
  context.log.result(concat("model sha256:", result.model_digest));
  context.log.info(concat("next   cohort evaluate ", shell_word(job.execution.out)));
  return result.code;
}

}  // namespace cohort::app
