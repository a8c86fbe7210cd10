// cohort train: starts or continues a training run.
#include "banner.hpp"
#include "cohort/comm/agree.hpp"
#include "cohort/core/text.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/round/shared_model.hpp"
#include "cohort/train/trainer.hpp"
#include "command.hpp"
#include "federation.hpp"
#include "launch.hpp"
#include "paths.hpp"
#include "shell_words.hpp"
#include "train_options.hpp"
#include "train_report.hpp"
#include "train_rounds.hpp"
#include "trained_model.hpp"

namespace cohort::app {
namespace {
/// From the root, links followed; what does not exist keeps its name.
std::filesystem::path whole_path(const std::filesystem::path& path) {
  if (path.empty()) return path;
  std::error_code error;
  const std::filesystem::path whole =
      std::filesystem::weakly_canonical(std::filesystem::absolute(path), error);
  return error ? std::filesystem::absolute(path) : whole;
}

class Train : public Command {
 public:
  void declare(OptionTable& table) override {
    declare_job(table, job_);
    declare_rounds(table, rounds_);
  }

  void check(std::span<const std::string> arguments) override {
    if (!arguments.empty() && arguments.front().ends_with(".h5"))
      throw UsageError(concat("unexpected argument '", arguments.front(), "'; did you mean --data ",
                              shell_word(std::string_view(arguments.front())), "?"));
    expect_arguments(arguments, 0, 0, "");
    std::vector<std::string> missing;
    if (rounds_.rounds == 0 && !rounds_.members.empty())
      missing.push_back("members: goes with rounds, which the job has none of");
    if (rounds_.rounds > 0 && (!job_.execution.start.empty() || job_.recipe.schedule_start > 0))
      missing.push_back(
          "start, schedule_start: rounds start from a model that is drawn from the seed; leave them out");
    if (job_.recipe.schedule_start > 0 && job_.execution.start.empty())
      missing.push_back("schedule_start: goes with --start, a model that so many steps have made");
    if (job_.execution.data.empty())
      missing.push_back("--data is missing: a packed data set, from 'cohort import'");
    if (job_.execution.out.empty() && !job_.execution.dry_run)
      missing.push_back("--out is missing: the run folder, for example --out runs/first");
    if (!missing.empty()) throw UsageError(joined(missing, "; "));
    check_out();
  }

  ExitCode run(Context& context) override {
    const std::string config = portable_config(context.options);
    const data::Dataset dataset = comm::agree(context.comm, "open the data set", [&] {
      refuse_unreadable(job_.execution.data);
      return data::Dataset::open(job_.execution.data, true);
    });
    comm::agree(context.comm, "prepare the job",
                [&] { job_.recipe = train::resolved(job_.recipe, dataset); });
    if (rounds_.rounds > 0 && !rounds_.members.empty())
      return found_federation(context, job_, rounds_, dataset,
                              describe(context, config, choose_threads(context.comm, 1)));
    if (rounds_.rounds > 0) {
      const RoundsPlan plan = plan_rounds(context.comm, job_, rounds_, dataset);
      const Launch launch = choose_threads(context.comm, static_cast<int>(plan.partition.parts.size()));
      return train_in_rounds(context, job_, rounds_, plan, dataset, launch,
                             describe(context, config, launch));
    }
    const std::optional<round::Model> start = load_start(context.comm);
    const Launch launch = choose_threads(context.comm, 1);
    if (const std::string keys = keys_of_rounds(rounds_); !keys.empty() && context.log.is_root())
      context.log.warning(concat(
          "rounds = 0 makes one ordinary run; ", keys,
          keys.find(',') == std::string::npos ? " of the job has no effect" : " of the job have no effect"));
    comm::agree(context.comm, "check the job", [&] {
      refuse_problems(launch.ranks);
      refuse_folder_of_rounds(job_.execution.out);
      kernels::exact_table(job_.execution.isa);
    });
    const nn::Model model = nn::build_model(job_.recipe.model);
    if (context.log.is_root()) show_banner(job_, dataset, model, launch, context.log);
    warn_of_whole_batch(dataset, context.log);
    if (job_.execution.dry_run) {
      train::dry_run(context.comm, job_, dataset, context.log);
      return ExitCode::finished;
    }
    const train::RunResult result = train::run_training(
        context.comm, job_, dataset, describe(context, config, launch), context.log,
        start ? std::optional(train::StartingModel{start->parameters.span(), start->statistics.span()})
              : std::nullopt);
    if (result.code == ExitCode::finished || result.code == ExitCode::metric_not_reached)
      report_training(context.comm, job_, dataset, result, context.log);
    return result.code;
  }

