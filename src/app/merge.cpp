// cohort merge: the model that follows from some submissions, from files alone.
#include "cohort/round/merge.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "cohort/core/clock.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/text.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/round/audit.hpp"
#include "cohort/round/copies.hpp"
#include "cohort/round/filed_round.hpp"
#include "cohort/round/recompute_statistics.hpp"
#include "cohort/round/rounds.hpp"
#include "command.hpp"
#include "paths.hpp"
#include "processors.hpp"
#include "trained_model.hpp"

namespace cohort::app {
namespace {
namespace fs = std::filesystem;

class Merge : public Command {
 public:
  void declare(OptionTable& table) override {
    table.begin_group("Merge (audit first: whatever is given here enters the model)");
    table.path("task", "", "FILE", task_path_, "the task that the submissions are for (required)").common();
    table
        .path("data", "", "FILE", data_,
              "the task's packed data set: merges are scored on its validation images (required)")
        .common();
    table
        .path("parent", "", "CHECKPOINT", parent_,
              "what the round started from; without it the task's first model")
        .common();
    table.path("out", "", "FILE", out_, "checkpoint to write (required)").common();
    table.word("rule", "", {"best", "average", "soup"}, rule_, "how; without it as the task says").common();
    table.word("weights", "", {"samples", "uniform", "validation"}, weights_, "average: weights").common();
    table.word("statistics", "", {"aggregate", "recompute"}, statistics_, "batch norm's running values");
    table.word("gate", "", {"on", "off"}, gate_, "refuse a merge below the best member or the model before");
    table.toggle("overwrite", "", overwrite_, "replace an existing --out").common();
    table.begin_group("Run");
    table.integer("threads", "", threads_, at_least(0), "threads; 0 = all processors of this process")
        .common();
    table.word("isa", "", {"auto", "avx512", "avx2", "neon", "scalar"}, isa_,
               "instruction set (same result)");
  }

  void check(std::span<const std::string> arguments) override {
    expect_arguments(arguments, 1, 1'000'000, "submissions");
    files_.assign(arguments.begin(), arguments.end());
    std::string missing;
    for (const auto& [flag, path] :
         {std::pair{"--task", &task_path_}, std::pair{"--data", &data_}, std::pair{"--out", &out_}})
      if (path->empty()) missing += concat(" ", flag);
    if (!missing.empty()) throw UsageError(concat("merge: give", missing));
    if (fs::exists(out_) && !overwrite_)
      throw UsageError(
          concat("merge: ", out_.string(), " is there already; choose another --out or add --overwrite"));
  }

  ExitCode run(Context& context) override {
    std::vector<fs::path> inputs{task_path_, data_, parent_};
    inputs.insert(inputs.end(), files_.begin(), files_.end());
    require_readable(inputs);
    const round::Task task = round::read_task(task_path_);
    const data::Dataset dataset = data::Dataset::open(data_, true);
    const round::FiledPartition filed = round::filed_partition(task, dataset);
    const nn::Model model = nn::build_model(task.recipe.model);
    const nn::StateLayout layout = nn::layout_state(model);
    const round::Model parent = start(task, layout);
    train::WorkerPool pool(threads_ > 0 ? threads_ : allowed_processor_count());
    round::Workers workers{context.comm, pool, kernels::exact_table(isa_)};
    const round::ScoreModel score = [&](std::span<const float> parameters,
                                        std::span<const float> statistics) {
      return round::count_correct(workers, dataset, filed.common_validation, model, layout,
                                  {round::copy_of(parameters), round::copy_of(statistics)});
    };
    const std::vector<round::Submission> submissions = read_all(task, layout, parent);
    std::vector<round::MergeMember> members;
    for (const round::Submission& submission : submissions) {
      const std::int64_t id = index_of(task, submission.header.member);
      const data::Part& part = filed.partition.parts.at(static_cast<std::size_t>(id));
      members.push_back({id, submission.header.member, submission.parameters.span(),
                         submission.statistics.span(), static_cast<std::int64_t>(part.train.size()),
                         score(submission.parameters.span(), submission.statistics.span())});
    }
    const round::RecomputeStatistics recompute = [&](std::span<const float> parameters,
                                                     std::span<float> statistics) {
      round::recompute_statistics(context.comm, pool, workers.table, dataset, filed.training,
                                  task.recipe.micro_batch, model, layout, parameters, statistics);
    };
    const round::MergeResult merged =
        merge(workers.table, layout, parent, members, options(task.merge), score, recompute);
    save(task, dataset, layout, merged.model, submissions.front().header.round, context);
    show(task, layout, merged, filed, context.log);
    return ExitCode::finished;
  }

