// Everything a training run is told, as plain data; filled by the program from a job file and the command
// line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "cohort/core/difference_words.hpp"
#include "cohort/data/augment.hpp"
#include "cohort/data/dataset.hpp"
#include "cohort/data/draws.hpp"
#include "cohort/nn/model.hpp"
#include "cohort/optim/optimizer.hpp"
#include "cohort/optim/schedule.hpp"

namespace cohort::train {

/// What a sample counts in the loss; balanced: N / (classes * count of its class) over the training split.
enum class ClassWeights { none, balanced };
/// Whether to continue from a checkpoint: when there is one, never, or else refuse to start.
enum class Resume { automatic, never, must };
/// Which parameters are validated, compared and exported.
enum class Weights { raw, ema };

/// Options that decide result bits. Two runs with equal values (and equal data) end in equal states.
struct Recipe {
  nn::ModelOptions model;  ///< classes and input are filled in from the data set
  std::uint64_t seed = 0;
  std::int64_t batch_size = 128;    ///< global, whatever the rank count
  std::int64_t micro_batch = 32;    ///< divides batch_size; the unit of work and of batch norm
  double epochs = 15;               ///< total steps = ceil(epochs * train samples / batch_size)
  std::int64_t max_steps = 0;       ///< 0 = no limit; a limit shortens the run, not the schedule
  std::int64_t steps = 0;           ///< length of the schedule in steps; 0 = it follows from epochs
  std::int64_t schedule_start = 0;  ///< steps of the schedule that lie before this training (earlier rounds)
  std::string start_model;  ///< hex digest of the model that it starts from; empty: drawn from the seed
  optim::OptimizerOptions optimizer;
  optim::ScheduleOptions schedule;  ///< total_steps, warmup_steps and step_size are filled in from epochs
  double warmup_epochs = 0;
  double step_epochs = 30;
  double label_smoothing = 0;
  ClassWeights class_weights = ClassWeights::none;
  data::Sampling sampling = data::Sampling::shuffled;
  data::AugmentOptions augment;
  double statistic_momentum = 0.1;  ///< batch norm running values: new = (1 - m) * old + m * batch
  double ema_decay = 0;             ///< 0 = off
  Weights validate = Weights::raw;  ///< ema only with ema_decay > 0
};

/// Options that only decide how the same result is computed and reported.
struct Execution {
  std::filesystem::path data;   ///< packed file
  std::filesystem::path out;    ///< run folder
  std::filesystem::path start;  ///< a model to start from (Recipe::start_model is its digest); empty: none
  int threads = 1;              ///< worker threads per rank
  std::string isa = "auto";
  std::string kernels = "exact";  ///< or "blas"
  Resume resume = Resume::automatic;
  bool dry_run = false;
  double max_time_s = 0;               ///< 0 = no limit; counts from the process start
  std::uint64_t max_memory_bytes = 0;  ///< per rank; 0 = no limit; refused before work starts
  double checkpoint_interval_s = 600;  ///< 0 = after every step
  double validate_every_epochs = 1;    ///< 0 = only at the end
  double log_interval_s = 30;
  std::string select_metric = "balanced_accuracy";  ///< decides best.h5
  std::string require;                              ///< for example "balanced_accuracy>=0.80"; empty = none
};

/// All that one training run is told.
struct Job {
  Recipe recipe;
  Execution execution;
};

/// The recipe with everything filled in that the data set decides: classes and input of the model, and the
/// schedule's total_steps, warmup_steps and step_size (epochs * train samples / batch_size, rounded up,
/// nearest, nearest but at least 1). Throws DataError when the data set has no training samples.
Recipe resolved(const Recipe& recipe, const data::Dataset& dataset);

/// Steps that a run of a resolved recipe takes: what is left of its schedule, or max_steps where that is
/// less.
std::int64_t run_steps(const Recipe& recipe);

/// SHA-256 over all of a data set that decides a run, as a data set's own digest covers the samples alone:
/// that digest, the roots of the training and validation splits, class names in order, normalisation.
Digest training_data_digest(const data::Dataset& dataset);

/// The recipe as ordered (key, value) text, the keys as in job files ("optimizer.learning_rate"): the
/// canonical form that checkpoints store, digests cover and differences are shown in.
std::vector<std::pair<std::string, std::string>> recipe_text(const Recipe& recipe);

/// Lines "key: stored X, now Y" for every difference; a key that only one side has shows as (absent).
std::vector<std::string> recipe_differences(const std::vector<std::pair<std::string, std::string>>& first,
                                            const std::vector<std::pair<std::string, std::string>>& second,
                                            const DifferenceWords& words = {});

/// Everything wrong with the job, all at once (empty when fine): ranges, divisibility, micro-batches above
/// kMaxMicroBatches, more workers (ranks * threads) than micro-batches, with the maximum named. What depends
/// on the model's input is judged by Recipe::model as it stands.
std::vector<std::string> problems(const Job& job, int ranks);

}  // namespace cohort::train
