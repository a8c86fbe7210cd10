// The global batch of any step: which samples it holds and what each weighs. The same on every rank.
#pragma once

#include <cstdint>
#include <vector>

#include "cohort/data/dataset.hpp"
#include "cohort/data/draws.hpp"
#include "cohort/train/options.hpp"

namespace cohort::train {

struct GlobalBatch {
  std::int64_t first_draw = 0;
  std::vector<std::int32_t> samples, labels;
  std::vector<double>
      weights;  ///< class weight / sum of the batch's class weights: a batch's weights add up to 1
};

/// Training draws of a data set in batches; needs no state, so that any step can be asked for at any time.
class BatchSource {
 public:
  BatchSource(const data::Dataset& dataset, const Recipe& recipe);
  /// Draws step * batch_size and following.
  GlobalBatch at(std::int64_t step);

 private:
  const data::Dataset* dataset_;
  std::int64_t batch_size_;
  std::vector<double> class_weights_;
  data::DrawSequence draws_;
};

}  // namespace cohort::train
