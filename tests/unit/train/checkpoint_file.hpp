// What the tests of checkpoint files share: a checkpoint of counter-made values in a folder of its own.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "cohort/core/error.hpp"
#include "cohort/core/log.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/train/checkpoint.hpp"
#include "support/tiny_run.hpp"

namespace cohort::train {

namespace fs = std::filesystem;

/// Counter-made values in every lane that holds one, +0 in the padding.
inline AlignedBuffer<float> made_up(const std::vector<nn::Tensor>& tensors, std::int64_t count,
                                    std::uint64_t draw) {
  AlignedBuffer<float> flat(static_cast<std::size_t>(count));
  RandomSequence random(1, Stream::test_inputs, draw);
  for (const nn::Tensor& tensor : tensors) {
    std::vector<float> values(static_cast<std::size_t>(tensor.canonical_count()));
    for (float& value : values) value = static_cast<float>(random.uniform(-1, 1));
    nn::from_canonical(tensor, values, flat.span());
  }
  return flat;
}

class CheckpointFile : public testing::Test {
 protected:
  CheckpointFile() : layout_(nn::layout_state(nn::build_model(options()))) {}

  static nn::ModelOptions options() { return {"cnn-small", "", 3, {3, 20, 20}}; }

  [[nodiscard]] Checkpoint checkpoint(std::int64_t step, bool has_average = true) const {
    Checkpoint made;
    CheckpointHeader& header = made.header;
    header.numerics_version = kNumericsVersion;
    header.model = options();
    header.classes = {"akiec", "bcc", "nävus"};
    header.normalization = {{0.1, 0.2, 0.3}, {0.4, 0.5, 0.6}};
    header.step = step;
    header.epoch = 1.25;
    header.elapsed_s = 17.5;
    header.recipe = recipe_text(tests::tiny_job().recipe);
    header.dataset_digest = sha256("the data set");
    header.history = {{0.5, 2, 3.5, 1.1, 1.2, 0.5, 0.4, std::numeric_limits<double>::quiet_NaN(), 0.05, 99}};
    header.interval_loss = 2.5;
    header.interval_steps = 3;
    header.best_score = 0.4;
    header.has_best = true;
    header.program_version = "0.1.0";
    header.created = "2026-01-31T12:00:00Z";
    header.provenance = "cohort train\n2 ranks\n";
    header.config_toml = "seed = 7\n";
    made.state.step = step;
    made.state.parameters = parameters(1);
    made.state.statistics = statistics(2);
    made.state.slot_names = {"m", "v"};
    made.state.slots.push_back(parameters(3));
    made.state.slots.push_back(parameters(4));
    if (has_average) {
      made.state.ema_parameters = parameters(5);
      made.state.ema_statistics = statistics(6);
    }
    return made;
  }
  [[nodiscard]] AlignedBuffer<float> parameters(std::uint64_t draw) const {
    return made_up(layout_.parameters, layout_.parameter_count, draw);
  }
  [[nodiscard]] AlignedBuffer<float> statistics(std::uint64_t draw) const {
    return made_up(layout_.statistics, layout_.statistic_count, draw);
  }
  Checkpoint saved(const fs::path& path, std::int64_t step) const {
    Checkpoint made = checkpoint(step);
    save_checkpoint(path, layout_, made);
    return made;
  }

  const nn::StateLayout layout_;
  const tests::TemporaryFolder folder_{"checkpoint"};
  const fs::path path_ = folder_.path() / "state.h5";
  Log log_{false};
};

inline void flip_bit(const fs::path& path, std::size_t position) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(position));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(position));
  file.put(static_cast<char>(byte ^ 4));
}

/// What a CheckpointError says.
inline std::string failure_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const CheckpointError& error) {
    return error.what();
  }
  return "no CheckpointError";
}

}  // namespace cohort::train
