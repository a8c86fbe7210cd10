// Deals whole groups of samples into bins of given sizes, stratified by class.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cohort/data/dataset.hpp"

namespace cohort::data {

struct Deal {
  std::vector<std::vector<std::int32_t>> bins;  ///< each ascending
  std::vector<std::int32_t> leftover;           ///< ascending
};

/// Samples of `pool` (ascending) that share a patient or lesion stay together. Groups come in seeded order,
/// the largest first; each goes where, by Sainte-Laguë's rule, its classes are least full, among the bins
/// that have room for it; ties go to the earlier bin. A group that no bin has room for is left over.
Deal deal_groups(const Dataset& dataset, std::span<const std::int32_t> pool,
                 std::span<const std::int64_t> sizes, std::uint64_t seed);

}  // namespace cohort::data
