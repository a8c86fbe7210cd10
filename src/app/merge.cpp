// cohort merge: the model that follows from some submissions, from files alone.
#include "cohort/round/merge.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>

#include "cohort/core/clock.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/text.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/round/audit.hpp"
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
    table.begin_group("Merge: what a round of a run accepted (merge RUN --round N), or files");
    table
        .integer("round", "", round_, at_least(1),
                 "RUN: round whose accepted submissions are merged; without it the first")
        .common();
    table
        .path("data", "", "FILE", data_,
              "the task's packed data set: merges are scored on its validation images; RUN: else the run's")
        .common();
    table.path("out", "", "FILE", out_, "checkpoint to write (required)").common();
    table.word("rule", "", {"best", "average", "soup"}, rule_, "how; without it as the task says").common();
    table.word("weights", "", {"samples", "uniform", "validation"}, weights_, "average: weights").common();
    table.word("statistics", "", {"aggregate", "recompute"}, statistics_, "batch norm's running values");
    table.word("gate", "", {"on", "off"}, gate_, "refuse a merge below the best member or the model before");
    table.toggle("overwrite", "", overwrite_, "replace an existing --out").common();
    table.begin_group("Files alone (audit first: whatever is given here enters the model)");
    table.path("task", "", "FILE", task_path_, "the task that the submissions are for").common();
    table
        .path("parent", "", "CHECKPOINT", parent_,
              "what the round started from; without it the task's first model")
        .common();
    table.begin_group("Run");
    table.integer("threads", "", threads_, at_least(0), "threads; 0 = all processors of this process")
        .common();
    table.word("isa", "", {"auto", "avx512", "avx2", "neon", "scalar"}, isa_,
               "instruction set (same result)");
  }

  void check(std::span<const std::string> arguments) override {
    expect_arguments(arguments, 1, 1'000'000, "a run folder, or submissions");
    std::error_code error;
    if (arguments.size() == 1 && fs::is_directory(arguments.front(), error))
      run_ = arguments.front();
    else
      files_.assign(arguments.begin(), arguments.end());
    if (run_.empty() && round_ > 0) throw UsageError("merge: --round goes with a run folder");
    if (!run_.empty() && (!task_path_.empty() || !parent_.empty()))
      throw UsageError("merge RUN takes task and parent from the run: leave --task and --parent out");
    std::string missing;
    for (const auto& [flag, path] :
         {std::pair{"--task", &task_path_}, std::pair{"--data", &data_}, std::pair{"--out", &out_}})
      if (path->empty() && (run_.empty() || path == &out_)) missing += concat(" ", flag);
    if (!missing.empty()) throw UsageError(concat("merge: give", missing));
    require_free_output(out_, overwrite_);
  }

  ExitCode run(Context& context) override {
    if (!run_.empty()) take_from_run();
    std::vector<fs::path> inputs{task_path_, data_, parent_};
    inputs.insert(inputs.end(), files_.begin(), files_.end());
    require_readable(inputs);
    if (!parent_.empty()) std::ranges::copy(files_of_model(parent_), std::back_inserter(inputs));
    if (!run_.empty()) {
      inputs.push_back(round::RoundPaths{run_}.record(std::max<std::int64_t>(round_, 1)));
      inputs.push_back(run_ / "config.toml");
    }
    require_free_output(out_, overwrite_, inputs);
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
                                  {copy_of(parameters), copy_of(statistics)});
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
  /// All that the command line names where there are files alone.
  void take_from_run() {
    const round::RoundPaths paths{run_};
    const std::int64_t round = std::max<std::int64_t>(round_, 1);
    data_ = data_of_rounds(run_, data_);
    task_path_ = paths.task();
    if (!fs::exists(paths.record(round)))
      throw DataError(
          concat(paths.record(round).string(), " is not there: round ", round,
                 " is not done, so nobody has said whose submission is accepted; audit it, and name "
                 "the files, --task, --data and --parent"));
    if (round > 1) parent_ = paths.model(round - 1);
    const round::RoundRecord record = round::read_record(paths.record(round));
    for (const round::Finding& finding : record.findings) {
      if (!may_merge(finding.verdict)) continue;
      files_.push_back(paths.candidate(round, finding.member).submission);
      accepted_.insert(finding.submission);
    }
    if (files_.empty())
      throw DataError(concat("merge: round ", round, " of ", run_.string(), " accepted nobody"));
  }

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
    return parent_.empty() ? round::initial_model(layout, task.recipe.seed) : load_parent(parent_, layout);
  }

  /// The submissions, each of the task, one round and the parent, signed by its member, and none of a model
  /// that another one has. All problems at once.
  [[nodiscard]] std::vector<round::Submission> read_all(const round::Task& task,
                                                        const nn::StateLayout& layout,
                                                        const round::Model& parent) const {
    const Digest task_digest = round::task_digest(task);
    const Digest start = round::model_digest(layout, parent.parameters.span(), parent.statistics.span());
    std::vector<round::Submission> submissions;
    std::vector<std::string> problems;
    std::set<std::string> members;
    std::map<Digest, fs::path> models;
    for (const fs::path& file : files_) {
      round::ReadSubmission read = round::read_submission(file, layout);
      if (read.verdict == round::Verdict::transient && fs::exists(file))
        throw Error(concat("merge: ", file.string(), ": ", read.detail, "; run the same command again"));
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
      // Where a task merges nothing, each member goes on from its own model: what the round accepted started
      // right.
      const bool has_common_start = run_.empty() || task.merge.rule != round::MergeRule::none;
      expect(!has_common_start || header.parent == start,
             run_.empty() ? "starts from another model; name the round's with --parent"
                          : "starts from another model than the round's");
      expect(accepted_.empty() || accepted_.contains(round::submission_digest(header)),
             "is not what the round accepted");
      const auto member = std::ranges::find(task.members, header.member, &round::Member::name);
      expect(member != task.members.end() && member->key == header.key, "names no member of the task");
      expect(round::is_signed(*read.submission), "is not signed by the key that it names");
      const bool is_only_one = members.insert(header.member).second;
      expect(is_only_one, "is the second one of its member");
      // What a round accepted is each member's own work, copies too: it has replayed them.
      const auto [same, has_own_model] = models.emplace(header.model, file);
      expect(has_own_model || !is_only_one || !run_.empty(),
             concat("has the same model as ", same->second.string(),
                    ", which would count twice; audit both, and leave out the one that is refused as ",
                    name_of(round::Verdict::duplicate)));
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
  std::set<Digest> accepted_;  ///< of a run's round; empty: whatever the files are
  fs::path run_, task_path_, data_, parent_, out_;
  std::int64_t round_ = 0;
  std::string rule_, weights_, statistics_, gate_, isa_ = "auto";
  int threads_ = 0;
  bool overwrite_ = false;
};
}  // namespace

std::unique_ptr<Command> make_merge() {
  return std::make_unique<Merge>();
}

}  // namespace cohort::app
