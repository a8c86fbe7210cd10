// Which of a source's samples an import takes.
#pragma once

#include "cohort/data/import.hpp"

namespace cohort::data {

/// Leaves the chosen classes, in the source's order, and of each at most so many samples: those of the
/// lesions (samples without one: those samples) whose SHA-256 with the seed is smallest, so that the choice
/// depends on ids and seed alone; a lesion is taken whole or not at all. Throws UsageError naming classes
/// that the source does not have, or when fewer than two are left; DataError naming the classes that would be
/// left without a sample, because even their smallest lesion is larger than the limit.
void select_samples(Manifest& manifest, const Selection& selection, std::uint64_t seed);

}  // namespace cohort::data
