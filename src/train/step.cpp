#include "cohort/train/step.hpp"

#include <algorithm>
#include <cstddef>

#include "cohort/comm/agree.hpp"
#include "cohort/core/fixed_point.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/stopwatch.hpp"
#include "cohort/core/text.hpp"
#include "cohort/kernels/select.hpp"
#include "train/agreement.hpp"
#include "train/global_batch.hpp"
#include "train/micro_batches.hpp"
#include "train/running_statistics.hpp"
#include "train/sharded_update.hpp"

namespace cohort::train {
namespace {

/// The step's small message: one integer sum over ranks carries all that is not a gradient.
struct Control {
  std::int64_t rejected = 0, stop = 0, checkpoint = 0, loss = 0;
  std::span<const std::int64_t> statistics;
};

Facts facts_of(const kernels::Table<float>& table, const data::Dataset& dataset, const Recipe& recipe) {
  Facts facts{{"numerics_version", concat(kNumericsVersion)},
              {"kernels", table.is_replayable ? concat("fingerprint ", kernels::kFingerprint) : table.name},
              {"training data", "sha256:" + to_hex(training_data_digest(dataset))}};
  for (auto& pair : recipe_text(recipe)) facts.push_back(std::move(pair));
  return facts;
}

}  // namespace

struct Trainee::State {
  State(comm::Communicator& comm_, WorkerPool& pool, const kernels::Table<float>& table_,
        const data::Dataset& dataset_, const nn::Model& model, const nn::StateLayout& layout_,
        const Recipe& recipe_)
      : comm(comm_),
        table(table_),
        dataset(dataset_),
        layout(layout_),
        recipe(resolved(recipe_, dataset_)),
        batches(dataset, recipe),
        micro_batches(pool, table, dataset, model, layout, recipe),
        update(comm, pool, table, layout, recipe),
        parameters(static_cast<std::size_t>(layout.parameter_count)),
        running(layout.statistic_count, recipe) {
    require(model.input() == dataset.image_shape(), "Trainee: the model's input is not the data set's image");
    require(model.classes == recipe.model.classes, "Trainee: the model's classes are not the data set's");
  }

  comm::Communicator& comm;
  const kernels::Table<float>& table;
  const data::Dataset& dataset;
  const nn::StateLayout& layout;
  const Recipe recipe;
  BatchSource batches;
  MicroBatches micro_batches;
  ShardedUpdate update;
  AlignedBuffer<float> parameters;
  RunningStatistics running;
  std::vector<std::int64_t> message;
  std::int64_t steps_done = 0;

