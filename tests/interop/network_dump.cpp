// Runs a network on numbers from a file and writes what it computes, for comparison with another
// implementation.
//
//   network_dump tensors MODEL STEM CLASSES SIDE
//     prints "name extents…" of every parameter, then of every statistic
//   network_dump pass float|double MODEL STEM CLASSES SIDE IMAGES MICRO_BATCHES IN OUT
//     logits of every micro-batch, batch statistics of the last, summed gradients, logits of the first in
//     inference
//   network_dump steps OPTIMIZER RATE DECAY STEPS MODEL STEM CLASSES SIDE IMAGES MICRO_BATCHES IN OUT
//     the parameters after so many steps on the same micro-batches, in double, under a cosine schedule
//
// IN and OUT are streams of float64. IN: parameters and statistics in canonical form, tensor by tensor; then
// for each micro-batch its images [N][H][W][C] and its labels. MODEL may be tiny-resnet, a network of the
// unit tests.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "cohort/core/error.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/text.hpp"
#include "cohort/kernels/layout.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/kernels/softmax.hpp"
#include "cohort/nn/network.hpp"
#include "cohort/optim/optimizer.hpp"
#include "cohort/optim/schedule.hpp"
#include "unit/nn/tiny_networks.hpp"

namespace cohort {
namespace {

class Stream64 {
 public:
  explicit Stream64(const std::string& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    const auto bytes = static_cast<std::size_t>(std::max<std::streamoff>(file.tellg(), 0));
    values_.resize(bytes / sizeof(double));
    file.seekg(0);
    file.read(reinterpret_cast<char*>(values_.data()), static_cast<std::streamsize>(bytes));
    if (!file) throw Error("read " + path + ": no such file, or it ended early");
  }
  std::span<const double> take(std::int64_t count) {
    if (at_ + static_cast<std::size_t>(count) > values_.size()) throw Error("the input ended early");
    at_ += static_cast<std::size_t>(count);
    return std::span(values_).subspan(at_ - static_cast<std::size_t>(count), static_cast<std::size_t>(count));
  }
  [[nodiscard]] bool is_used_up() const { return at_ == values_.size(); }

 private:
  std::vector<double> values_;
  std::size_t at_ = 0;
};

struct MicroBatch {
  std::vector<double> images;
  std::vector<std::int32_t> labels;
};

/// A tensor's canonical values out of a flat buffer of either precision.
template <typename T>
std::vector<double> canonical(const nn::Tensor& tensor, std::span<const T> flat) {
  const auto blocked =
      flat.subspan(static_cast<std::size_t>(tensor.offset), static_cast<std::size_t>(tensor.count));
  std::vector<T> values(static_cast<std::size_t>(tensor.canonical_count()));
  if (tensor.extents.size() > 1) {
    kernels::unblock_weight<T>(tensor.conv, blocked, values);
  } else {
    std::copy_n(blocked.begin(), values.size(), values.begin());
  }
  return {values.begin(), values.end()};
}

template <typename T>
std::vector<T> read_flat(Stream64& in, const std::vector<nn::Tensor>& tensors, std::int64_t count) {
  std::vector<float> flat(static_cast<std::size_t>(count));
  for (const nn::Tensor& tensor : tensors) {
    const auto values = in.take(tensor.canonical_count());
    nn::from_canonical(tensor, std::vector<float>(values.begin(), values.end()), flat);
  }
  return {flat.begin(), flat.end()};
}

const kernels::Table<float>& table_of(float) {
  return kernels::exact_table("auto");
}
const kernels::Table<double>& table_of(double) {
  return kernels::reference_table();
}

template <typename T>
class Runner {
 public:
  Runner(const nn::Model& model, int images, int micro_batches, const std::string& path)
      : model_(model),
        layout_(nn::layout_state(model)),
        table_(table_of(T())),
        network_(model, layout_, table_, images, nn::Purpose::training) {
    Stream64 in(path);
    parameters_ = read_flat<T>(in, layout_.parameters, layout_.parameter_count);
    statistics_ = read_flat<T>(in, layout_.statistics, layout_.statistic_count);
    for (int index = 0; index < micro_batches; ++index) {
      const auto pixels = in.take(images * model.input().count());
      const auto labels = in.take(images);
      batches_.push_back({{pixels.begin(), pixels.end()}, {}});
      for (const double label : labels) batches_.back().labels.push_back(static_cast<std::int32_t>(label));
    }
    if (!in.is_used_up()) throw Error("read " + path + ": numbers are left over");
  }

  void pass(std::vector<double>& out) {
    const std::vector<T> gradient = summed_gradient(&out);
    append(out, layout_.statistics, network_.batch_statistics());
    append(out, layout_.parameters, std::span<const T>(gradient));
    load(batches_[0]);
    network_.infer(parameters_, statistics_, network_.images());
    append_logits(out);
  }

  void steps(const optim::OptimizerOptions& options, double rate, int count, std::vector<double>& out) {
    std::vector<optim::TensorRange> ranges;
    for (const nn::Tensor& tensor : layout_.parameters)
      ranges.push_back({tensor.offset, tensor.count, tensor.decays});
    optim::Optimizer<T> optimizer(options, ranges, table_, 0, layout_.parameter_count);
    const optim::ScheduleOptions schedule{
        .kind = optim::ScheduleKind::cosine, .learning_rate = rate, .total_steps = count};
    for (int step = 0; step < count; ++step) {
      const std::vector<T> gradient = summed_gradient(nullptr);
      optimizer.step(step, optim::learning_rate_at(schedule, step), {}, gradient, parameters_);
    }
    append(out, layout_.parameters, std::span<const T>(parameters_));
  }

