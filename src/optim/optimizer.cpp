#include "cohort/optim/optimizer.hpp"

#include <algorithm>
#include <string>

#include "cohort/core/error.hpp"
#include "cohort/core/exact_math.hpp"
#include "cohort/core/numerics.hpp"

namespace cohort::optim {
namespace {

std::int64_t chunks_of(std::int64_t elements) {
  return (elements + kNormChunk - 1) / kNormChunk;
}

double sum_in_order(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

template <typename T>
kernels::AdamWScalars<T> adamw_scalars(const OptimizerOptions& options, std::int64_t step,
                                       double learning_rate, double scale) {
  const auto t = static_cast<double>(step + 1);
  const double correction1 = 1 - exact::pow(options.beta1, t);
  const double correction2 = 1 - exact::pow(options.beta2, t);
  kernels::AdamWScalars<T> scalars{};
  scalars.learning_rate = static_cast<T>(learning_rate);
  scalars.beta1 = static_cast<T>(options.beta1);
  scalars.beta2 = static_cast<T>(options.beta2);
  scalars.one_minus_beta1 = static_cast<T>(1 - options.beta1);
  scalars.one_minus_beta2 = static_cast<T>(1 - options.beta2);
  scalars.inverse_correction1 = static_cast<T>(1 / correction1);
  scalars.inverse_sqrt_correction2 = static_cast<T>(1 / exact::sqrt(correction2));
  scalars.epsilon = static_cast<T>(options.epsilon);
  scalars.weight_decay = static_cast<T>(options.weight_decay);
  scalars.gradient_scale = static_cast<T>(scale);
  return scalars;
}

/// LARS is SGD on (gradient * scale + weight_decay * parameter) * trust.
template <typename T>
kernels::SgdScalars<T> sgd_scalars(const OptimizerOptions& options, std::int64_t step, double learning_rate,
                                   double scale, double trust) {
  kernels::SgdScalars<T> scalars{};
  scalars.learning_rate = static_cast<T>(learning_rate);
  scalars.momentum = static_cast<T>(options.momentum);
  scalars.weight_decay = static_cast<T>(options.weight_decay * trust);
  scalars.gradient_scale = static_cast<T>(scale * trust);
  scalars.nesterov = options.nesterov;
  scalars.first_step = step == 0;
  return scalars;
}

}  // namespace

std::int64_t chunk_count(std::span<const TensorRange> tensors) {
  std::int64_t count = 0;
  for (const TensorRange& tensor : tensors) count += chunks_of(tensor.count);
  return count;
}

double global_norm(std::span<const double> chunk_sums) {
  return exact::sqrt(sum_in_order(chunk_sums));
}

double clip_scale(double clip_norm, double norm) {
  if (clip_norm <= 0) return 1;
  const double scale = clip_norm / (norm + 1e-6);
  return scale < 1 ? scale : 1;
}

template <typename T>
Optimizer<T>::Optimizer(const OptimizerOptions& options, std::span<const TensorRange> tensors,
                        const kernels::Table<T>& table, std::int64_t begin, std::int64_t end)
    : options_(options), tensors_(tensors.begin(), tensors.end()), table_(&table), begin_(begin), end_(end) {
  check_optimizer(options);
  require(begin >= 0 && begin <= end, "optimizer: the slice ends before it begins");
  std::int64_t covered = 0;
  chunk_starts_.push_back(0);
  for (std::size_t index = 0; index < tensors_.size(); ++index) {
    const TensorRange& tensor = tensors_[index];
    const std::int64_t first = chunk_starts_.back();
    chunk_starts_.push_back(first + chunks_of(tensor.count));
    const std::int64_t from = std::max(begin, tensor.offset);
    const std::int64_t to = std::min(end, tensor.offset + tensor.count);
    if (from >= to) continue;
    require((from - tensor.offset) % kNormChunk == 0 &&
                (to == tensor.offset + tensor.count || (to - tensor.offset) % kNormChunk == 0),
            "optimizer: the slice cuts a norm chunk");
    if (pieces_.empty()) first_chunk_ = first + (from - tensor.offset) / kNormChunk;
    pieces_.push_back({static_cast<std::int64_t>(index), from - begin, to - from});
    chunk_count_ += chunks_of(to - from);
    covered += to - from;
  }
  require(covered == end - begin, "optimizer: the tensors do not cover the slice");
  for (std::size_t slot = 0; slot < slot_names(options.kind).size(); ++slot) {
    slots_.emplace_back(static_cast<std::size_t>(end - begin));
  }
}

template <typename T>
bool Optimizer<T>::needs_gradient_norms() const {
  return options_.clip_norm > 0 || options_.kind == OptimizerKind::lars;
}

template <typename T>
bool Optimizer<T>::needs_parameter_norms() const {
  return options_.kind == OptimizerKind::lars;
}

template <typename T>
std::int64_t Optimizer<T>::first_chunk() const {
  return first_chunk_;
}

template <typename T>
std::int64_t Optimizer<T>::chunk_count() const {
  return chunk_count_;
}

template <typename T>
void Optimizer<T>::chunk_sums(std::span<const T> slice, std::span<double> sums) const {
  require(slice.size() == static_cast<std::size_t>(end_ - begin_) &&
              sums.size() == static_cast<std::size_t>(chunk_count_),
          "optimizer: chunk sums of another slice");
  std::size_t chunk = 0;
  for (const Piece& piece : pieces_) {
    for (std::int64_t at = 0; at < piece.count; at += kNormChunk) {
      const std::int64_t count = std::min(kNormChunk, piece.count - at);
      sums[chunk++] = table_->sum_of_squares(count, slice.data() + piece.begin + at);
    }
  }
}

template <typename T>
double Optimizer<T>::gradient_scale(const ChunkNorms& norms) const {
  if (options_.clip_norm <= 0) return 1;
  return clip_scale(options_.clip_norm, global_norm(norms.gradient));
}

template <typename T>
double Optimizer<T>::trust_ratio(std::int64_t tensor, const ChunkNorms& norms, double scale) const {
  if (options_.kind != OptimizerKind::lars || !tensors_[static_cast<std::size_t>(tensor)].decays) return 1;
  const auto first = static_cast<std::size_t>(chunk_starts_[static_cast<std::size_t>(tensor)]);
  const auto count = static_cast<std::size_t>(chunk_starts_[static_cast<std::size_t>(tensor) + 1]) - first;
  const double weight = global_norm(std::span(norms.parameter).subspan(first, count));
  const double gradient = global_norm(std::span(norms.gradient).subspan(first, count)) * scale;
  if (weight == 0 || gradient == 0) return 1;
  return options_.trust * weight / (gradient + options_.weight_decay * weight + 1e-9);
}

template <typename T>
void Optimizer<T>::step(std::int64_t step, double learning_rate, const ChunkNorms& norms,
                        std::span<const T> gradient, std::span<T> parameters) {
  const auto elements = static_cast<std::size_t>(end_ - begin_);
  const auto chunks = static_cast<std::size_t>(chunk_starts_.back());
  require(step >= 0 && gradient.size() == elements && parameters.size() == elements,
          "optimizer: a step on another slice");
  require((!needs_gradient_norms() || norms.gradient.size() == chunks) &&
              (!needs_parameter_norms() || norms.parameter.size() == chunks),
          "optimizer: the norms do not cover all chunks of the model");
  const double scale = gradient_scale(norms);
  for (const Piece& piece : pieces_) {
    const bool decays = tensors_[static_cast<std::size_t>(piece.tensor)].decays;
    const T* d_parameter = gradient.data() + piece.begin;
    T* parameter = parameters.data() + piece.begin;
    T* first_slot = slots_[0].data() + piece.begin;
    if (options_.kind == OptimizerKind::adamw) {
      table_->adamw_step(piece.count, adamw_scalars<T>(options_, step, learning_rate, scale), decays,
                         d_parameter, parameter, first_slot, slots_[1].data() + piece.begin);
    } else {
      const double trust = trust_ratio(piece.tensor, norms, scale);
      table_->sgd_step(piece.count, sgd_scalars<T>(options_, step, learning_rate, scale, trust), decays,
                       d_parameter, parameter, first_slot);
    }
  }
}

template <typename T>
std::span<T> Optimizer<T>::slot(int index) {
  return slots_.at(static_cast<std::size_t>(index)).span();
}

template <typename T>
int Optimizer<T>::slots() const {
  return static_cast<int>(slots_.size());
}

template class Optimizer<float>;
template class Optimizer<double>;

}  // namespace cohort::optim
