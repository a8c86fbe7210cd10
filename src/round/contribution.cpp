#include "cohort/round/contribution.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "cohort/comm/agree.hpp"
#include "cohort/core/clock.hpp"
#include "cohort/core/text.hpp"
#include "cohort/identity/commitment.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/round/shared_model.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/store/parsed_text.hpp"
#include "cohort/train/run_folder.hpp"
#include "round/candidate_progress.hpp"
#include "round/json_differences.hpp"
#include "round/run_status.hpp"
#include "round/stop_wish.hpp"
#include "round/task_problems.hpp"
#include "round/training_progress.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;

/// A task that is there stays as it is.
void keep_task(const RoundPaths& paths, const Task& task) {
  const std::string out = paths.run.string();
  if (!fs::exists(paths.task())) {
    if (fs::exists(paths.run / "checkpoints"))
      throw CheckpointError(concat(out, " holds a training of its own; choose another --out"));
    store::write_text_atomically(paths.task(), to_json(task).dump(1) + "\n");
    return;
  }
  const std::vector<std::string> lines = json_differences(store::parsed_json(paths.task()), to_json(task));
  if (!lines.empty())
    throw CheckpointError(
        concat(out, " belongs to another task: ", joined(lines, "; "), ". Choose another --out"));
}

/// A run or a federation is configured as a whole; of a contribution the data alone are.
bool is_of_rounds(const fs::path& config) {
  return fs::exists(config) && store::read_text(config).find("\nround_steps = ") != std::string::npos;
}

/// Images of one house make a model for all only in the form of the common ones; and nobody can replay them.
void check_own_data(const Task& task, const data::Dataset& dataset, const data::Dataset* own_data) {
  if (own_data == nullptr) return;
  const data::Dataset& own = *own_data;
  std::vector<std::string> found;
  if (task.audit.evidence == Evidence::replay)
    found.emplace_back("the task asks for evidence replay, and nobody else has these images to replay with");
  if (own.image_shape() != dataset.image_shape()) found.emplace_back("its images have another size");
  if (own.classes() != dataset.classes()) found.emplace_back("its classes, or their order, are others");
  const data::Normalization &mine = own.normalization(), &common = dataset.normalization();
  if (mine.mean != common.mean || mine.standard_deviation != common.standard_deviation)
    found.emplace_back("its mean or deviation of pixels is another one");
  if (own.indices(data::Split::train).empty()) found.emplace_back("it has no training images");
  if (found.empty()) return;
  throw DataError(concat(own.path().string(), ": ", joined(found, "; "),
                         " (task's data: ", dataset.path().string(),
                         "; 'cohort import --like' packs images in the form of a file)"));
}

/// One member's training on all ranks, its files on the root.
class MemberTraining {
 public:
  MemberTraining(comm::Communicator& comm, const Contribution& contribution,
                 const train::Execution& execution, const data::Dataset& dataset, Log& log)
      : comm_(comm),
        contribution_(contribution),
        task_(contribution.task),
        member_(task_.members.at(static_cast<std::size_t>(contribution.member))),
        execution_(execution),
        dataset_(dataset),
        log_(log),
        paths_{execution.out} {}

  CandidateResult train(const train::RunDescription& description) {
    comm::agree(comm_, "look at the member's own data",
                [&] { check_own_data(task_, dataset_, contribution_.own_data); });
    comm::agree(comm_, "open the folder", [&] {
      if (comm_.is_root()) open(description);
    });
    const nn::StateLayout layout = nn::layout_state(nn::build_model(task_.recipe.model));
    const Model parent = share_model(comm_, layout, contribution_.parent);
    const Assignment assignment{contribution_.member, {}, -1};
    const CandidateWork work{task_,  contribution_.round,   assignment, dataset_, contribution_.part,
                             parent, contribution_.own_data};
    const double started_s = description.started_s > 0 ? description.started_s : steady_now_s();
    const StopWish stop(execution_.max_time_s > 0 ? started_s + execution_.max_time_s : 0);
    train::WorkerPool pool(execution_.threads);
    Workers workers{comm_, pool, kernels::exact_table(execution_.isa), [&stop] { return stop.is_there(); }};
    const CandidateResult result = train_candidate(
        workers, work, paths_.candidate(contribution_.round, member_.name), contribution_.key, upkeep(work));
    progress_.reset();
    comm::agree(comm_, "write the status", [&] {
      if (status_) status_->end(status(word_of(result.state)));
    });
    return result;
  }

 private:
  void open(const train::RunDescription& description) {
    if (fs::exists(paths_.coordinator_key()) || is_of_rounds(paths_.run / "config.toml"))
      throw UsageError(concat(paths_.run.string(), " is the coordinator's folder; choose another --out"));
    folder_.emplace(execution_.out);
    keep_task(paths_, task_);
    keep_trained_on();
    log_.open_file((execution_.out / "log.txt").string());
    folder_->describe(description.config_toml, description.environment, description.command);
    status_.emplace(*folder_);
    status_->say(status("running"));
    say_where_it_stands();
  }

