#include "train/sharded_update.hpp"

#include <algorithm>
#include <cstddef>

#include "cohort/core/stopwatch.hpp"

namespace cohort::train {
namespace {

std::vector<optim::TensorRange> ranges_of(const nn::StateLayout& layout) {
  std::vector<optim::TensorRange> ranges;
  for (const nn::Tensor& tensor : layout.parameters)
    ranges.push_back({tensor.offset, tensor.count, tensor.decays});
  return ranges;
}

/// Cuts [begin, end), both boundaries themselves, into `parts` pieces; positions in the whole buffer.
std::vector<std::int64_t> cut_slice(std::span<const std::int64_t> boundaries, std::int64_t begin,
                                    std::int64_t end, int parts) {
  std::vector<std::int64_t> inside;
  for (const std::int64_t boundary : boundaries)
    if (boundary >= begin && boundary <= end) inside.push_back(boundary - begin);
  std::vector<std::int64_t> cuts = comm::cut_at_boundaries(inside, parts);
  for (std::int64_t& cut : cuts) cut += begin;
  return cuts;
}

std::span<float> part(std::span<float> whole, std::int64_t begin, std::int64_t end) {
  return whole.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
}
std::span<const float> part(std::span<const float> whole, std::int64_t begin, std::int64_t end) {
  return whole.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
}

}  // namespace

ShardedUpdate::ShardedUpdate(comm::Communicator& comm, WorkerPool& pool, const kernels::Table<float>& table,
                             const nn::StateLayout& layout, const Recipe& recipe)
    : comm_(&comm),
      pool_(&pool),
      table_(&table),
      options_(recipe.optimizer),
      one_minus_decay_(recipe.ema_decay > 0 ? static_cast<float>(1.0 - recipe.ema_decay) : 0.0F) {
  const std::vector<optim::TensorRange> tensors = ranges_of(layout);
  const std::vector<std::int64_t> boundaries = layout.chunk_boundaries();
  offsets_ = comm::cut_at_boundaries(boundaries, comm.ranks());
  for (const std::int64_t offset : offsets_)
    chunk_offsets_.push_back(std::lower_bound(boundaries.begin(), boundaries.end(), offset) -
                             boundaries.begin());

  const auto rank = static_cast<std::size_t>(comm.rank());
  const std::vector<std::int64_t> cuts =
      cut_slice(boundaries, offsets_[rank], offsets_[rank + 1], pool.workers());
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
    if (cuts[i] == cuts[i + 1]) continue;
    const auto count = static_cast<std::size_t>(cuts[i + 1] - cuts[i]);
    pieces_.push_back({cuts[i],
                       cuts[i + 1],
                       {options_, tensors, table, cuts[i], cuts[i + 1]},
                       AlignedBuffer<float>(count),
                       AlignedBuffer<float>(has_average() ? count : 0)});
  }
  // Every rank must come to the same answer, also one whose slice is empty.
  const optim::Optimizer<float> any(options_, tensors, table, 0, 0);
  needs_gradient_norms_ = any.needs_gradient_norms();
  needs_parameter_norms_ = any.needs_parameter_norms();
  const auto chunks = static_cast<std::size_t>(optim::chunk_count(tensors));
  if (needs_gradient_norms_) norms_.gradient.resize(chunks);
  if (needs_parameter_norms_) norms_.parameter.resize(chunks);
}

ShardedUpdate::Outcome ShardedUpdate::apply(std::int64_t step, double learning_rate, ExactSum& sums,
                                            std::span<float> parameters) {
  Outcome outcome;
  Stopwatch watch;
  const auto lap = [&](double& phase_s) {
    phase_s += watch.elapsed_s();
    watch.restart();
  };
  comm_->reduce_scatter_parts(sums.sums(), offsets_);
  lap(outcome.reduce_s);
  convert_and_measure(sums, parameters);
  lap(outcome.update_s);
  gather_norms();
  if (needs_gradient_norms_) outcome.gradient_norm = optim::global_norm(norms_.gradient);
  lap(outcome.reduce_s);
  for_each_piece([&](Piece& piece) { step_piece(piece, step, learning_rate, parameters); });
  lap(outcome.update_s);
  comm_->all_gather_parts(parameters, offsets_);
  lap(outcome.reduce_s);
  return outcome;
}

void ShardedUpdate::for_each_piece(const std::function<void(Piece&)>& work) {
  pool_->run(static_cast<std::int64_t>(pieces_.size()),
             [&](int, std::int64_t index) { work(pieces_[static_cast<std::size_t>(index)]); });
}

void ShardedUpdate::convert_and_measure(ExactSum& sums, std::span<const float> parameters) {
  const auto chunks = [](const Piece& piece, std::vector<double>& all) {
    return std::span(all).subspan(static_cast<std::size_t>(piece.optimizer.first_chunk()),
                                  static_cast<std::size_t>(piece.optimizer.chunk_count()));
  };
  for_each_piece([&](Piece& piece) {
    table_->from_fixed_point(piece.end - piece.begin, sums.scale_bits(), sums.sums().data() + piece.begin,
                             piece.gradient.data());
    if (needs_gradient_norms_)
      piece.optimizer.chunk_sums(piece.gradient.span(), chunks(piece, norms_.gradient));
    if (needs_parameter_norms_)
      piece.optimizer.chunk_sums(part(parameters, piece.begin, piece.end), chunks(piece, norms_.parameter));
  });
}

void ShardedUpdate::gather_norms() {
  if (needs_gradient_norms_) comm_->all_gather_parts(norms_.gradient, chunk_offsets_);
  if (needs_parameter_norms_) comm_->all_gather_parts(norms_.parameter, chunk_offsets_);
}

void ShardedUpdate::step_piece(Piece& piece, std::int64_t step, double learning_rate,
                               std::span<float> parameters) {
  const std::span<float> mine = part(parameters, piece.begin, piece.end);
  piece.optimizer.step(step, learning_rate, norms_, piece.gradient.span(), mine);
  if (has_average())
    table_->ema_step(piece.end - piece.begin, one_minus_decay_, mine.data(), piece.average.data());
}

void ShardedUpdate::reset(std::span<const float> parameters) {
  for (Piece& piece : pieces_)
    for (int slot = 0; slot < piece.optimizer.slots(); ++slot)
      std::fill(piece.optimizer.slot(slot).begin(), piece.optimizer.slot(slot).end(), 0.0F);
  if (has_average()) set_average(parameters);
}

std::vector<std::string> ShardedUpdate::slot_names() const {
  const std::vector<std::string_view> names = optim::slot_names(options_.kind);
  return {names.begin(), names.end()};
}

void ShardedUpdate::gather_slot(int slot, std::span<float> whole) {
  for (Piece& piece : pieces_)
    std::ranges::copy(piece.optimizer.slot(slot), part(whole, piece.begin, piece.end).begin());
  comm_->all_gather_parts(whole, offsets_);
}

void ShardedUpdate::gather_average(std::span<float> whole) {
  for (Piece& piece : pieces_)
    std::ranges::copy(piece.average.span(), part(whole, piece.begin, piece.end).begin());
  comm_->all_gather_parts(whole, offsets_);
}

void ShardedUpdate::set_slot(int slot, std::span<const float> whole) {
  for (Piece& piece : pieces_)
    std::ranges::copy(part(whole, piece.begin, piece.end), piece.optimizer.slot(slot).begin());
}

void ShardedUpdate::set_average(std::span<const float> whole) {
  for (Piece& piece : pieces_) std::ranges::copy(part(whole, piece.begin, piece.end), piece.average.data());
}

}  // namespace cohort::train
