// What a Communicator holds, and the one way from an MPI error code to an exception.
#pragma once

#include <mpi.h>

#include <cstdint>
#include <string_view>

#include "cohort/comm/communicator.hpp"
#include "cohort/core/aligned_buffer.hpp"

namespace cohort::comm {

/// Throws CommError "<collective>: <MPI's words>" unless `code` is success.
void check(int code, std::string_view collective);

struct Communicator::State {
  MPI_Comm handle = MPI_COMM_NULL;  ///< null for a process alone, which calls no MPI
  int rank = 0;
  int ranks = 1;
  int forbidden_depth = 0;
  AlignedBuffer<std::int64_t> scratch;  ///< of reduce_scatter_parts, kept between calls

  State() = default;
  /// Takes over the handle.
  explicit State(MPI_Comm owned);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  [[nodiscard]] bool is_alone() const { return ranks == 1; }
};

}  // namespace cohort::comm
