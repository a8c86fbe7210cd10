// A small battery of every kernel on counter-made inputs, hashed: equal hashes mean that this build on this
// processor computes the bits that numerics_version names.
#include <bit>
#include <cstring>
#include <vector>

#include "cohort/core/aligned_buffer.hpp"
#include "cohort/core/digest.hpp"
#include "cohort/core/error.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/core/text.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/kernels/softmax.hpp"

namespace cohort::kernels {
namespace {

constexpr std::uint64_t kSeed = 1;

/// Makes inputs in order and hashes results in order.
class Battery {
 public:
  explicit Battery(const Table<float>& table) : table_(table) {
    hash_.update_field("cohort kernels").update_u64(kNumericsVersion);
  }

  void convolution(std::string_view name, const ConvShape& shape);
  void normalisation();
  void pooling();
  void element_wise();
  void exact_sums();
  void optimizers();
  void loss();
  std::string finish() { return to_hex(hash_.finish()); }

 private:
  /// Uniform in [low, high).
  AlignedBuffer<float> values(std::int64_t count, double low = -1, double high = 1) {
    AlignedBuffer<float> result(static_cast<std::size_t>(count));
    RandomSequence random(kSeed, Stream::test_inputs, next_draw_++);
    for (float& value : result.span()) value = static_cast<float>(random.uniform(low, high));
    return result;
  }
  template <typename T>
  void add(std::string_view name, const AlignedBuffer<T>& result) {
    hash_.update_field(name).update_u64(result.size()).update(std::as_bytes(result.span()));
  }
  void add(std::string_view name, double result) {
    hash_.update_field(name).update_u64(std::bit_cast<std::uint64_t>(result));
  }

