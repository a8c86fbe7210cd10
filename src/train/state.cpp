#include "cohort/train/state.hpp"

#include "cohort/core/error.hpp"
#include "cohort/core/numerics.hpp"

namespace cohort::train {

Digest state_digest(const nn::StateLayout& layout, const FullState& state) {
  require(state.slots.size() == state.slot_names.size(), "state_digest: one name per optimizer buffer");
  Sha256 hash;
  hash.update_field("cohort-state");
  hash.update_u64(static_cast<std::uint64_t>(kNumericsVersion));
  hash.update_u64(static_cast<std::uint64_t>(state.step));
  nn::update_digest(hash, layout.parameters, state.parameters.span());
  nn::update_digest(hash, layout.statistics, state.statistics.span());
  for (std::size_t slot = 0; slot < state.slots.size(); ++slot) {
    hash.update_field(state.slot_names[slot]);
    nn::update_digest(hash, layout.parameters, state.slots[slot].span());
  }
  if (state.ema_parameters.size() > 0) {
    hash.update_field("ema");
    nn::update_digest(hash, layout.parameters, state.ema_parameters.span());
    nn::update_digest(hash, layout.statistics, state.ema_statistics.span());
  }
  return hash.finish();
}

}  // namespace cohort::train