  /// What every start needs: exact kernels, and ranks that agree.
  void check_start();
  Control exchange(Wishes mine);
  void refuse_rejected(std::int64_t rejected) const;
  void check_fits(const FullState& state) const;
  void share(AlignedBuffer<float>& whole, const AlignedBuffer<float>& on_root);
};

void Trainee::State::check_start() {
  comm::agree(comm, "check the kernels", [&] { kernels::require_exact(table); });
  require_agreement(comm, facts_of(table, dataset, recipe));
}

Control Trainee::State::exchange(Wishes mine) {
  const std::span<const std::int64_t> statistics = micro_batches.statistics().sums();
  message.assign(
      {micro_batches.rejected(), mine.stop ? 1 : 0, mine.checkpoint ? 1 : 0, micro_batches.loss()});
  message.insert(message.end(), statistics.begin(), statistics.end());
  comm.sum(message);
  return {message[0], message[1], message[2], message[3], std::span<const std::int64_t>(message).subspan(4)};
}

void Trainee::State::refuse_rejected(std::int64_t rejected) const {
  if (rejected == 0) return;
  throw DivergedError(concat(
      "training step ", steps_done, ": ", rejected,
      " gradient, statistic or loss values were not finite or too large to sum exactly; the state is that of "
      "before the step; try a lower learning rate, a warm-up or optimizer.clip_norm, and look for broken "
      "images"));
}

Trainee::Trainee(comm::Communicator& comm, WorkerPool& pool, const kernels::Table<float>& table,
                 const data::Dataset& dataset, const nn::Model& model, const nn::StateLayout& layout,
                 const Recipe& recipe)
    : state_(std::make_unique<State>(comm, pool, table, dataset, model, layout, recipe)) {}

Trainee::~Trainee() = default;

StepResult Trainee::step(Wishes mine) {
  State& s = *state_;
  StepResult result;
  result.learning_rate = optim::learning_rate_at(s.recipe.schedule, s.recipe.schedule_start + s.steps_done);

  Stopwatch watch;
  const GlobalBatch batch = s.batches.at(s.steps_done);
  s.micro_batches.compute(batch, s.comm.rank(), s.comm.ranks(), s.parameters.span());
  result.compute_s = watch.elapsed_s();

  watch.restart();
  const Control control = s.exchange(mine);
  s.refuse_rejected(control.rejected);
  result.loss = from_fixed_point(control.loss, kGradientScaleBits);
  result.wishes = {control.stop > 0, control.checkpoint > 0};
  result.reduce_s = watch.elapsed_s();

  const auto outcome =
      s.update.apply(s.steps_done, result.learning_rate, s.micro_batches.gradients(), s.parameters.span());
  s.running.update(control.statistics, s.micro_batches.count(), s.table);
  result.gradient_norm = outcome.gradient_norm;
  result.reduce_s += outcome.reduce_s;
  result.update_s = outcome.update_s;
  ++s.steps_done;
  return result;
}

void Trainee::initialise() {
  State& s = *state_;
  s.check_start();
  nn::initialise(s.layout, s.recipe.seed, s.parameters.span(), s.running.values());
  s.running.reset_average();
  s.update.reset(s.parameters.span());
  s.steps_done = 0;
}

void Trainee::State::check_fits(const FullState& state) const {
  const auto expect = [](bool fits, std::string_view what) {
    if (!fits) throw CheckpointError(concat("the stored ", what, " does not fit this model and recipe"));
  };
  const auto fits_parameters = [&](const AlignedBuffer<float>& buffer) {
    return buffer.size() == parameters.size();
  };
  expect(fits_parameters(state.parameters), "parameters");
  expect(state.statistics.size() == running.values().size(), "statistics");
  expect(state.slot_names == update.slot_names(), "optimizer state");
  expect(state.slots.size() == state.slot_names.size(), "optimizer state");
  expect(std::all_of(state.slots.begin(), state.slots.end(), fits_parameters), "optimizer state");
  expect((state.ema_parameters.size() > 0) == update.has_average(), "average (EMA)");
  if (!update.has_average()) return;
  expect(fits_parameters(state.ema_parameters), "average (EMA)");
  expect(state.ema_statistics.size() == running.values().size(), "average (EMA)");
}

void Trainee::State::share(AlignedBuffer<float>& whole, const AlignedBuffer<float>& on_root) {
  if (comm.is_root()) std::ranges::copy(on_root.span(), whole.data());
  comm.broadcast(whole.span());
}

void Trainee::restore(const FullState& on_root) {
  State& s = *state_;
  s.check_start();
  comm::agree(s.comm, "restore state", [&] {
    if (s.comm.is_root()) s.check_fits(on_root);
  });
  std::int64_t step = on_root.step;
  s.comm.broadcast(std::span(&step, 1));
  s.steps_done = step;

  const FullState empty;
  const FullState& from = s.comm.is_root() ? on_root : empty;
  AlignedBuffer<float> whole(s.parameters.size()), statistics(s.running.values().size());
  const auto slots = static_cast<int>(s.update.slot_names().size());
  for (int slot = 0; slot < slots; ++slot) {
    s.share(whole, s.comm.is_root() ? from.slots[static_cast<std::size_t>(slot)] : from.parameters);
    s.update.set_slot(slot, whole.span());
  }
  s.share(statistics, from.statistics);
  std::ranges::copy(statistics.span(), s.running.values().begin());
  if (s.update.has_average()) {
    s.share(whole, from.ema_parameters);
    s.update.set_average(whole.span());
    s.share(statistics, from.ema_statistics);
    std::ranges::copy(statistics.span(), s.running.average().begin());
  }
  s.share(s.parameters, from.parameters);
}

FullState Trainee::gather() {
  State& s = *state_;
  FullState state;
  state.step = s.steps_done;
  state.slot_names = s.update.slot_names();
  // All ranks take part, the root keeps the result.
  const auto gathered = [&](auto&& gather_into) {
    AlignedBuffer<float> whole(s.parameters.size());
    gather_into(whole.span());
    return s.comm.is_root() ? std::move(whole) : AlignedBuffer<float>();
  };
  for (int slot = 0; slot < static_cast<int>(state.slot_names.size()); ++slot)
    state.slots.push_back(gathered([&](std::span<float> whole) { s.update.gather_slot(slot, whole); }));
  if (s.update.has_average())
    state.ema_parameters = gathered([&](std::span<float> whole) { s.update.gather_average(whole); });
  if (!s.comm.is_root()) return state;

  const auto copied = [](std::span<const float> values) {
    AlignedBuffer<float> buffer(values.size());
    std::ranges::copy(values, buffer.data());
    return buffer;
  };
  state.parameters = copied(s.parameters.span());
  state.statistics = copied(s.running.values());
  if (s.update.has_average()) state.ema_statistics = copied(s.running.average());
  return state;
}

std::int64_t Trainee::steps_done() const {
  return state_->steps_done;
}

std::int64_t Trainee::total_steps() const {
  return run_steps(state_->recipe);
}

std::span<const float> Trainee::parameters() const {
  return state_->parameters.span();
}
std::span<const float> Trainee::statistics() const {
  return state_->running.values();
}

void Trainee::validated_weights(std::vector<float>& parameters, std::vector<float>& statistics) {
  State& s = *state_;
  const bool averaged = s.recipe.validate == Weights::ema && s.update.has_average();
  const std::span<const float> chosen = averaged ? s.running.average() : s.running.values();
  statistics.assign(chosen.begin(), chosen.end());
  parameters.assign(s.parameters.data(), s.parameters.data() + s.parameters.size());
  if (averaged) s.update.gather_average(parameters);
}

}  // namespace cohort::train
