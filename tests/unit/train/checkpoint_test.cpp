#include "cohort/train/checkpoint.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "cohort/core/error.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/store/container.hpp"
#include "train/checkpoint_layout.hpp"
#include "unit/train/checkpoint_file.hpp"

namespace cohort::train {
namespace {

bool equal(const AlignedBuffer<float>& a, const AlignedBuffer<float>& b) {
  return a.size() == b.size() && std::equal(a.data(), a.data() + a.size(), b.data());
}

TEST_F(CheckpointFile, ReturnsWhatWasSaved) {
  const Checkpoint made = saved(path_, 12), read = read_checkpoint(path_);
  EXPECT_TRUE(equal(read.state.parameters, made.state.parameters));
  EXPECT_TRUE(equal(read.state.statistics, made.state.statistics));
  EXPECT_EQ(read.state.slot_names, made.state.slot_names);
  for (std::size_t slot = 0; slot < 2; ++slot)
    EXPECT_TRUE(equal(read.state.slots[slot], made.state.slots[slot]));
  EXPECT_TRUE(equal(read.state.ema_parameters, made.state.ema_parameters));
  EXPECT_TRUE(equal(read.state.ema_statistics, made.state.ema_statistics));
  EXPECT_EQ(read.state.step, 12);
  EXPECT_EQ(read.header.state_digest, state_digest(layout_, made.state));
}

TEST_F(CheckpointFile, ReturnsTheWholeHeader) {
  const Checkpoint made = saved(path_, 12);
  const CheckpointHeader read = read_checkpoint_header(path_);
  EXPECT_EQ(header_digest(read), header_digest(made.header));
  EXPECT_EQ(read.classes, made.header.classes);
  EXPECT_EQ(read.recipe, made.header.recipe);
  ASSERT_EQ(read.history.size(), 1U);
  EXPECT_TRUE(std::isnan(read.history[0].auc_macro));
  EXPECT_EQ(read.history[0].images_per_s, 99);
  EXPECT_EQ(read.provenance, made.header.provenance);
  EXPECT_EQ(read.model.input, (Shape{3, 20, 20}));
}

TEST_F(CheckpointFile, WorksWithoutAverageAndHistory) {
  Checkpoint made = checkpoint(0, false);
  made.header.history.clear();
  made.header.config_toml.clear();
  save_checkpoint(path_, layout_, made);
  const Checkpoint read = read_checkpoint(path_);
  EXPECT_EQ(read.state.ema_parameters.size(), 0U);
  EXPECT_TRUE(read.header.history.empty());
}

TEST_F(CheckpointFile, EqualCheckpointsAreEqualFiles) {
  saved(path_, 3);
  saved(folder_.path() / "again.h5", 3);
  EXPECT_EQ(store::read_text(path_), store::read_text(folder_.path() / "again.h5"));
}

TEST_F(CheckpointFile, HasTheNamesThatViewersLookFor) {
  saved(path_, 3);
  const store::ContainerReader file(path_);
  const auto layers = file.strings_attribute("/", "layer_names");
  ASSERT_FALSE(layers.empty());
  EXPECT_EQ(layers[0], "model/conv1");
  for (const std::string& layer : layers)
    for (const std::string& tensor : file.strings_attribute(layer, "weight_names"))
      EXPECT_TRUE(file.contains(layer + "/" + tensor)) << layer << " " << tensor;
  EXPECT_EQ(file.info("model/conv1/weight").extents, (store::Extents{32, 3, 5, 5}));
  EXPECT_EQ(file.info("optimizer/v/fc/bias").extents, (store::Extents{3}));
  EXPECT_TRUE(file.contains("model/bn1/running_var"));
  EXPECT_TRUE(file.contains("ema/bn1/running_mean"));
}

TEST_F(CheckpointFile, DigestCoversEverything) {
  const Checkpoint base = checkpoint(12);
  const Digest digest = state_digest(layout_, base.state);
  const auto changed = [&](const std::function<void(FullState&)>& change) {
    Checkpoint other = checkpoint(12);
    change(other.state);
    return state_digest(layout_, other.state) != digest;
  };
  EXPECT_TRUE(changed([](FullState& s) { s.step = 13; }));
  EXPECT_TRUE(changed([](FullState& s) { s.parameters[0] += 1; }));
  EXPECT_TRUE(changed([](FullState& s) { s.statistics[0] += 1; }));
  EXPECT_TRUE(changed([](FullState& s) { s.slots[1][0] += 1; }));
  EXPECT_TRUE(changed([](FullState& s) { std::swap(s.slot_names[0], s.slot_names[1]); }));
  EXPECT_TRUE(changed([](FullState& s) { s.ema_parameters[0] += 1; }));
  EXPECT_TRUE(changed([](FullState& s) { s.ema_statistics[0] += 1; }));
  EXPECT_TRUE(changed([](FullState& s) { s.ema_parameters = {}; }));
  EXPECT_FALSE(changed([](FullState&) {}));
}

TEST_F(CheckpointFile, NamesTheProblemOfADamagedFile) {
  saved(path_, 3);
  EXPECT_NE(failure_of([&] { read_checkpoint(folder_.path() / "none.h5"); }).find("none.h5"),
            std::string::npos);
  fs::resize_file(path_, fs::file_size(path_) / 2);
  EXPECT_NE(failure_of([&] { read_checkpoint(path_); }).find("state.h5"), std::string::npos);
  std::ofstream(path_) << "not HDF5 at all";
  EXPECT_NE(failure_of([&] { read_checkpoint_header(path_); }).find("state.h5"), std::string::npos);
}

TEST_F(CheckpointFile, NoticesAFlippedBitInTensorsAndHeader) {
  saved(path_, 3);
  const auto offset =
      static_cast<std::size_t>(store::ContainerReader(path_).info("optimizer/m/conv3/weight").file_offset);
  flip_bit(path_, offset + 1001);
  EXPECT_NE(failure_of([&] { read_checkpoint(path_); }).find("damaged"), std::string::npos);

  saved(path_, 3);
  const std::size_t where = store::read_text(path_).find("seed=7");
  ASSERT_NE(where, std::string::npos);
  flip_bit(path_, where + 5);
  EXPECT_NE(failure_of([&] { read_checkpoint(path_); }).find("damaged"), std::string::npos);
  EXPECT_NE(failure_of([&] { read_checkpoint_header(path_); }).find("damaged"), std::string::npos);
}

TEST_F(CheckpointFile, RefusesAnotherNumericsVersionByName) {
  Checkpoint made = checkpoint(3);
  made.header.numerics_version = kNumericsVersion + 1;
  try {  // writing verifies by reading, so it is refused there already
    save_checkpoint(path_, layout_, made);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("numerics_version"), std::string::npos) << error.what();
  }
  EXPECT_FALSE(fs::exists(path_));
}

}  // namespace
}  // namespace cohort::train
