// The golden digests, as SHA-256: of a few training steps of a small network on counter-made inputs, and of
// the models merged. Links neither MPI nor HDF5 nor OpenCV nor BLAS, so it also builds for processors that
// lack them.
//   golden_digest [ISA]      prints both; ISA is auto, avx512, avx2, neon or scalar
#include <cstdio>
#include <cstring>
#include <exception>
#include <numeric>
#include <vector>

#include "cohort/core/digest.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/kernels/softmax.hpp"
#include "cohort/nn/network.hpp"
#include "cohort/optim/optimizer.hpp"
#include "cohort/optim/schedule.hpp"

namespace {

using namespace cohort;

constexpr int kMicroBatch = 6;
constexpr int kMicroBatches = 3;
constexpr int kSteps = 4;
constexpr std::uint64_t kSeed = 20261121;

nn::Node conv(const char* name, int input, int output, int kernel, int stride, int pad) {
  nn::Node node;
  node.op = nn::Op::convolution;
  node.name = name;
  node.input = input;
  node.output = output;
  node.kernel_height = node.kernel_width = kernel;
  node.stride = stride;
  node.pad_height = node.pad_width = pad;
  return node;
}

nn::Node norm(const char* name, int input, int output, bool relu, int residual = -1) {
  nn::Node node;
  node.op = nn::Op::batch_norm;
  node.name = name;
  node.input = input;
  node.output = output;
  node.relu = relu;
  node.residual = residual;
  return node;
}

/// A stem, a max pool, a residual block with a strided 1x1 shortcut, an identity block: every kind of node
/// and every awkward size (odd maps, channels that do not fill their lanes).
nn::Model golden_model() {
  nn::Model model;
  model.name = "golden";
  model.classes = 5;
  model.values = {{3, 27, 25}, {20, 14, 13}, {20, 14, 13}, {20, 7, 7}, {40, 4, 4}, {40, 4, 4},
                  {40, 4, 4},  {40, 4, 4},   {40, 4, 4},   {40, 4, 4}, {40, 4, 4}, {40, 4, 4},
                  {40, 4, 4},  {40, 4, 4},   {40, 1, 1},   {5, 1, 1}};
  nn::Node pool;
  pool.op = nn::Op::max_pool;
  pool.name = "maxpool";
  pool.input = 2;
  pool.output = 3;
  pool.kernel_height = pool.kernel_width = 3;
  pool.stride = 2;
  pool.pad_height = pool.pad_width = 1;
  nn::Node mean;
  mean.op = nn::Op::average_pool;
  mean.name = "avgpool";
  mean.input = 13;
  mean.output = 14;
  mean.kernel_height = mean.kernel_width = 4;
  nn::Node linear;
  linear.op = nn::Op::linear;
  linear.name = "fc";
  linear.input = 14;
  linear.output = 15;
  model.nodes = {conv("conv1", 0, 1, 7, 2, 3),
                 norm("bn1", 1, 2, true),
                 pool,
                 conv("layer1.0.conv1", 3, 4, 3, 2, 1),
                 norm("layer1.0.bn1", 4, 5, true),
                 conv("layer1.0.conv2", 5, 6, 3, 1, 1),
                 conv("layer1.0.downsample.0", 3, 7, 1, 2, 0),
                 norm("layer1.0.downsample.1", 7, 8, false),
                 norm("layer1.0.bn2", 6, 9, true, 8),
                 conv("layer1.1.conv1", 9, 10, 3, 1, 1),
                 norm("layer1.1.bn1", 10, 11, true),
                 conv("layer1.1.conv2", 11, 12, 3, 1, 1),
                 norm("layer1.1.bn2", 12, 13, true, 9),
                 mean,
                 linear};
  return model;
}

std::vector<optim::TensorRange> ranges_of(const nn::StateLayout& layout) {
  std::vector<optim::TensorRange> ranges;
  for (const nn::Tensor& tensor : layout.parameters)
    ranges.push_back({tensor.offset, tensor.count, tensor.decays});
  return ranges;
}

struct Trained {
  AlignedBuffer<float> parameters, statistics, slot;
};

Trained train(const kernels::Table<float>& table, const nn::Model& model, const nn::StateLayout& layout,
              const optim::OptimizerOptions& options) {
  const auto count = static_cast<std::size_t>(layout.parameter_count);
  Trained trained{AlignedBuffer<float>(count),
                  AlignedBuffer<float>(static_cast<std::size_t>(layout.statistic_count)),
                  AlignedBuffer<float>(count)};
  nn::initialise(layout, kSeed, trained.parameters.span(), trained.statistics.span());
  nn::Network<float> network(model, layout, table, kMicroBatch, nn::Purpose::training);
  const std::vector<optim::TensorRange> ranges = ranges_of(layout);
  optim::Optimizer<float> optimizer(options, ranges, table, 0, layout.parameter_count);
  optim::ScheduleOptions schedule;
  schedule.total_steps = kSteps;
  schedule.learning_rate = 0.05;

  AlignedBuffer<std::int64_t> sums(count), statistic_sums(trained.statistics.size());
  AlignedBuffer<float> gradient(count);
  for (std::int64_t step = 0; step < kSteps; ++step) {
    std::memset(sums.data(), 0, count * sizeof(std::int64_t));
    std::memset(statistic_sums.data(), 0, statistic_sums.size() * sizeof(std::int64_t));
    for (int micro = 0; micro < kMicroBatches; ++micro) {
      RandomSequence random(kSeed, Stream::test_inputs,
                            static_cast<std::uint64_t>(step * kMicroBatches + micro));
      for (float& pixel : network.input()) pixel = static_cast<float>(random.uniform(-2, 2));
      std::vector<std::int32_t> labels(kMicroBatch);
      for (std::int32_t& label : labels) label = static_cast<std::int32_t>(random.below(5));
      const std::vector<double> weights(kMicroBatch, 1.0 / (kMicroBatch * kMicroBatches));
      network.forward(trained.parameters.span());
      kernels::cross_entropy<float>({5, 0.1}, network.logits(), labels, weights, network.d_logits());
      network.backward(trained.parameters.span(),
                       [&](const nn::Tensor& tensor, std::span<const float> values) {
                         table.accumulate_fixed_point(tensor.count, kGradientScaleBits, values.data(),
                                                      sums.data() + tensor.offset);
                       });
      table.accumulate_fixed_point(layout.statistic_count, kStatisticScaleBits,
                                   network.batch_statistics().data(), statistic_sums.data());
    }
    table.from_fixed_point(layout.parameter_count, kGradientScaleBits, sums.data(), gradient.data());
    optim::ChunkNorms norms;
    norms.gradient.resize(static_cast<std::size_t>(optimizer.chunk_count()));
    norms.parameter.resize(norms.gradient.size());
    optimizer.chunk_sums(gradient.span(), norms.gradient);
    optimizer.chunk_sums(trained.parameters.span(), norms.parameter);
    optimizer.step(step, optim::learning_rate_at(schedule, step), norms, gradient.span(),
                   trained.parameters.span());
    table.from_fixed_point(layout.statistic_count, kStatisticScaleBits, statistic_sums.data(),
                           trained.statistics.data());
  }
  std::memcpy(trained.slot.data(), optimizer.slot(0).data(), count * sizeof(float));
  return trained;
}

/// Weighted means of every length up to a few vectors, so that each has whole vectors and a rest; with
/// weights that leave the values as they are, and with such that they must be rounded for.
void print_merged(const kernels::Table<float>& table, const std::vector<Trained>& members) {
  const float* values[3];
  for (std::size_t m = 0; m < 3; ++m) values[m] = members[m].parameters.data();
  Sha256 hash;
  hash.update("cohort-golden-merge").update_u64(kNumericsVersion);
  for (const double weight : {1.0, 97.0, 4194301.0}) {
    const double weights[3] = {weight, 100, 37};
    for (std::size_t count = 1; count <= 200; ++count) {
      std::vector<float> mean(count);
      const std::int64_t refused = table.weighted_mean(static_cast<std::int64_t>(count), 3, values, weights,
                                                       weight + 137, mean.data());
      hash.update_u64(static_cast<std::uint64_t>(refused)).update(std::as_bytes(std::span(mean)));
    }
  }
  std::printf("%s\n", to_hex(hash.finish()).c_str());
}

void golden(const kernels::Table<float>& table) {
  const nn::Model model = golden_model();
  const nn::StateLayout layout = nn::layout_state(model);
  Sha256 hash;
  hash.update("cohort-golden").update_u64(kNumericsVersion);
  std::vector<Trained> members;
  for (const auto kind :
       {optim::OptimizerKind::sgd, optim::OptimizerKind::adamw, optim::OptimizerKind::lars}) {
    optim::OptimizerOptions options;
    options.kind = kind;
    options.clip_norm = 1;
    const Trained& trained = members.emplace_back(train(table, model, layout, options));
    nn::update_digest(hash, layout.parameters, trained.parameters.span());
    nn::update_digest(hash, layout.statistics, trained.statistics.span());
    nn::update_digest(hash, layout.parameters, trained.slot.span());
    nn::Network<float> network(model, layout, table, kMicroBatch, nn::Purpose::inference);
    RandomSequence random(kSeed, Stream::test_inputs, 1000);
    for (float& pixel : network.input()) pixel = static_cast<float>(random.uniform(-2, 2));
    network.infer(trained.parameters.span(), trained.statistics.span(), kMicroBatch);
    hash.update(std::as_bytes(network.logits()));
  }
  std::printf("%s\n", to_hex(hash.finish()).c_str());
  print_merged(table, members);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    kernels::set_float_environment();
    golden(kernels::exact_table(argc > 1 ? argv[1] : "auto"));
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "golden_digest: %s\n", e.what());
    return 1;
  }
}
