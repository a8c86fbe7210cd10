#include "round/round_run.hpp"

#include <algorithm>
#include <filesystem>

#include "cohort/core/clock.hpp"
#include "cohort/core/text.hpp"
#include "cohort/identity/commitment.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/round/copies.hpp"
#include "cohort/round/hidden_set.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/store/parsed_text.hpp"
#include "cohort/train/checkpoint.hpp"
#include "round/json_differences.hpp"
#include "round/stop.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;

/// Whether an ordinary training has left checkpoints: rounds would replace them.
bool holds_ordinary_run(const fs::path& run) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(run / "checkpoints", error))
    if (entry.path().extension() == ".h5") return true;
  return false;
}

/// Nothing is lost with a damaged record: all that it says follows from what the round has kept.
RoundRecord read_whole_record(const fs::path& path) {
  try {
    return read_record(path);
  } catch (const DataError& e) {
    throw DataError(concat(e.what(),
                           "; remove it and repeat the command: the round is ended again from what its "
                           "candidates have kept"));
  }
}

/// The newest round's model also lies where other commands look for the run's. There it is put back when it
/// was lost, is damaged, or comes from a round that was not finished.
void put_back_newest(const fs::path& model, const fs::path& last, const nn::StateLayout& layout,
                     const Digest& expected, Log& log) {
  std::string reason;
  try {
    static_cast<void>(stored_model(last, layout, expected));
    return;
  } catch (const Error& e) {
    reason = e.what();
  }
  fs::create_directories(last.parent_path());
  store::write_atomically(last, [&](const fs::path& temporary) {
    fs::copy_file(model, temporary, fs::copy_options::overwrite_existing);
  });
  log.warning(concat(last.string(), " was not the model of the last round that is done: put back from ",
                     model.string(), " (", reason, ")"));
}

}  // namespace

RoundRun::RoundRun(comm::Communicator& world, const Task& task, const data::Partition& partition,
                   const Coordinator& coordinator, const train::Execution& execution,
                   const data::Dataset& dataset, const data::Dataset* hidden,
                   const train::RunDescription& description, Log& log, const AfterRound& after_round)
    : world_(world),
      task_(task),
      partition_(partition),
      coordinator_(coordinator),
      execution_(execution),
      dataset_(dataset),
      hidden_(hidden),
      description_(description),
      log_(log),
      after_round_(after_round),
      paths_{execution.out},
      table_(kernels::exact_table(execution.isa)),
      model_(nn::build_model(task.recipe.model)),
      layout_(nn::layout_state(model_)),
      task_digest_(task_digest(task)),
      pool_(execution.threads),
      stop_(execution.max_time_s > 0
                ? (description.started_s > 0 ? description.started_s : steady_now_s()) + execution.max_time_s
                : 0) {}

RoundsResult RoundRun::run() {
  open();
  for (auto round = static_cast<std::int64_t>(records_.size()) + 1; round <= task_.rounds; ++round)
    if (all_stop() || !play(round)) {
      end("checkpointed", round);
      log_.info(concat("stopped in round ", round, " of ", task_.rounds, "; the same command continues"));
      return result(ExitCode::stopped_with_checkpoint);
    }
  RoundsResult all = result(ExitCode::finished);
  all.test = score_test();
  end("finished", task_.rounds);
  return all;
}

void RoundRun::end(std::string_view state, std::int64_t round) {
  stop_.close();
  world_.sum(0);  // nobody writes the mark any more
  on_root("write the status", [&] {
    fs::remove(paths_.stop_mark());
    write_status(state, round);
  });
}

void RoundRun::write_status(std::string_view state, std::int64_t round) {
  folder_->write_status(Json::object().set("state", state).set("round", round).set("rounds", task_.rounds));
}

bool RoundRun::play(std::int64_t round) {
  RoundWork work;
  work.round = round;
  assign(work);
  log_.info(concat("round ", round, " of ", task_.rounds, "  ", work.assignments.size(), " candidates, ",
                   task_.round_steps, " steps each"));
  on_root("write the status", [&] { write_status("running", round); });
  try {
    if (!train(work) || !audit(work)) return false;
    finish_round(work, merge_members(work));
  } catch (const Stopped&) {  // what all ranks do together; groups among themselves end with their work
    return false;
  }
  return true;
}

void RoundRun::open() {
  on_root("open the run folder", [&] {
    folder_.emplace(execution_.out);
    const bool is_new = !fs::exists(paths_.task());
    refuse_another_run(is_new);
    const fs::path ledger = ledger_of(paths_.ledger(), coordinator_.ledger);
    refuse_spent_hidden_set(ledger);
    log_.open_file((execution_.out / "log.txt").string());
    folder_->describe(description_.config_toml, description_.environment, description_.command);
    if (hidden_ != nullptr && !coordinator_.ledger.empty()) share_ledger(paths_.ledger(), ledger, *hidden_);
    if (is_new) store::write_text_atomically(paths_.task(), to_json(task_).dump(1) + "\n");
    fs::remove(paths_.stop_mark());
    for (std::int64_t round = 1; round <= task_.rounds && fs::exists(paths_.record(round)); ++round)
      records_.push_back(read_whole_record(paths_.record(round)));
    if (!records_.empty()) fs::remove_all(paths_.findings(records_.back().round));
  });
  Json all = Json::array();
  for (const RoundRecord& record : records_) all.push(to_json(record));
  const Json shared = Json::parse(world_.broadcast(all.dump()));
  records_.clear();
  for (const Json& record : shared.as_array()) records_.push_back(record_from_json(record));
  comm::agree(world_, "look for the run folder (it must lie on a file system that all ranks see)", [&] {
    if (!fs::exists(paths_.task())) throw Error(concat(paths_.task().string(), " is not there"));
  });
  if (world_.ranks() > 1)
    stop_.share(paths_.stop_mark(), world_.broadcast(to_hex(identity::random_digest())));
  load_models();
  log_.info(records_.empty()
                ? std::string("rounds none done yet, starting")
                : concat("rounds ", records_.size(), " of ", task_.rounds, " are done, continuing"));
}

