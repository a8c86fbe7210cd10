// cohort coordinate: closes a round of a federation, whose members have trained elsewhere and handed in.
#include <algorithm>
#include <optional>
#include <span>

#include "banner.hpp"
#include "cohort/comm/agree.hpp"
#include "cohort/core/text.hpp"
#include "cohort/identity/commitment.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/round/filed_round.hpp"
#include "cohort/round/rounds.hpp"
#include "cohort/store/atomic_file.hpp"
#include "command.hpp"
#include "execution_options.hpp"
#include "launch.hpp"
#include "paths.hpp"
#include "round_report.hpp"
#include "round_surroundings.hpp"
#include "shell_words.hpp"
#include "trained_model.hpp"

namespace cohort::app {
namespace {
namespace fs = std::filesystem;

class Coordinate : public Command {
 public:
  void declare(OptionTable& table) override {
    table.begin_group("Round to close");
    table.integer("round", "", round_, at_least(1), "the first one that is not closed yet (required)")
        .common();
    table
        .path("data", "", "FILE", execution_.data,
              "the task's packed data set; without it the one that the federation was founded with")
        .common();
    table.path("key", "", "FILE", key_, "the coordinator's secret; without it RUN/coordinator.key").common();
    table
        .words(
            "take", "", "NAME=PATH", take_,
            "a member's submission, or the folder with it and its states, that is taken in first; repeatable")
        .common();
    table
        .toggle("close", "", closes_without_all_,
                "close the round although members have handed nothing in; else it stays open until all have")
        .common();
    table.path("ledger", "", "FILE", ledger_,
               "what is spent of the hidden set, one file for all runs that do; none = in the folder");
    declare_execution(table, execution_);
  }

  void check(std::span<const std::string> arguments) override {
    expect_arguments(arguments, 1, 1, "the federation's folder");
    execution_.out = arguments.front();
    for (const std::string& given : take_)
      if (const std::size_t sign = given.find('='); sign == 0 || sign >= given.size() - 1)
        throw UsageError(concat("--take ", given, ": expected NAME=PATH, as site-a=inbox/site-a"));
    if (round_ == 0)
      throw UsageError("coordinate: say with --round which one to close; it is closed for good");
  }

  ExitCode run(Context& context) override {
    const round::RoundPaths paths{execution_.out};
    const round::Task task = comm::agree(context.comm, "read the task", [&] { return open_task(paths); });
    const data::Dataset dataset = comm::agree(context.comm, "open the data set",
                                              [&] { return data::Dataset::open(execution_.data, true); });
    const std::optional<data::Dataset> beside =
        comm::agree(context.comm, "open the hidden images", [&] { return hidden_beside(dataset); });
    const data::Dataset* hidden = comm::agree(context.comm, "look at the hidden images", [&] {
      return hidden_of(task, dataset, beside ? &*beside : nullptr);
    });
    const round::FiledPartition filed =
        comm::agree(context.comm, "look at the task's data", [&] { return filed_partition(task, dataset); });
    const round::Coordinator coordinator = comm::agree(context.comm, "read the coordinator's secret",
                                                       [&] { return coordinator_of(task, paths); });
    const Launch launch =
        look_at_launch(context.comm, execution_.threads, task.recipe.batch_size / task.recipe.micro_batch,
                       static_cast<int>(task.members.size()));
    execution_.threads = launch.threads;
    comm::agree(context.comm, "choose kernels", [&] { kernels::exact_table(execution_.isa); });
    comm::agree(context.comm, "try the program that reads submissions", try_reader);
    context.log.info(program_line(launch, execution_.isa, "exact"));
    context.log.info(data_lines(dataset));
    const RoundReport report(execution_.out, task, filed.partition, context.log);
    const round::RoundsResult result =
        run_rounds(context.comm, task, filed.partition, coordinator, execution_, dataset, hidden,
                   describe(context, launch), context.log,
                   [&](std::span<const round::RoundRecord> done) { report.write(done); });
    const bool stays_open = static_cast<std::int64_t>(result.records.size()) < round_;
    if (stays_open && result.code == ExitCode::finished) return result.code;
    if (context.comm.is_root()) report.write(result.records, result.test);
    return tell(task, paths, result, context.log);
  }

