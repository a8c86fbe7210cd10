// cohort contribute: one member's part of a round, trained in its own house and ready to be handed in.
#include <algorithm>
#include <optional>

#include "banner.hpp"
#include "cohort/comm/agree.hpp"
#include "cohort/core/text.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/round/contribution.hpp"
#include "cohort/round/filed_round.hpp"
#include "command.hpp"
#include "execution_options.hpp"
#include "launch.hpp"
#include "paths.hpp"
#include "trained_model.hpp"

namespace cohort::app {
namespace {
namespace fs = std::filesystem;

class Contribute : public Command {
 public:
  void declare(OptionTable& table) override {
    table.begin_group("Contribution");
    table.text("member", "", "NAME", member_, "who trains, as the task names it (required)").common();
    table.path("key", "", "FILE", key_, "its secret key, from cohort submission keygen (required)").common();
    table.integer("round", "", round_, at_least(1), "round of the task, from 1 on").common();
    table
        .path("parent", "", "CHECKPOINT", parent_,
              "what the round starts from, as the coordinator gives it; round 1: the task's first model")
        .common();
    table.path("data", "", "FILE", execution_.data, "the task's packed data set (required)").common();
    table
        .path("own-data", "", "FILE", own_data_,
              "a packed data set that nobody else has, trained on in place of the task's (evidence claim or "
              "hidden; packed by import --like)")
        .common();
    table.path("out", "", "DIR", execution_.out, "folder; a training in it is continued (required)").common();
    table.toggle("dry-run", "", execution_.dry_run, "one step, nothing written: shapes, memory, time")
        .common();
    declare_execution(table, execution_);
    table.duration("checkpoint-interval", "", execution_.checkpoint_interval_s,
                   "time between states that are kept; the first comes after a minute at the latest");
    table.duration("log-interval", "", execution_.log_interval_s,
                   "time between lines when not on a terminal");
  }

  void check(std::span<const std::string> arguments) override {
    expect_arguments(arguments, 1, 1, "the task, task.json");
    task_ = arguments.front();
    std::string missing;
    for (const auto& [flag, is_given] :
         {std::pair{"--member", !member_.empty()}, std::pair{"--key", !key_.empty()},
          std::pair{"--data", !execution_.data.empty()}, std::pair{"--out", !execution_.out.empty()}})
      if (!is_given) missing += concat(" ", flag);
    if (!missing.empty()) throw UsageError(concat("contribute: give", missing));
    if (round_ > 1 && parent_.empty())
      throw UsageError(concat("round ", round_, " starts from a merged model: name it with --parent"));
    if (round_ == 1 && !parent_.empty())
      throw UsageError("round 1 starts from the task's first model: leave --parent out");
    if (is_handed_in(execution_.out / "checkpoints" / "last.h5"))
      throw UsageError(concat("--out ", execution_.out.string(),
                              " lies below a folder 'submissions', where files are taken for strangers'; "
                              "choose another folder"));
  }

  ExitCode run(Context& context) override {
    comm::Communicator& comm = context.comm;
    const round::Task task = comm::agree(comm, "read the task", [&] {
      require_readable({task_, key_, parent_, execution_.data, own_data_});
      return round::read_task(task_);
    });
    const identity::SecretKey key =
        comm::agree(comm, "read the key", [&] { return identity::read_key_file(key_); });
    comm::agree(comm, "look at the task", [&] { refuse_problems(task, key.public_key()); });
    const data::Dataset dataset =
        comm::agree(comm, "open the data set", [&] { return data::Dataset::open(execution_.data, true); });
    const std::optional<data::Dataset> own = comm::agree(comm, "open the member's own data", [&] {
      return own_data_.empty() ? std::nullopt : std::optional(data::Dataset::open(own_data_, true));
    });
    // Before anything is made as large as a stranger's task may say.
    const round::FiledPartition filed =
        comm::agree(comm, "look at the task's data", [&] { return filed_partition(task, dataset); });
    const nn::Model model = nn::build_model(task.recipe.model);
    const round::Model parent = comm::agree(comm, "read what the round starts from", [&] {
      return comm.is_root() ? start(task, nn::layout_state(model)) : round::Model{};
    });
    const Launch launch =
        look_at_launch(comm, execution_.threads, task.recipe.batch_size / task.recipe.micro_batch);
    execution_.threads = launch.threads;
    comm::agree(comm, "check the job", [&] { refuse_launch(task, launch); });
    const auto member = std::ranges::find(task.members, member_, &round::Member::name);
    if (context.log.is_root())
      show_start(task, *member, own ? *own : dataset, model, digest_of(nn::layout_state(model), parent),
                 launch, context.log);
    const std::int64_t index = member - task.members.begin();
    const data::Part& part = filed.partition.parts.at(static_cast<std::size_t>(index));
    const round::Contribution contribution{task, round_, index, part, parent, key, own ? &*own : nullptr};
    if (execution_.dry_run) {
      round::dry_run(comm, contribution, execution_, dataset, context.log);
      return ExitCode::finished;
    }
    return tell(
        task,
        round::contribute(comm, contribution, execution_, dataset, describe(context, launch), context.log),
        context.log);
  }

