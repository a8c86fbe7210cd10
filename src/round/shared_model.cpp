#include "cohort/round/shared_model.hpp"

namespace cohort::round {

Model share_model(comm::Communicator& comm, const nn::StateLayout& layout, const Model& model, int root) {
  const bool is_root = comm.rank() == root;
  const auto shared = [&](const AlignedBuffer<float>& values, std::int64_t count) {
    AlignedBuffer<float> all =
        is_root ? copy_of(values.span()) : AlignedBuffer<float>(static_cast<std::size_t>(count));
    comm.broadcast(all.span(), root);
    return all;
  };
  Model result;
  result.parameters = shared(model.parameters, layout.parameter_count);
  result.statistics = shared(model.statistics, layout.statistic_count);
  return result;
}

}  // namespace cohort::round
