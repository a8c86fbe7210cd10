// The whole training step: images prepared, forward, backward, integer reduction, optimizer. A case is a
// string such as step/resnet18/cifar/s28/b128/m32/t1/avx512; --benchmark_filter=<case> runs it alone, and
// --benchmark_list_tests names those of this machine, the best instruction set first. Under mpirun each case
// runs on all ranks together and the root prints:
//   bench_step        mpirun -n 2 --bind-to core bench_step
#include "cohort/train/step.hpp"

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cohort/comm/communicator.hpp"
#include "cohort/comm/session.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/core/stopwatch.hpp"
#include "cohort/core/text.hpp"
#include "cohort/data/dataset.hpp"
#include "cohort/kernels/select.hpp"
#include "fma_peak.hpp"

namespace {

using namespace cohort;

constexpr int kSamples = 512;
constexpr int kSteps = 5;

struct Case {
  std::string model, stem;
  int size, batch, micro_batch, threads;
  std::string isa;
  [[nodiscard]] std::string name() const {
    return concat("step/", model, "/", stem, "/s", size, "/b", batch, "/m", micro_batch, "/t", threads, "/",
                  isa);
  }
};

/// A data set of random pixels, made in the temporary folder by the root and removed by it when all have it
/// open.
data::Dataset random_dataset(comm::Communicator& comm, int size) {
  std::string path;
  if (comm.is_root()) {
    path = std::filesystem::temp_directory_path() / concat("cohort_bench_", getpid(), "_", size, ".h5");
    data::PackOptions options;
    options.image = {3, size, size};
    options.classes = {"a", "b", "c", "d", "e", "f", "g"};
    options.normalization = {{0.5, 0.5, 0.5}, {0.3, 0.3, 0.3}};
    data::PackedSample sample;
    data::write_packed(path, options, kSamples, [&](std::int64_t i) -> const data::PackedSample& {
      RandomSequence random(0, Stream::test_inputs, static_cast<std::uint64_t>(i));
      sample.id = concat("sample", i);
      sample.label = static_cast<std::int32_t>(random.below(7));
      sample.pixels.resize(static_cast<std::size_t>(size * size * 3));
      for (std::uint8_t& pixel : sample.pixels) pixel = static_cast<std::uint8_t>(random.below(256));
      return sample;
    });
  }
  path = comm.broadcast(path);
  data::Dataset dataset = data::Dataset::open(path);
  comm.sum(0);  // every rank has opened it
  if (comm.is_root()) std::filesystem::remove(path);
  return dataset;
}

train::Recipe recipe_of(const Case& problem) {
  train::Recipe recipe;
  recipe.model = {problem.model, problem.stem, 7, {3, problem.size, problem.size}};
  recipe.batch_size = problem.batch;
  recipe.micro_batch = problem.micro_batch;
  recipe.epochs = 1000;
  return recipe;
}

void run_case(benchmark::State& state, comm::Communicator& comm, const Case& problem) {
  const data::Dataset dataset = random_dataset(comm, problem.size);
  const train::Recipe recipe = recipe_of(problem);
  const kernels::Table<float>& table = kernels::exact_table(problem.isa);
  const nn::Model model = nn::build_model(recipe.model);
  const nn::StateLayout layout = nn::layout_state(model);
  train::WorkerPool pool(problem.threads);
  train::Trainee trainee(comm, pool, table, dataset, model, layout, recipe);
  trainee.initialise();
  trainee.step();  // first touch of all memory

  double compute_s = 0, reduce_s = 0, update_s = 0, peak = bench::fma_peak_gflops(problem.isa);
  Stopwatch watch;
  for (auto _ : state) {
    const train::StepResult result = trainee.step();
    compute_s += result.compute_s;
    reduce_s += result.reduce_s;
    update_s += result.update_s;
  }
  const double steps = static_cast<double>(state.iterations());
  const double step_s = watch.elapsed_s() / steps;
  peak = std::max(peak, bench::fma_peak_gflops(problem.isa));
  const double workers = comm.ranks() * problem.threads;
  const double gflops = nn::training_flops(model) * problem.batch / step_s * 1e-9;
  state.counters["images_per_s"] = problem.batch / step_s;
  state.counters["gflops"] = gflops;
  state.counters["peak_gflops_a_core"] = peak;
  state.counters["of_peak"] = gflops / (peak * workers);
  state.counters["compute_ms"] = compute_s / steps * 1e3;
  state.counters["reduce_ms"] = reduce_s / steps * 1e3;
  state.counters["update_ms"] = update_s / steps * 1e3;
}

/// Vectorised instruction sets that every rank has, best first; scalar where there is no other.
std::vector<std::string> common_isas(comm::Communicator& comm) {
  const std::vector<kernels::Isa> mine = kernels::available_isas();
  std::vector<std::string> names;
  for (const kernels::Isa isa : {kernels::Isa::avx512, kernels::Isa::avx2, kernels::Isa::neon}) {
    const bool has = std::find(mine.begin(), mine.end(), isa) != mine.end();
    if (comm.min(has ? 1 : 0) == 1) names.emplace_back(kernels::name_of(isa));
  }
  if (names.empty()) names.emplace_back(kernels::name_of(kernels::Isa::scalar));
  return names;
}

/// ResNet-18 on each of `isas`; two threads and the small network on the first.
std::vector<Case> cases_on(const std::vector<std::string>& isas) {
  std::vector<Case> cases;
  for (const std::string& isa : isas) {
    cases.push_back({"resnet18", "cifar", 28, 128, 32, 1, isa});
    cases.push_back({"resnet18", "imagenet", 64, 128, 32, 1, isa});
  }
  cases.push_back({"resnet18", "cifar", 28, 128, 32, 2, isas.front()});
  cases.push_back({"cnn-small", "", 48, 64, 16, 1, isas.front()});
  return cases;
}

/// Says nothing: for every rank but the root.
class Silent : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>&) override {}
};

}  // namespace

int main(int argc, char** argv) {
  const comm::Session session(argc, argv);
  benchmark::Initialize(&argc, argv);
  comm::Communicator comm = comm::Communicator::world();
  for (const Case& problem : cases_on(common_isas(comm))) {
    benchmark::RegisterBenchmark(
        problem.name().c_str(), [&comm, problem](benchmark::State& state) { run_case(state, comm, problem); })
        ->Iterations(kSteps)
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
  }
  Silent silent;
  if (comm.is_root()) {
    benchmark::RunSpecifiedBenchmarks();
  } else {
    benchmark::RunSpecifiedBenchmarks(&silent);
  }
  return 0;
}
