#include "cohort/train/worker_pool.hpp"

#include "cohort/kernels/select.hpp"

namespace cohort::train {

WorkerPool::WorkerPool(int workers) : ThreadTeam(workers, kernels::set_float_environment) {}

}  // namespace cohort::train
