// cohort train: starts or continues a training run.
#include "banner.hpp"
#include "cohort/comm/agree.hpp"
#include "cohort/core/text.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/train/trainer.hpp"
#include "command.hpp"
#include "launch.hpp"
#include "train_options.hpp"
#include "train_report.hpp"

namespace cohort::app {
namespace {
class Train : public Command {
 public:
  void declare(OptionTable& table) override { declare_job(table, job_); }

  void check(std::span<const std::string> arguments) override {
    if (!arguments.empty() && arguments.front().ends_with(".h5"))
      throw UsageError(concat("unexpected argument '", arguments.front(), "'; did you mean --data ",
                              arguments.front(), "?"));
    expect_arguments(arguments, 0, 0, "");
    std::vector<std::string> missing;
    if (job_.execution.data.empty())
      missing.push_back("--data is missing: a packed data set, from 'cohort import'");
    if (job_.execution.out.empty() && !job_.execution.dry_run)
      missing.push_back("--out is missing: the run folder, for example --out runs/first");
    if (!missing.empty()) throw UsageError(joined(missing, "; "));
  }

  ExitCode run(Context& context) override {
    const std::string config = context.options.to_toml();
    const data::Dataset dataset = comm::agree(context.comm, "open the data set",
                                              [&] { return data::Dataset::open(job_.execution.data, true); });
    comm::agree(context.comm, "prepare the job",
                [&] { job_.recipe = train::resolved(job_.recipe, dataset); });
    const std::int64_t micro_batches = job_.recipe.batch_size / job_.recipe.micro_batch;
    const Launch launch = look_at_launch(context.comm, job_.execution.threads, micro_batches);
    job_.execution.threads = launch.threads;
    comm::agree(context.comm, "check the job", [&] {
      refuse_problems(launch.ranks);
      kernels::exact_table(job_.execution.isa);
    });
    const nn::Model model = nn::build_model(job_.recipe.model);
    if (context.log.is_root()) show_banner(job_, dataset, model, launch, context.log);
    if (job_.execution.dry_run) {
      train::dry_run(context.comm, job_, dataset, context.log);
      return ExitCode::finished;
    }
    const train::RunResult result =
        train::run_training(context.comm, job_, dataset, describe(context, config, launch), context.log);
    if (result.code == ExitCode::finished || result.code == ExitCode::metric_not_reached)
      report_training(context.comm, job_, dataset, result, context.log);
    return result.code;
  }

 private:
  void refuse_problems(int ranks) const {
    const std::vector<std::string> problems = train::problems(job_, ranks);
    if (problems.empty()) return;
    throw UsageError(problems.size() == 1
                         ? problems.front()
                         : concat(problems.size(), " problems:\n  ", joined(problems, "\n  ")));
  }

  [[nodiscard]] train::RunDescription describe(const Context& context, const std::string& config,
                                               const Launch& launch) const {
    train::RunDescription description;
    description.program_version = COHORT_VERSION;
    description.command = context.command_line;
    description.config_toml = concat(
        "# The resolved configuration of this run; also a job file: cohort train config.toml\n", config);
    description.environment = launch.json();
    description.environment.set("data", std::filesystem::absolute(job_.execution.data).string());
    description.started_s = context.started_s;
    return description;
  }

  train::Job job_;
};
}  // namespace

std::unique_ptr<Command> make_train() {
  return std::make_unique<Train>();
}

}  // namespace cohort::app