 private:
  /// Before anything is made there.
  void check_out() const {
    const std::filesystem::path& out = job_.execution.out;
    std::error_code error;
    const auto found = std::filesystem::status(out, error);
    if (std::filesystem::exists(found) && !std::filesystem::is_directory(found))
      throw UsageError(concat("--out ", out.string(), " is a file; choose a folder"));
    if (!out.empty() && is_handed_in(out / "checkpoints" / "last.h5"))
      throw UsageError(concat("--out ", out.string(),
                              " lies below a folder 'submissions', where models are taken for strangers'; "
                              "choose another folder"));
    if (job_.execution.resume == train::Resume::must && !job_.execution.dry_run &&
        !std::filesystem::exists(found))
      throw UsageError(concat("--resume must, but ", out.string(), " is not there"));
  }

  /// The model that --start names; makes its digest part of the recipe. One rank reads it, as it may be
  /// replaced meanwhile. Collective.
  std::optional<round::Model> load_start(comm::Communicator& comm) {
    if (job_.execution.start.empty()) return std::nullopt;
    const nn::StateLayout layout = nn::layout_state(nn::build_model(job_.recipe.model));
    const round::Model read = comm::agree(comm, "read the model to start from", [&] {
      return comm.is_root() ? load_parent(job_.execution.start, layout) : round::Model{};
    });
    round::Model model = share_model(comm, layout, read);
    job_.recipe.start_model =
        to_hex(round::model_digest(layout, model.parameters.span(), model.statistics.span()));
    return model;
  }

  /// Where the job leaves the threads open, as many as keep busy by `candidates` in training. Collective.
  Launch choose_threads(comm::Communicator& comm, int candidates) {
    const std::int64_t micro_batches = job_.recipe.batch_size / job_.recipe.micro_batch;
    Launch launch = look_at_launch(comm, job_.execution.threads, micro_batches, candidates);
    job_.execution.threads = launch.threads;
    return launch;
  }

  void warn_of_whole_batch(const data::Dataset& dataset, Log& log) const {
    const std::size_t images = dataset.indices(data::Split::train).size();
    if (log.is_root() && static_cast<std::size_t>(job_.recipe.batch_size) >= images)
      log.warning(concat("a batch of ", job_.recipe.batch_size, " takes all ", images,
                         " training images at every step; a smaller --batch-size learns more per image"));
  }

  void refuse_problems(int ranks) const {
    const std::vector<std::string> problems = train::problems(job_, ranks);
    if (problems.empty()) return;
    throw UsageError(problems.size() == 1
                         ? problems.front()
                         : concat(problems.size(), " problems:\n  ", joined(problems, "\n  ")));
  }

  /// The configuration as a job file that means the same in any folder. The paths as typed stay in use, for
  /// messages.
  std::string portable_config(const OptionTable& options) {
    const train::Execution typed = job_.execution;
    const std::filesystem::path members = rounds_.members;
    job_.execution.data = whole_path(typed.data);
    job_.execution.out = whole_path(typed.out);
    job_.execution.start = whole_path(typed.start);
    rounds_.members = whole_path(members);
    std::string config = options.to_toml();
    job_.execution = typed;
    rounds_.members = members;
    return config;
  }

  [[nodiscard]] train::RunDescription describe(const Context& context, const std::string& config,
                                               const Launch& launch) const {
    train::RunDescription description;
    description.program_version = COHORT_VERSION;
    description.command = context.command_line;
    description.config_toml = concat(
        "# The resolved configuration of this run; also a job file: cohort train config.toml\n", config);
    description.environment = launch.json();
    description.environment.set("data", whole_path(job_.execution.data).string());
    description.started_s = context.started_s;
    return description;
  }

  train::Job job_;
  RoundOptions rounds_;
};
}  // namespace

std::unique_ptr<Command> make_train() {
  return std::make_unique<Train>();
}

}  // namespace cohort::app