  const Table<float>& table_;
  Sha256 hash_;
  std::uint64_t next_draw_ = 0;
};

void Battery::convolution(std::string_view name, const ConvShape& shape) {
  const auto src = values(shape.source_count()), weight = values(shape.weight_count());
  const auto d_dst = values(shape.destination_count());
  AlignedBuffer<std::byte> memory(table_.conv_scratch_bytes(shape));
  const Scratch scratch{memory.data(), memory.size()};
  AlignedBuffer<float> dst(d_dst.size()), d_weight(weight.size());
  table_.conv_forward(shape, src.data(), weight.data(), dst.data(), scratch, Part{});
  table_.conv_backward_weight(shape, src.data(), d_dst.data(), d_weight.data(), scratch, Part{});
  hash_.update_field(name);
  add("forward", dst);
  add("backward weight", d_weight);
  if (shape.thin_source) return;
  auto d_src = values(shape.source_count());
  table_.conv_backward_data(shape, d_dst.data(), weight.data(), d_src.data(), true, scratch, Part{});
  add("backward data", d_src);
}

void Battery::normalisation() {
  const MapShape shape{.images = 3, .channels = 20, .height = 5, .width = 4};
  const int lanes = padded(shape.channels);
  const auto src = values(shape.count()), residual = values(shape.count()), d_dst = values(shape.count());
  const auto gamma = values(lanes, 0.5, 2), beta = values(lanes);
  AlignedBuffer<float> dst(src.size()), mean(gamma.size()), inverse_std(gamma.size()), variance(gamma.size());
  BatchNormArguments<float> arguments;
  arguments.src = src.data();
  arguments.residual = residual.data();
  arguments.gamma = gamma.data();
  arguments.beta = beta.data();
  arguments.dst = dst.data();
  arguments.mean = mean.data();
  arguments.inverse_std = inverse_std.data();
  arguments.variance = variance.data();
  arguments.relu = true;
  table_.batch_norm_forward(shape, arguments, Part{});
  add("batch norm forward", dst);
  add("batch norm mean", mean);
  add("batch norm inverse std", inverse_std);
  add("batch norm variance", variance);

  AlignedBuffer<float> d_src(src.size()), d_residual(src.size()), d_gamma(gamma.size()), d_beta(gamma.size());
  const BatchNormGradients<float> gradients{.d_dst = d_dst.data(),
                                            .dst = dst.data(),
                                            .d_src = d_src.data(),
                                            .d_residual = d_residual.data(),
                                            .d_gamma = d_gamma.data(),
                                            .d_beta = d_beta.data()};
  table_.batch_norm_backward(shape, arguments, gradients, Part{});
  add("batch norm d_src", d_src);
  add("batch norm d_residual", d_residual);
  add("batch norm d_gamma", d_gamma);
  add("batch norm d_beta", d_beta);
  table_.batch_norm_inference(shape, arguments, Part{});
  add("batch norm inference", dst);
}

void Battery::pooling() {
  const PoolShape shape{.images = 2,
                        .channels = 20,
                        .height = 9,
                        .width = 8,
                        .kernel_height = 3,
                        .kernel_width = 2,
                        .stride = 2,
                        .pad_height = 1,
                        .pad_width = 1};
  const auto src = values(shape.source().count()), d_dst = values(shape.destination().count());
  AlignedBuffer<float> dst(d_dst.size()), d_src(src.size());
  AlignedBuffer<std::uint8_t> winner(d_dst.size());
  table_.max_pool_forward(shape, src.data(), dst.data(), winner.data(), Part{});
  add("max pool forward", dst);
  add("max pool winner", winner);
  table_.max_pool_backward(shape, d_dst.data(), winner.data(), d_src.data(), Part{});
  add("max pool backward", d_src);
  table_.average_pool_forward(shape, src.data(), dst.data(), Part{});
  add("average pool forward", dst);
  table_.average_pool_backward(shape, d_dst.data(), d_src.data(), Part{});
  add("average pool backward", d_src);
}

void Battery::element_wise() {
  const int rows = 7, lanes = 32;
  const std::int64_t n = std::int64_t{rows} * lanes - 3;  // not a multiple of any vector
  const auto bias = values(lanes), d_dst = values(rows * lanes);
  auto dst = values(rows * lanes);
  AlignedBuffer<float> d_bias(bias.size()), d_src(dst.size()), sum(dst.size());
  table_.bias_forward(rows, lanes, bias.data(), dst.data(), Part{});
  add("bias forward", dst);
  table_.bias_backward(rows, lanes, d_dst.data(), d_bias.data(), Part{});
  add("bias backward", d_bias);
  table_.relu_forward(n, dst.data(), sum.data());
  add("relu forward", sum);
  table_.relu_backward(n, sum.data(), d_dst.data(), d_src.data());
  add("relu backward", d_src);
  table_.add(n, dst.data(), d_dst.data(), sum.data());
  add("add", sum);
}

void Battery::exact_sums() {
  const std::int64_t n = 1003;
  AlignedBuffer<std::int64_t> sum(static_cast<std::size_t>(n));
  AlignedBuffer<float> back(static_cast<std::size_t>(n));
  std::int64_t rejected = 0;
  for (int i = 0; i < 3; ++i) {
    const auto value = values(n, -1e-3, 1e-3);
    rejected += table_.accumulate_fixed_point(n, kGradientScaleBits, value.data(), sum.data());
    add("sum of squares", table_.sum_of_squares(n, value.data()));
  }
  add("fixed point", sum);
  add("rejected", static_cast<double>(rejected));
  table_.from_fixed_point(n, kGradientScaleBits, sum.data(), back.data());
  add("from fixed point", back);
}

void Battery::optimizers() {
  const std::int64_t n = 517;
  auto parameter = values(n), momentum = values(n), second = values(n, 0, 1), average = values(n);
  const auto gradient = values(n);
  const SgdScalars<float> sgd{.learning_rate = 0.1f,
                              .momentum = 0.9f,
                              .weight_decay = 5e-4f,
                              .gradient_scale = 0.7f,
                              .nesterov = true,
                              .first_step = false};
  table_.sgd_step(n, sgd, true, gradient.data(), parameter.data(), momentum.data());
  add("sgd parameter", parameter);
  add("sgd momentum", momentum);
  const AdamWScalars<float> adamw{.learning_rate = 1e-3f,
                                  .beta1 = 0.9f,
                                  .beta2 = 0.999f,
                                  .one_minus_beta1 = 0.1f,
                                  .one_minus_beta2 = 1e-3f,
                                  .inverse_correction1 = 1.5f,
                                  .inverse_sqrt_correction2 = 7.0f,
                                  .epsilon = 1e-8f,
                                  .weight_decay = 1e-2f,
                                  .gradient_scale = 0.7f};
  table_.adamw_step(n, adamw, true, gradient.data(), parameter.data(), momentum.data(), second.data());
  add("adamw parameter", parameter);
  add("adamw first moment", momentum);
  add("adamw second moment", second);
  table_.ema_step(n, 1e-3f, parameter.data(), average.data());
  add("ema", average);
}

void Battery::loss() {
  const int samples = 5, classes = 7, lanes = padded(classes);
  const auto logits = values(std::int64_t{samples} * lanes, -4, 4);
  const std::vector<std::int32_t> labels{0, 6, 3, 3, 1};
  const std::vector<double> weights{0.1, 0.2, 0.3, 0.15, 0.25};
  AlignedBuffer<float> d_logits(logits.size());
  const double value = cross_entropy<float>({.classes = classes, .label_smoothing = 0.1}, logits.span(),
                                            labels, weights, d_logits.span());
  add("cross entropy", value);
  add("cross entropy gradient", d_logits);
}

}  // namespace

std::string fingerprint(const Table<float>& table) {
  Battery battery(table);
  battery.convolution("3x3", {.images = 2,
                              .source_channels = 20,
                              .height = 7,
                              .width = 6,
                              .destination_channels = 40,
                              .kernel_height = 3,
                              .kernel_width = 3,
                              .stride = 1,
                              .pad_height = 1,
                              .pad_width = 1});
  battery.convolution("3x3 stride 2", {.images = 2,
                                       .source_channels = 32,
                                       .height = 7,
                                       .width = 8,
                                       .destination_channels = 16,
                                       .kernel_height = 3,
                                       .kernel_width = 3,
                                       .stride = 2,
                                       .pad_height = 1,
                                       .pad_width = 1});
  battery.convolution(
      "1x1 stride 2",
      {.images = 2, .source_channels = 16, .height = 5, .width = 6, .destination_channels = 64, .stride = 2});
  battery.convolution("thin 7x7", {.images = 1,
                                   .source_channels = 3,
                                   .height = 13,
                                   .width = 14,
                                   .destination_channels = 32,
                                   .kernel_height = 7,
                                   .kernel_width = 7,
                                   .stride = 2,
                                   .pad_height = 3,
                                   .pad_width = 3,
                                   .thin_source = true});
  battery.normalisation();
  battery.pooling();
  battery.element_wise();
  battery.exact_sums();
  battery.optimizers();
  battery.loss();
  return battery.finish();
}

void require_exact(const Table<float>& table) {
  static_assert(kNumericsVersion == 1, "another numerics_version has another kFingerprint");
  if (!table.is_replayable) return;
  const std::string found = fingerprint(table);
  if (found == kFingerprint) return;
  throw Error(concat("the ", table.name, " kernels do not compute the bits of numerics ", kNumericsVersion,
                     ": fingerprint ", found, " instead of ", kFingerprint,
                     "; build again with the project's own compiler flags, or choose another --isa ('cohort "
                     "checks' shows which are exact)"));
}

}  // namespace cohort::kernels