 private:
  /// Names may hold any sign: the task says where each ends.
  [[nodiscard]] round::HandedIn handed_in(const round::Task& task, const std::string& given) const {
    const round::Member* named = nullptr;
    for (const round::Member& member : task.members)
      if (given.starts_with(member.name + "=") &&
          (named == nullptr || member.name.size() > named->name.size()))
        named = &member;
    if (named != nullptr) return {named->name, given.substr(named->name.size() + 1)};
    const std::string name = given.substr(0, given.find('='));
    throw DataError(concat("--take ", given, ": ", round::unknown_member(task, name)));
  }

  /// Also finds out where the data are.
  round::Task open_task(const round::RoundPaths& paths) {
    require_readable({execution_.out, key_, execution_.data});
    execution_.data = data_of_rounds(execution_.out, execution_.data);
    round::Task task = round::read_task(paths.task());
    std::int64_t done = 0;
    while (done < task.rounds && fs::exists(paths.record(done + 1))) ++done;
    if (round_ > task.rounds)
      throw UsageError(concat("round ", round_, ": the task has rounds 1 to ", task.rounds));
    if (round_ > done + 1)
      throw UsageError(
          concat("round ", round_, ": round ", done + 1, " comes first, which is not closed yet"));
    return task;
  }

  static const data::Dataset* hidden_of(const round::Task& task, const data::Dataset& dataset,
                                        const data::Dataset* there) {
    const data::Dataset* used = round::used_hidden_set(task, there);
    if (used == nullptr && task.hidden != Digest{} && task.audit.evidence != round::Evidence::claim)
      throw DataError(concat("the task names a hidden set, sha256:", to_hex(task.hidden),
                             ", which is not beside ", dataset.path().string()));
    return used;
  }

  [[nodiscard]] round::Coordinator coordinator_of(const round::Task& task,
                                                  const round::RoundPaths& paths) const {
    const fs::path file = key_.empty() ? paths.coordinator_key() : key_;
    if (!fs::exists(file))
      throw DataError(concat(file.string(),
                             ": no such file; the coordinator's secret was written with the task, and "
                             "says which links are replayed. Is ",
                             execution_.out.string(),
                             " a run of its own candidates? Then 'cohort train' goes on with it"));
    round::Coordinator coordinator;
    coordinator.secret = identity::read_key_file(file).seed();
    if (identity::secret_commitment(coordinator.secret) != task.secret_commitment)
      throw DataError(concat(file.string(), ": is not the secret that the task commits its coordinator to"));
    if (!ledger_.empty()) coordinator.ledger = fs::absolute(ledger_);
    coordinator.last_round = round_;
    coordinator.closes_without_all = closes_without_all_;
    for (const std::string& given : take_) {
      coordinator.handed_in.push_back(handed_in(task, given));
      const std::string& member = coordinator.handed_in.back().member;
      if (std::ranges::count(coordinator.handed_in, member, &round::HandedIn::member) > 1)
        throw UsageError(concat("--take names ", member, " twice"));
    }
    return coordinator;
  }

  /// The configuration stays as it was founded. Collective.
  [[nodiscard]] train::RunDescription describe(const Context& context, const Launch& launch) const {
    train::RunDescription description;
    description.program_version = COHORT_VERSION;
    description.command = context.command_line;
    description.config_toml = comm::agree(context.comm, "read how the federation was founded", [&] {
      return context.comm.is_root() ? store::read_text(execution_.out / "config.toml") : std::string();
    });
    description.environment = launch.json();
    description.started_s = context.started_s;
    return description;
  }

  ExitCode tell(const round::Task& task, const round::RoundPaths& paths, const round::RoundsResult& result,
                Log& log) const {
    log.info(concat("page   ", (execution_.out / "index.html").string()));
    if (result.code == ExitCode::stopped_with_checkpoint) return result.code;
    log.result(concat("model sha256:", result.model_digest));
    const auto done = static_cast<std::int64_t>(result.records.size());
    if (done < task.rounds)
      log.info(concat("next   round ", done + 1, ": members contribute with --parent ",
                      paths.model(done).string(), ", then: cohort coordinate ", shell_word(execution_.out),
                      " --round ", done + 1, " --take NAME=DIR"));
    else
      log.info(concat("next   cohort evaluate ", shell_word(execution_.out)));
    return result.code;
  }

  train::Execution execution_;
  fs::path key_, ledger_;
  std::vector<std::string> take_;
  bool closes_without_all_ = false;
  std::int64_t round_ = 0;
};
}  // namespace

std::unique_ptr<Command> make_coordinate() {
  return std::make_unique<Coordinate>();
}

}  // namespace cohort::app
