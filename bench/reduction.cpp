// What exact summation costs beside a float all-reduce of the same gradients, for ResNet-18's 11.2 million
// parameters:
//   mpirun -n 2 --bind-to core bench_reduction
// exact = clear, convert and add four micro-batches, reduce-scatter of integers, convert back, gather the
// parameters. float = clear, add four micro-batches, MPI_Allreduce. Rounds alternate (A B A B …); medians and
// their ratio.
#include <mpi.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <vector>

#include "cohort/comm/communicator.hpp"
#include "cohort/comm/session.hpp"
#include "cohort/core/aligned_buffer.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/core/stopwatch.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/nn/state_layout.hpp"

namespace {

using namespace cohort;

constexpr int kMicroBatches = 4;
constexpr int kRounds = 15;

struct Problem {
  const kernels::Table<float>& table = kernels::exact_table("auto");
  nn::StateLayout layout = nn::layout_state(nn::build_model({"resnet18", "cifar", 7, {3, 28, 28}}));
  std::int64_t count = layout.parameter_count;
  AlignedBuffer<float> gradient{static_cast<std::size_t>(count)}, sum{static_cast<std::size_t>(count)},
      parameters{static_cast<std::size_t>(count)};
  AlignedBuffer<std::int64_t> integers{static_cast<std::size_t>(count)};
};

double exact_s(comm::Communicator& comm, Problem& p, const std::vector<std::int64_t>& offsets) {
  comm.sum(0);  // all ranks start together
  const Stopwatch watch;
  std::memset(p.integers.data(), 0, p.integers.size() * sizeof(std::int64_t));
  for (int i = 0; i < kMicroBatches; ++i)
    p.table.accumulate_fixed_point(p.count, kGradientScaleBits, p.gradient.data(), p.integers.data());
  comm.reduce_scatter_parts(p.integers.span(), offsets);
  const auto rank = static_cast<std::size_t>(comm.rank());
  p.table.from_fixed_point(offsets[rank + 1] - offsets[rank], kGradientScaleBits,
                           p.integers.data() + offsets[rank], p.sum.data() + offsets[rank]);
  comm.all_gather_parts(p.parameters.span(), offsets);
  return watch.elapsed_s();
}

double float_s(comm::Communicator& comm, Problem& p) {
  comm.sum(0);  // all ranks start together
  const Stopwatch watch;
  std::memset(p.sum.data(), 0, p.sum.size() * sizeof(float));
  for (int i = 0; i < kMicroBatches; ++i) p.table.add(p.count, p.sum.data(), p.gradient.data(), p.sum.data());
  MPI_Allreduce(MPI_IN_PLACE, p.sum.data(), static_cast<int>(p.count), MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
  return watch.elapsed_s();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + kRounds / 2, values.end());
  return values[kRounds / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const comm::Session session(argc, argv);
  comm::Communicator comm = comm::Communicator::world();
  Problem problem;
  RandomSequence random(0, Stream::test_inputs, 0);
  for (float& value : problem.gradient.span()) value = static_cast<float>(random.uniform(-1e-3, 1e-3));
  const auto offsets = comm::cut_at_boundaries(problem.layout.chunk_boundaries(), comm.ranks());
  std::vector<double> exact, plain;
  for (int round = 0; round < kRounds + 1; ++round) {
    const double e = exact_s(comm, problem, offsets), f = float_s(comm, problem);
    if (round == 0) continue;
    exact.push_back(e);
    plain.push_back(f);
  }
  if (comm.is_root()) {
    std::printf(
        "ranks %d  parameters %lld  exact %.1f ms  float %.1f ms  difference %.1f ms  (medians of %d)\n",
        comm.ranks(), static_cast<long long>(problem.count), median(exact) * 1e3, median(plain) * 1e3,
        (median(exact) - median(plain)) * 1e3, kRounds);
  }
  return 0;
}
