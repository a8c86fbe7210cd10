// A data set of counter-made pixels and a job small enough to train in a blink: for tests of the step and the
// run.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "cohort/core/philox.hpp"
#include "cohort/core/text.hpp"
#include "cohort/data/dataset.hpp"
#include "cohort/train/options.hpp"

namespace cohort::tests {

inline constexpr int kTinySize = 20, kTinyClasses = 3;

struct TinyData {
  int train = 72, validation = 21, test = 9;
  std::uint64_t seed = 5;
};

/// Noise with a tint per class, so that there is something to learn; classes come round robin, the first
/// twice.
inline data::PackedSample tiny_sample(const TinyData& tiny, int index) {
  data::PackedSample sample;
  sample.id = concat("image_", 1000 + index);
  sample.lesion = concat("lesion_", 1000 + index);
  sample.label = index % (kTinyClasses + 1) % kTinyClasses;
  sample.split = index < tiny.train                     ? data::Split::train
                 : index < tiny.train + tiny.validation ? data::Split::validation
                                                        : data::Split::test;
  RandomSequence random(tiny.seed, Stream::test_inputs, static_cast<std::uint64_t>(index));
  sample.pixels.resize(std::size_t{kTinySize} * kTinySize * 3);
  for (std::size_t i = 0; i < sample.pixels.size(); ++i) {
    const auto tint = static_cast<std::int32_t>(i % 3) == sample.label ? 60U : 0U;
    sample.pixels[i] = static_cast<std::uint8_t>(random.below(180) + tint);
  }
  return sample;
}

inline void write_tiny_data(const std::filesystem::path& path, const TinyData& tiny = {}) {
  data::PackOptions options;
  options.image = {3, kTinySize, kTinySize};
  options.classes = {"akiec", "bcc", "nv"};
  options.normalization = {{0.4, 0.45, 0.5}, {0.2, 0.25, 0.3}};
  options.import_command = "made by a test";
  data::PackedSample sample;
  data::write_packed(path, options, tiny.train + tiny.validation + tiny.test,
                     [&](std::int64_t index) -> const data::PackedSample& {
                       sample = tiny_sample(tiny, static_cast<int>(index));
                       return sample;
                     });
}

/// Four steps of seven micro-batches: shares are uneven on two and three ranks, batches cross epochs.
inline train::Job tiny_job(const std::filesystem::path& out = {}) {
  train::Job job;
  train::Recipe& recipe = job.recipe;
  recipe.model.name = "cnn-small";
  recipe.model.stem = "";
  recipe.seed = 7;
  recipe.batch_size = 56;
  recipe.micro_batch = 8;
  recipe.epochs = 3;
  recipe.label_smoothing = 0.05;
  recipe.class_weights = train::ClassWeights::balanced;
  recipe.schedule.learning_rate = 0.05;
  recipe.augment.shift = 2;
  recipe.augment.brightness = 0.1;
  job.execution.out = out;
  return job;
}

/// A new empty folder below the system's temporary one, removed with its contents at the end.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::string& name)
      : path_(std::filesystem::temp_directory_path() / concat("cohort-test-", name, "-", ::getpid())) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace cohort::tests
