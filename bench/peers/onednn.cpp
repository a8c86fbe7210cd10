// Our convolutions beside oneDNN's direct ones, one thread, in one process, in turns (A B A B …), best of all
// rounds. oneDNN chooses its own layouts, and arranging its weights is not counted.
//   bench_onednn [rounds [case...]]        cases as in bench_kernels
//   ONEDNN_MAX_CPU_ISA=AVX2 bench_onednn   oneDNN without AVX-512
#include <omp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <dnnl.hpp>
#include <limits>
#include <string>
#include <unordered_map>
#include <vector>

#include "cohort/core/stopwatch.hpp"
#include "cohort/kernels/select.hpp"
#include "conv_cases.hpp"
#include "fma_peak.hpp"

namespace {

using namespace cohort;

/// The three passes of one convolution in oneDNN.
class OneDnn {
 public:
  explicit OneDnn(const kernels::ConvShape& s) {
    using dnnl::memory;
    const auto any = [](const memory::dims& dims) {
      return memory::desc(dims, memory::data_type::f32, memory::format_tag::any);
    };
    const auto src = any({s.images, s.source_channels, s.height, s.width});
    const auto weight = any({s.destination_channels, s.source_channels, s.kernel_height, s.kernel_width});
    const auto dst = any({s.images, s.destination_channels, s.destination_height(), s.destination_width()});
    const memory::dims strides{s.stride, s.stride}, pads{s.pad_height, s.pad_width};
    const auto direct = dnnl::algorithm::convolution_direct;

    using Forward = dnnl::convolution_forward;
    const Forward::primitive_desc forward(
        {dnnl::prop_kind::forward_training, direct, src, weight, dst, strides, pads, pads}, engine_);
    add(Forward(forward), {{DNNL_ARG_SRC, forward.src_desc()},
                           {DNNL_ARG_WEIGHTS, forward.weights_desc()},
                           {DNNL_ARG_DST, forward.dst_desc()}});
    using BackwardData = dnnl::convolution_backward_data;
    const BackwardData::primitive_desc data({direct, src, weight, dst, strides, pads, pads}, engine_,
                                            forward);
    add(BackwardData(data), {{DNNL_ARG_DIFF_SRC, data.diff_src_desc()},
                             {DNNL_ARG_WEIGHTS, data.weights_desc()},
                             {DNNL_ARG_DIFF_DST, data.diff_dst_desc()}});
    using BackwardWeights = dnnl::convolution_backward_weights;
    const BackwardWeights::primitive_desc weights({direct, src, weight, dst, strides, pads, pads}, engine_,
                                                  forward);
    add(BackwardWeights(weights), {{DNNL_ARG_SRC, weights.src_desc()},
                                   {DNNL_ARG_DIFF_WEIGHTS, weights.diff_weights_desc()},
                                   {DNNL_ARG_DIFF_DST, weights.diff_dst_desc()}});
  }

  void run(std::size_t pass) {
    passes_[pass].primitive.execute(stream_, passes_[pass].arguments);
    stream_.wait();
  }

 private:
  struct Pass {
    dnnl::primitive primitive;
    std::unordered_map<int, dnnl::memory> arguments;
  };

  void add(const dnnl::primitive& primitive,
           const std::vector<std::pair<int, dnnl::memory::desc>>& arguments) {
    Pass pass{primitive, {}};
    for (const auto& [name, description] : arguments) {
      dnnl::memory memory(description, engine_);
      auto* values = static_cast<float*>(memory.get_data_handle());
      for (std::size_t i = 0; i < description.get_size() / sizeof(float); ++i) {
        values[i] = static_cast<float>(i * 7919 % 1013) * 0.002f - 1.0f;
      }
      pass.arguments.emplace(name, memory);
    }
    passes_.push_back(std::move(pass));
  }

  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  std::vector<Pass> passes_;
};

template <typename Run>
double seconds(Run run) {
  const Stopwatch watch;
  run();
  return watch.elapsed_s();
}

void compare(const std::string& name, int rounds) {
  const kernels::ConvShape shape = bench::parse_conv_case(name);
  std::vector<const kernels::Table<float>*> tables;
  std::size_t scratch_bytes = 0;
  for (const kernels::Isa isa : kernels::available_isas()) {
    if (isa == kernels::Isa::scalar) continue;
    tables.push_back(&kernels::exact_table(isa));
    scratch_bytes = std::max(scratch_bytes, tables.back()->conv_scratch_bytes(shape));
  }
  bench::ConvArrays ours(shape, scratch_bytes);
  OneDnn theirs(shape);
  for (std::size_t pass = 0; pass < 3; ++pass) {
    if (shape.thin_source && pass == 1) continue;
    std::vector<double> best_s(tables.size() + 1, std::numeric_limits<double>::infinity());
    double peak = 0;
    for (int round = 0; round < rounds; ++round) {
      for (std::size_t i = 0; i < tables.size(); ++i) {
        best_s[i] = std::min(best_s[i], seconds([&] { ours.run(*tables[i], bench::kPasses[pass]); }));
      }
      best_s.back() = std::min(best_s.back(), seconds([&] { theirs.run(pass); }));
      peak = std::max(peak, bench::fma_peak_gflops(tables.front()->name, 1));
    }
    std::printf("| %s | %s |", name.c_str(), bench::kPasses[pass]);
    for (const double time_s : best_s) std::printf(" %.0f |", shape.flops() / time_s * 1e-9);
    std::printf(" %.2f | %.2f |\n", best_s.back() / best_s.front(),
                shape.flops() / best_s.front() * 1e-9 / peak);
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  omp_set_num_threads(1);
  kernels::set_float_environment();
  try {
    const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 10;
    std::printf("| case | pass |");
    for (const kernels::Isa isa : kernels::available_isas()) {
      if (isa != kernels::Isa::scalar) std::printf(" %s |", std::string(kernels::name_of(isa)).c_str());
    }
    std::printf(" oneDNN | ours / oneDNN | of peak |\n");
    if (argc > 2) {
      for (int i = 2; i < argc; ++i) compare(argv[i], rounds);
    } else {
      for (const std::string& name : bench::default_conv_cases()) compare(name, rounds);
    }
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return static_cast<int>(error.code());
  }
}