 private:
  static std::string digest_of(const nn::StateLayout& layout, const round::Model& parent) {
    return to_hex(round::model_digest(layout, parent.parameters.span(), parent.statistics.span()));
  }

  /// The banner, with the seed that follows from the member's key.
  void show_start(const round::Task& task, const round::Member& member, const data::Dataset& trained_on,
                  const nn::Model& model, const std::string& start, const Launch& launch, Log& log) const {
    show_banner({round::member_recipe(task, round_, member, {}), execution_}, trained_on, model, launch, log,
                RoundsCourse{1, task.round_steps, 1});
    log.info(concat("part   ", member.name, "'s of round ", round_, " of ", task.rounds,
                    ", task sha256:", to_hex(round::task_digest(task)).substr(0, 12), ", evidence ",
                    name_of(task.audit.evidence)));
    log.info(concat("start  ", parent_.empty() ? std::string("the task's first model") : parent_.string(),
                    ", model sha256:", start.substr(0, 12)));
  }

  void refuse_problems(const round::Task& task, const identity::PublicKey& key) const {
    const std::vector<std::string> problems = round::contribution_problems(task, round_, member_, key);
    if (!problems.empty()) throw DataError(concat(task_.string(), ": ", joined(problems, "; ")));
  }

  void refuse_launch(const round::Task& task, const Launch& launch) const {
    kernels::exact_table(execution_.isa);
    train::Job job{task.recipe, execution_};
    const std::vector<std::string> problems = train::problems(job, launch.ranks);
    if (!problems.empty()) throw UsageError(joined(problems, "; "));
  }

  [[nodiscard]] round::Model start(const round::Task& task, const nn::StateLayout& layout) const {
    return parent_.empty() ? round::initial_model(layout, task.recipe.seed) : load_parent(parent_, layout);
  }

  [[nodiscard]] train::RunDescription describe(const Context& context, const Launch& launch) const {
    train::RunDescription description;
    description.program_version = COHORT_VERSION;
    description.command = context.command_line;
    description.config_toml =
        concat("# Where the data of this contribution are; its rules are in task.json.\ndata = ",
               toml_text(fs::absolute(execution_.data).lexically_normal().string()), "\n");
    description.environment = launch.json();
    description.started_s = context.started_s;
    return description;
  }

  ExitCode tell(const round::Task& task, const round::CandidateResult& result, Log& log) const {
    const round::CandidateFiles files = round::RoundPaths{execution_.out}.candidate(round_, member_);
    switch (result.state) {
      case round::CandidateState::failed:
        throw comm::AgreedError(concat("train ", member_, "'s part of round ", round_, ": ", result.detail),
                                ExitCode::failed);
      case round::CandidateState::stopped:
        log.info(concat("stopped after step ", result.steps, " of ", task.round_steps,
                        " with its state kept; the same command continues"));
        return ExitCode::stopped_with_checkpoint;
      case round::CandidateState::submitted:
        break;
    }
    log.result(concat("submission sha256:", to_hex(result.submission)));
    // Whose a copied model is, the chain shows: states are asked for by replay alone.
    log.info(concat("hand in  ", execution_.out.string(), ", of which are needed ", files.submission.string(),
                    task.audit.evidence == round::Evidence::replay
                        ? concat(" and the states in ", files.links.string())
                        : std::string()));
    return ExitCode::finished;
  }

  train::Execution execution_;
  fs::path task_, key_, parent_, own_data_;
  std::string member_;
  std::int64_t round_ = 1;
};
}  // namespace

std::unique_ptr<Command> make_contribute() {
  return std::make_unique<Contribute>();
}

}  // namespace cohort::app