/// A task that is there stays as it is: whatever differs makes another run.
void RoundRun::refuse_another_run(bool is_new) const {
  const std::string out = execution_.out.string();
  if (is_new) {
    if (holds_ordinary_run(execution_.out))
      throw CheckpointError(
          concat(out, " holds the checkpoints of a training without rounds; choose another --out"));
    if (execution_.resume == train::Resume::must)
      throw UsageError(concat("--resume must, but ", out, " holds no run of rounds"));
    return;
  }
  const std::vector<std::string> lines = json_differences(store::parsed_json(paths_.task()), to_json(task_));
  if (!lines.empty())
    throw CheckpointError(concat(out, " belongs to another task: ", joined(lines, "; "),
                                 ". Repeat the former settings to continue it, or choose another --out"));
  if (execution_.resume == train::Resume::never)
    throw UsageError(concat("--resume never, but ", out, " already holds a run; choose another --out"));
}

/// Better now than after a round's training.
void RoundRun::refuse_spent_hidden_set(const fs::path& file) const {
  if (hidden_ == nullptr) return;
  const HiddenLedger ledger(file, *hidden_);
  std::int64_t needed = 0;
  for (std::int64_t round = 1; round <= task_.rounds; ++round) {
    const std::int64_t asked = hidden_per_round(task_, hidden_->size());
    if (ledger.taken(task_digest_, round) || asked == 0) continue;
    if (fs::exists(paths_.record(round)))
      throw CheckpointError(concat("hidden set: round ", round, " is done, but ", file.string(),
                                   " has no images of it, so that they would be used again; was it lost or "
                                   "replaced? put it back, or choose another --out"));
    needed += asked;
  }
  if (needed > ledger.unspent())
    throw DataError(concat("hidden set: the rounds to come need ", needed, " fresh images, but ",
                           ledger.unspent(), " of ", hidden_->size(), " are unspent (", file.string(),
                           "); use a new hidden set"));
}

Model RoundRun::share(Model model, int root) {
  if (world_.rank() != root) {
    model.parameters = AlignedBuffer<float>(static_cast<std::size_t>(layout_.parameter_count));
    model.statistics = AlignedBuffer<float>(static_cast<std::size_t>(layout_.statistic_count));
  }
  world_.broadcast(model.parameters.span(), root);
  world_.broadcast(model.statistics.span(), root);
  return model;
}

void RoundRun::load_models() {
  incumbent_ = initial_model(layout_, task_.recipe.seed);
  if (keeps_own_models())
    for (std::size_t i = 0; i < task_.members.size(); ++i)
      own_[static_cast<std::int64_t>(i)] = {copy_of(incumbent_.parameters.span()),
                                            copy_of(incumbent_.statistics.span())};
  if (records_.empty()) return;
  Model stored;
  on_root("read the last round's model", [&] {
    const fs::path model = paths_.model(static_cast<std::int64_t>(records_.size()));
    stored = stored_model(model, layout_, records_.back().model);
    put_back_newest(model, folder_->checkpoints() / "last.h5", layout_, records_.back().model, log_);
  });
  incumbent_ = share(std::move(stored), 0);
  if (!keeps_own_models()) return;
  for (const auto& [candidate, accepted] : newest_accepted(records_)) {
    Model model;
    on_root("read a candidate's model",
            [&, &newest = accepted] { model = read_accepted(paths_, layout_, newest); });
    own_[candidate] = share(std::move(model), 0);
  }
}

const Model& RoundRun::parent_of(const Assignment& assignment) const {
  if (!keeps_own_models()) return incumbent_;
  return own_.at(assignment.donor >= 0 ? assignment.donor : assignment.candidate);
}

const std::string& RoundRun::name_of_candidate(std::int64_t candidate) const {
  return task_.members.at(static_cast<std::size_t>(candidate)).name;
}

Workers RoundRun::workers_of(comm::Communicator& comm) {
  return {comm, pool_, table_, [this] { return stop_.is_there(); }};
}

bool RoundRun::all_stop() {
  return world_.max(stop_.is_there() ? 1 : 0) > 0;
}

RoundsResult RoundRun::result(ExitCode code) const {
  return {code, records_, partition_,
          to_hex(model_digest(layout_, incumbent_.parameters.span(), incumbent_.statistics.span())),
          std::nullopt};
}

RoundsResult run_rounds(comm::Communicator& comm, const Task& task, const data::Partition& partition,
                        const Coordinator& coordinator, const train::Execution& execution,
                        const data::Dataset& dataset, const data::Dataset* hidden,
                        const train::RunDescription& description, Log& log, const AfterRound& after_round) {
  return RoundRun(comm, task, partition, coordinator, execution, dataset, hidden, description, log,
                  after_round)
      .run();
}

}  // namespace cohort::round
