#include <algorithm>

#include "cohort/kernels/select.hpp"
#include "cohort/nn/network.hpp"
#include "cohort/train/evaluator.hpp"
#include "cohort/train/trainer.hpp"
#include "train/job_kernels.hpp"

namespace cohort::train {
namespace {

// The program with its libraries and MPI's buffers, as measured on two ranks of one host.
constexpr std::int64_t kProgramBytes = std::int64_t{56} << 20;

}  // namespace

const kernels::Table<float>& table_of(const Execution& execution) {
  return execution.kernels == "blas" ? kernels::blas_table() : kernels::exact_table(execution.isa);
}

std::uint64_t estimate_memory(const Job& job, const nn::Model& model, int ranks) {
  const nn::StateLayout layout = nn::layout_state(model);
  const kernels::Table<float>& table = table_of(job.execution);
  const std::int64_t parameters = layout.parameter_count, statistics = layout.statistic_count;
  const auto slots = static_cast<std::int64_t>(optim::slot_names(job.recipe.optimizer.kind).size());
  const std::int64_t averages = job.recipe.ema_decay > 0 ? 1 : 0;
  const std::int64_t slice = (parameters + ranks - 1) / ranks;

  const std::int64_t whole =
      4 * (parameters + statistics * (1 + averages)) + 8 * (parameters + 2 * statistics);
  const std::int64_t owned = 4 * slice * (slots + averages + 1);  // optimizer state, average, gradient
  const std::int64_t exchange = ranks > 1 ? 2 * 8 * slice : 0;
  const auto arenas = [&](std::int64_t images, nn::Purpose purpose) {
    return job.execution.threads * nn::planned_arena_bytes(model, table, static_cast<int>(images), purpose);
  };
  // The root gathers the state for a checkpoint and reads back what it wrote; validation comes at other
  // times.
  const std::int64_t checkpoint = 2 * 4 * (parameters * (1 + slots + averages) + statistics * (1 + averages));
  const std::int64_t validation =
      arenas(kInferenceImages, nn::Purpose::inference) + 4 * (parameters + statistics);
  const std::int64_t passing = std::max(checkpoint, validation);
  return static_cast<std::uint64_t>(kProgramBytes + whole + owned + exchange +
                                    arenas(job.recipe.micro_batch, nn::Purpose::training) + passing);
}

}  // namespace cohort::train