 private:
  void load(const MicroBatch& batch) {
    std::transform(batch.images.begin(), batch.images.end(), network_.input().begin(),
                   [](double value) { return static_cast<T>(value); });
  }

  static void append(std::vector<double>& out, const std::vector<nn::Tensor>& tensors,
                     std::span<const T> flat) {
    for (const nn::Tensor& tensor : tensors) {
      const std::vector<double> values = canonical(tensor, flat);
      out.insert(out.end(), values.begin(), values.end());
    }
  }

  void append_logits(std::vector<double>& out) {
    const auto stride = network_.logits().size() / static_cast<std::size_t>(network_.images());
    for (std::size_t n = 0; n < static_cast<std::size_t>(network_.images()); ++n) {
      const auto row = network_.logits().subspan(n * stride, static_cast<std::size_t>(model_.classes));
      out.insert(out.end(), row.begin(), row.end());
    }
  }

  /// Gradients of the mean loss over all micro-batches, summed as in training: through integers in float;
  /// plainly in double, whose precision the integers do not carry.
  std::vector<T> summed_gradient(std::vector<double>* logits) {
    const auto count = static_cast<std::size_t>(layout_.parameter_count);
    std::vector<std::int64_t> integers(count);
    std::vector<T> sum(count);
    const auto images = static_cast<std::size_t>(network_.images());
    const std::vector<double> weights(images, 1.0 / static_cast<double>(images * batches_.size()));
    for (const MicroBatch& batch : batches_) {
      load(batch);
      network_.forward(parameters_);
      if (logits) append_logits(*logits);
      kernels::cross_entropy<T>({model_.classes, 0}, network_.logits(), batch.labels, weights,
                                network_.d_logits());
      network_.backward(parameters_, [&](const nn::Tensor& tensor, std::span<const T> gradient) {
        if constexpr (sizeof(T) == sizeof(float)) {
          table_.accumulate_fixed_point(tensor.count, kGradientScaleBits, gradient.data(),
                                        integers.data() + tensor.offset);
        } else {
          table_.add(tensor.count, sum.data() + tensor.offset, gradient.data(), sum.data() + tensor.offset);
        }
      });
    }
    if constexpr (sizeof(T) == sizeof(float)) {
      table_.from_fixed_point(layout_.parameter_count, kGradientScaleBits, integers.data(), sum.data());
    }
    return sum;
  }

  nn::Model model_;
  nn::StateLayout layout_;
  const kernels::Table<T>& table_;
  nn::Network<T> network_;
  std::vector<T> parameters_, statistics_;
  std::vector<MicroBatch> batches_;
};

/// Reads the command line word by word.
class Words {
 public:
  Words(int count, char** words) : words_(words + 1, words + count) {}
  std::string text() {
    if (at_ == words_.size()) throw UsageError("too few words; see the head of network_dump.cpp");
    return words_[at_++];
  }
  int number() { return static_cast<int>(real()); }
  double real() {
    const std::string word = text();
    const auto value = parse_double(word);
    if (!value) throw UsageError("'" + word + "' is no number");
    return *value;
  }

 private:
  std::vector<std::string> words_;
  std::size_t at_ = 0;
};

nn::Model read_model(Words& words) {
  const std::string name = words.text(), stem = words.text();
  const int classes = words.number(), side = words.number();
  if (name == "tiny-resnet") return nn::tiny::tiny_resnet({3, side, side}, 12, 20, classes);
  return nn::build_model({.name = name, .stem = stem, .classes = classes, .input = {3, side, side}});
}

void print_tensors(const nn::Model& model) {
  const nn::StateLayout layout = nn::layout_state(model);
  for (const auto* tensors : {&layout.parameters, &layout.statistics}) {
    for (const nn::Tensor& tensor : *tensors) {
      std::cout << tensor.name;
      for (const std::int64_t extent : tensor.extents) std::cout << ' ' << extent;
      std::cout << '\n';
    }
  }
}

template <typename T>
Runner<T> read_runner(Words& words) {
  const nn::Model model = read_model(words);
  const int images = words.number(), micro_batches = words.number();
  return Runner<T>(model, images, micro_batches, words.text());
}

void write(const std::string& path, const std::vector<double>& values) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(values.data()),
             static_cast<std::streamsize>(values.size() * sizeof(double)));
  if (!file.flush()) throw Error("write " + path + " failed");
}

optim::OptimizerKind optimizer_named(const std::string& name) {
  using Kind = optim::OptimizerKind;
  for (const Kind kind : {Kind::sgd, Kind::adamw, Kind::lars})
    if (optim::name_of(kind) == name) return kind;
  throw UsageError("no optimizer '" + name + "'");
}

void run(Words words) {
  const std::string command = words.text();
  std::vector<double> out;
  if (command == "tensors") {
    return print_tensors(read_model(words));
  } else if (command == "pass") {
    if (words.text() == "float") {
      read_runner<float>(words).pass(out);
    } else {
      read_runner<double>(words).pass(out);
    }
  } else if (command == "steps") {
    optim::OptimizerOptions options;
    options.kind = optimizer_named(words.text());
    const double rate = words.real();
    options.weight_decay = words.real();
    const int count = words.number();
    read_runner<double>(words).steps(options, rate, count, out);
  } else {
    throw UsageError("no command '" + command + "'");
  }
  write(words.text(), out);
}

}  // namespace
}  // namespace cohort

int main(int argc, char** argv) {
  try {
    cohort::run({argc, argv});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "network_dump: %s\n", error.what());
    return 1;
  }
  return 0;
}
