#include "cohort/train/trainer.hpp"

#include "cohort/comm/agree.hpp"
#include "cohort/core/stopwatch.hpp"
#include "cohort/core/text.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/train/step.hpp"
#include "train/job_kernels.hpp"
#include "train/run.hpp"

namespace cohort::train {
namespace {

Job resolved_job(const Job& job, const data::Dataset& dataset) {
  Job full = job;
  full.recipe = resolved(job.recipe, dataset);
  return full;
}

void refuse_problems(const Job& job, const data::Dataset& dataset, int ranks) {
  std::vector<std::string> found = problems(job, ranks);
  if (!job.execution.require.empty() && dataset.indices(data::Split::validation).empty())
    found.emplace_back("require: the data set has no validation split to measure it on");
  if (found.empty()) return;
  std::string message = found.front();
  for (std::size_t i = 1; i < found.size(); ++i) message += "; " + found[i];
  throw UsageError(message);
}

std::string mebibytes(std::uint64_t bytes) {
  return concat((bytes + (1U << 20) - 1) >> 20, " MiB");
}

void refuse_memory(const Job& job, int ranks) {
  const std::uint64_t limit = job.execution.max_memory_bytes;
  if (limit == 0) return;
  const std::uint64_t needed = estimate_memory(job, nn::build_model(job.recipe.model), ranks);
  if (needed > limit)
    throw UsageError(concat("max_memory: each rank would need about ", mebibytes(needed), " with ",
                            job.execution.threads, " threads, more than the limit of ", mebibytes(limit),
                            "; use fewer threads, a smaller micro_batch or more ranks"));
}

/// The job with all that the data set decides filled in; refused by all ranks if any of them cannot run it.
Job checked_job(comm::Communicator& comm, const Job& job, const data::Dataset& dataset) {
  return comm::agree(comm, "check the job", [&] {
    Job full = resolved_job(job, dataset);
    refuse_problems(full, dataset, comm.ranks());
    refuse_memory(full, comm.ranks());
    table_of(full.execution);
    return full;
  });
}

}  // namespace

RunResult run_training(comm::Communicator& comm, const Job& job, const data::Dataset& dataset,
                       const RunDescription& description, Log& log,
                       const std::optional<StartingModel>& start) {
  const Job full = checked_job(comm, job, dataset);
  require(start.has_value() == !full.recipe.start_model.empty(), "run_training: the recipe's starting model");
  return Run(comm, full, dataset, description, log, start).train();
}

void dry_run(comm::Communicator& comm, const Job& job, const data::Dataset& dataset, Log& log) {
  const Job full = checked_job(comm, job, dataset);
  const nn::Model model = nn::build_model(full.recipe.model);
  const nn::StateLayout layout = nn::layout_state(model);
  WorkerPool pool(full.execution.threads);
  Trainee trainee(comm, pool, table_of(full.execution), dataset, model, layout, full.recipe);
  trainee.initialise();
  const Stopwatch watch;
  const StepResult result = trainee.step();
  const double step_s = watch.elapsed_s();

  log.result(nn::describe(model));
  log.result(concat("parameters    ", layout.trainable_count()));
  log.result(
      concat("memory        about ", mebibytes(estimate_memory(full, model, comm.ranks())), " per rank"));
  log.result(concat("steps         ", trainee.total_steps(), " of ", full.recipe.batch_size, " images, ",
                    format_fixed(static_cast<double>(dataset.indices(data::Split::train).size()) /
                                     static_cast<double>(full.recipe.batch_size),
                                 1),
                    " per epoch"));
  log.result(concat("first step    loss ", format_fixed(result.loss, 4), ", ", format_fixed(step_s, 2),
                    " s (compute ", format_fixed(result.compute_s, 2), ", reduce ",
                    format_fixed(result.reduce_s, 2), ", update ", format_fixed(result.update_s, 2),
                    "); later ones are quicker"));
  log.result("dry run: nothing was written");
}

}  // namespace cohort::train