 private:
  static std::int64_t index_of(const round::Task& task, const std::string& member) {
    const auto found = std::ranges::find(task.members, member, &round::Member::name);
    if (found == task.members.end()) throw DataError(concat("the task has no member '", member, "'"));
    return found - task.members.begin();
  }

  [[nodiscard]] round::MergeOptions options(round::MergeOptions rules) const {
    if (!rule_.empty()) rules.rule = round::merge_rule_from_name(rule_);
    if (!weights_.empty()) rules.weights = round::merge_weights_from_name(weights_);
    if (!statistics_.empty()) rules.statistics = round::statistics_policy_from_name(statistics_);
    if (!gate_.empty()) rules.gate = gate_ == "on";
    if (rules.rule == round::MergeRule::none)
      throw UsageError("merge: the task merges nothing; say with --rule what to do");
    return rules;
  }

  [[nodiscard]] round::Model start(const round::Task& task, const nn::StateLayout& layout) const {
    if (parent_.empty()) return round::initial_model(layout, task.recipe.seed);
    const TrainedModel trained = load_model(parent_);
    if (trained.parameters().size() != static_cast<std::size_t>(layout.parameter_count) ||
        trained.statistics().size() != static_cast<std::size_t>(layout.statistic_count))
      throw DataError(concat(trained.file.string(), ": is not a model of the task's architecture"));
    return {round::copy_of(trained.parameters()), round::copy_of(trained.statistics())};
  }

  /// The submissions, each of the task, one round and the parent, and signed by its member. All problems at
  /// once.
  [[nodiscard]] std::vector<round::Submission> read_all(const round::Task& task,
                                                        const nn::StateLayout& layout,
                                                        const round::Model& parent) const {
    const Digest task_digest = round::task_digest(task);
    const Digest start = round::model_digest(layout, parent.parameters.span(), parent.statistics.span());
    std::vector<round::Submission> submissions;
    std::vector<std::string> problems;
    std::set<std::string> members;
    for (const fs::path& file : files_) {
      round::ReadSubmission read = round::read_submission(file, layout);
      if (!read.submission) {
        problems.push_back(concat(file.string(), ": ", name_of(read.verdict), ": ", read.detail));
        continue;
      }
      const round::SubmissionHeader& header = read.submission->header;
      const auto expect = [&](bool holds, std::string_view what) {
        if (!holds) problems.push_back(concat(file.string(), ": ", what));
      };
      expect(header.task == task_digest, "belongs to another task");
      expect(submissions.empty() || header.round == submissions.front().header.round,
             "is of another round than the first one");
      expect(header.parent == start, "starts from another model; name the round's with --parent");
      const auto member = std::ranges::find(task.members, header.member, &round::Member::name);
      expect(member != task.members.end() && member->key == header.key, "names no member of the task");
      expect(round::is_signed(*read.submission), "is not signed by the key that it names");
      expect(members.insert(header.member).second, "is the second one of its member");
      submissions.push_back(std::move(*read.submission));
    }
    if (!problems.empty()) throw DataError(concat("merge: ", joined(problems, "; ")));
    return submissions;
  }

  void save(const round::Task& task, const data::Dataset& dataset, const nn::StateLayout& layout,
            const round::Model& merged, std::int64_t round, const Context& context) const {
    train::Checkpoint checkpoint = round::round_checkpoint(task, dataset, merged, round);
    checkpoint.header.program_version = COHORT_VERSION;
    checkpoint.header.created = utc_now();
    checkpoint.header.provenance = concat(context.command_line, "\n");
    train::save_checkpoint(fs::absolute(out_), layout, checkpoint);
  }

  void show(const round::Task& task, const nn::StateLayout& layout, const round::MergeResult& merged,
            const round::FiledPartition& filed, Log& log) const {
    for (const std::string& line : merged.story) log.result(line);
    std::vector<std::string> names;
    for (const std::int64_t id : merged.members)
      names.push_back(task.members.at(static_cast<std::size_t>(id)).name);
    log.result(concat("in the model: ",
                      names.empty() ? std::string("nobody, the model before stays") : joined(names, ", ")));
    log.result(concat(merged.score, " of ", filed.common_validation.size(),
                      " common validation images right (before: ", merged.incumbent_score, ")"));
    log.result(concat("model sha256:", to_hex(round::model_digest(layout, merged.model.parameters.span(),
                                                                  merged.model.statistics.span()))));
    log.info(concat("wrote  ", out_.string()));
  }

  std::vector<fs::path> files_;
  fs::path task_path_, data_, parent_, out_;
  std::string rule_, weights_, statistics_, gate_, isa_ = "auto";
  int threads_ = 0;
  bool overwrite_ = false;
};
}  // namespace

std::unique_ptr<Command> make_merge() {
  return std::make_unique<Merge>();
}

}  // namespace cohort::app