  void say_where_it_stands() const {
    const CandidateFiles files = paths_.candidate(contribution_.round, member_.name);
    const Digest round =
        identity::round_digest(task_digest(task_), static_cast<std::uint64_t>(contribution_.round));
    if (fs::exists(files.submission)) {
      log_.info("resume made already: nothing is trained anew");
    } else if (const auto found = read_progress(files.progress, round)) {
      log_.info(concat("resume continuing after step ", found->newest().step, " of ", task_.round_steps));
    } else {
      log_.info("resume none found, starting");
    }
  }

  /// A part that was begun on some images goes on with these alone: its chain would be nobody's else.
  void keep_trained_on() const {
    const fs::path file =
        paths_.candidate(contribution_.round, member_.name).progress.parent_path() / "trained-on.txt";
    const data::Dataset& used = contribution_.own_data != nullptr ? *contribution_.own_data : dataset_;
    const std::string now = to_hex(train::training_data_digest(used)) + "\n";
    if (!fs::exists(file)) {
      fs::create_directories(file.parent_path());
      store::write_text_atomically(file, now);
    } else if (store::read_text(file) != now) {
      throw CheckpointError(concat(paths_.run.string(), ": round ", contribution_.round,
                                   " was begun there on other images (", file.string(),
                                   "); name the same data, or choose another --out"));
    }
  }

  /// Lines and status on the root, states kept on all ranks.
  Upkeep upkeep(const CandidateWork& work) {
    Upkeep upkeep{execution_.checkpoint_interval_s};
    if (!status_) return upkeep;
    const Turn turn{member_.name, work_recipe(work).batch_size};
    progress_.emplace(log_, *status_, execution_.log_interval_s, task_.round_steps, std::vector{turn});
    progress_->begin(0);
    upkeep.after_step = [this](const train::StepResult& result, std::int64_t step) {
      progress_->after_step(result, step);
    };
    return upkeep;
  }

  [[nodiscard]] Json status(std::string_view state) const {
    return Json::object().set("state", state).set("round", contribution_.round).set("rounds", task_.rounds);
  }

  static std::string_view word_of(CandidateState state) {
    switch (state) {
      case CandidateState::submitted:
        return "finished";
      case CandidateState::stopped:
        return "checkpointed";
      case CandidateState::failed:
        break;
    }
    return "failed";
  }

  comm::Communicator& comm_;
  const Contribution& contribution_;
  const Task& task_;
  const Member& member_;
  const train::Execution& execution_;
  const data::Dataset& dataset_;
  Log& log_;
  const RoundPaths paths_;
  std::optional<train::RunFolder> folder_;  ///< these three on the root
  std::optional<RunStatus> status_;
  std::optional<TrainingProgress> progress_;
};

}  // namespace

std::vector<std::string> contribution_problems(const Task& task, std::int64_t round,
                                               const std::string& member, const identity::PublicKey& key) {
  std::vector<std::string> found;
  if (std::string problem = numerics_problem(task); !problem.empty()) found.push_back(std::move(problem));
  if (round < 1 || round > task.rounds)
    found.push_back(concat("round ", round, ": the task has rounds 1 to ", task.rounds));
  if (!task.search.empty())
    found.emplace_back("the task assigns parameters each round: only a run of its rounds follows them");
  if (task.merge.rule == MergeRule::none)
    found.emplace_back("the task merges nothing: only a run of its rounds knows what a member goes on from");
  const auto named = std::ranges::find(task.members, member, &Member::name);
  if (named == task.members.end()) {
    found.push_back(unknown_member(task, member));
  } else if (named->key != key) {
    found.push_back(concat("the key is not the one that the task has for ", member));
  }
  return found;
}

CandidateResult contribute(comm::Communicator& comm, const Contribution& contribution,
                           const train::Execution& execution, const data::Dataset& dataset,
                           const train::RunDescription& description, Log& log) {
  return MemberTraining(comm, contribution, execution, dataset, log).train(description);
}

void dry_run(comm::Communicator& comm, const Contribution& contribution, const train::Execution& execution,
             const data::Dataset& dataset, Log& log) {
  const Task& task = contribution.task;
  comm::agree(comm, "look at the member's own data",
              [&] { check_own_data(task, dataset, contribution.own_data); });
  const Member& member = task.members.at(static_cast<std::size_t>(contribution.member));
  const train::Job job{member_recipe(task, contribution.round, member, {}), execution};
  if (contribution.own_data != nullptr) return train::dry_run(comm, job, *contribution.own_data, log);
  train::dry_run(comm, job, data::view_of(dataset, contribution.part), log);
}

}  // namespace cohort::round
