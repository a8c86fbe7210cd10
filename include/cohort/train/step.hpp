// One training step across threads and ranks: micro-batches, integer reduction, sharded optimizer.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "cohort/comm/communicator.hpp"
#include "cohort/data/dataset.hpp"
#include "cohort/kernels/table.hpp"
#include "cohort/nn/model.hpp"
#include "cohort/nn/network.hpp"
#include "cohort/train/options.hpp"
#include "cohort/train/state.hpp"
#include "cohort/train/worker_pool.hpp"

namespace cohort::train {

/// Numbers of a step were not finite or too large to sum: the settings, not the machine, are at fault.
class DivergedError : public comm::AgreedError {
 public:
  using AgreedError::AgreedError;
};

/// What a rank would like to happen after the step; one rank's wish is enough.
struct Wishes {
  bool stop = false;
  bool checkpoint = false;
};

/// What one step did, alike on every rank but for the times.
struct StepResult {
  double loss = 0;  ///< weighted mean over the global batch
  Wishes wishes;    ///< of any rank
  double learning_rate = 0;
  double gradient_norm = 0;                          ///< before clipping; 0 when nothing asked for it
  double compute_s = 0, reduce_s = 0, update_s = 0;  ///< this rank's wall time by phase
};

/// A model in training on a group of ranks. All ranks hold parameters and statistics whole, and one slice of
/// the optimizer state and of the EMA.
class Trainee {
 public:
  /// References must outlive this; `recipe` is resolved against the data set.
  Trainee(comm::Communicator& comm, WorkerPool& pool, const kernels::Table<float>& table,
          const data::Dataset& dataset, const nn::Model& model, const nn::StateLayout& layout,
          const Recipe& recipe);
  ~Trainee();

  /// Initial values from the recipe's seed, or a state read from a checkpoint (root's copy is broadcast).
  /// First checks that the kernels have the bits of numerics_version (kernels::require_exact), and that all
  /// ranks agree on data set, recipe, numerics_version and kernels. Collective.
  ///
  /// Throws AgreedError naming the rank whose kernels are not exact, or the odd rank and what differs, or
  /// that the state does not fit the model.
  void initialise();
  void restore(const FullState& on_root);
  /// The whole state on the root (empty buffers elsewhere). Collective.
  FullState gather();

  /// Step number steps_done(); `mine` are this rank's wishes. Collective.
  ///
  /// Throws DivergedError, alike on all ranks and with the state unchanged, when gradients, batch statistics
  /// or losses were not finite or out of range; Error on one rank when a thread's float environment is not
  /// exact.
  StepResult step(Wishes mine = {});
  /// Optimizer steps behind this state, those before a checkpoint included.
  [[nodiscard]] std::int64_t steps_done() const;
  /// Where the run ends: the schedule's length, or max_steps when that is shorter.
  [[nodiscard]] std::int64_t total_steps() const;

  /// The flat buffers that training changes, as they are now.
  [[nodiscard]] std::span<const float> parameters() const;
  [[nodiscard]] std::span<const float> statistics() const;
  /// The weights that the recipe validates: raw, or the EMA gathered from its slices. Collective.
  void validated_weights(std::vector<float>& parameters, std::vector<float>& statistics);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cohort::train
