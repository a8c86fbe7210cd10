// Which candidate owns which samples: shared by all, cut into disjoint batches, or by a column's values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cohort/core/digest.hpp"
#include "cohort/data/dataset.hpp"

namespace cohort::data {

/// shared: every candidate sees all; split: disjoint batches; by_column: one candidate per value (site,
/// device).
enum class PartitionRule { shared, split, by_column };

/// How samples are dealt out. Sizes from 1 on are numbers of samples, below 1 shares of an even cut of the
/// pool (train and validation split together); one value for all candidates, or one for each.
struct PartitionOptions {
  PartitionRule rule = PartitionRule::shared;
  std::string column;                   ///< by_column only
  std::vector<double> train{0.9};       ///< split only
  std::vector<double> validation{0.1};  ///< split only
  std::uint64_t seed = 0;
};

/// What one candidate owns; indices ascending.
struct Part {
  std::string name;  ///< "device-03", or the column's value
  std::vector<std::int32_t> train, validation;
};

/// The parts of all candidates, what nobody got, and what people should know.
struct Partition {
  std::vector<Part> parts;
  std::vector<std::int32_t> leftover;
  std::vector<std::string> notes;
};

/// Deals out the training and validation samples; test and hidden ones never.
///
/// split: whole groups only (samples that share a patient, a lesion or their pixels), each to one part of one
/// candidate, stratified by class; a group that fits nowhere is left over. by_column: values in ascending
/// byte order, each with its own part of the data set's training and validation split; `candidates` 0 takes
/// all values. A candidate without training samples is left out with a note, one without validation samples
/// stays with a note.
///
/// Depends on (data set, candidates, options) alone. Throws UsageError for sizes that are not there (more
/// samples asked for than exist, with both numbers), a number of sizes that fits no number of candidates,
/// another number of values than `candidates`; DataError for a missing column.
Partition partition(const Dataset& dataset, int candidates, const PartitionOptions& options);

/// The data set as one candidate sees it: its own training and validation samples, all others hidden.
Dataset view_of(const Dataset& dataset, const Part& part);

/// SHA-256 over the names and the subset digests of all parts, in order.
Digest partition_digest(const Dataset& dataset, const Partition& partition);

}  // namespace cohort::data
