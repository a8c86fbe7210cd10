#include "cohort/train/checkpoint.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>

#include "cohort/core/error.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/store/container.hpp"
#include "support/tiny_run.hpp"
#include "train/checkpoint_layout.hpp"

namespace cohort::train {
namespace {

namespace fs = std::filesystem;

/// Counter-made values in every lane that holds one, +0 in the padding.
AlignedBuffer<float> made_up(const std::vector<nn::Tensor>& tensors, std::int64_t count, std::uint64_t draw) {
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

void flip_bit(const fs::path& path, std::size_t position) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(position));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(position));
  file.put(static_cast<char>(byte ^ 4));
}

bool equal(const AlignedBuffer<float>& a, const AlignedBuffer<float>& b) {
  return a.size() == b.size() && std::equal(a.data(), a.data() + a.size(), b.data());
}

std::string failure_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const CheckpointError& error) {
    return error.what();
  }
  return "no CheckpointError";
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

TEST_F(CheckpointFile, RotationKeepsTheFormer) {
  for (const std::int64_t step : {1, 2, 3}) {
    Checkpoint made = checkpoint(step);
    rotate_checkpoint(folder_.path(), layout_, made);
  }
  EXPECT_EQ(read_checkpoint_header(folder_.path() / "last.h5").step, 3);
  EXPECT_EQ(read_checkpoint_header(folder_.path() / "last.prev.h5").step, 2);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()), 2)
      << "nothing else is left";
}

TEST_F(CheckpointFile, NewestFallsBackToTheFormer) {
  EXPECT_FALSE(read_newest(folder_.path(), log_).has_value());
  for (const std::int64_t step : {1, 2}) {
    Checkpoint made = checkpoint(step);
    rotate_checkpoint(folder_.path(), layout_, made);
  }
  EXPECT_EQ(read_newest(folder_.path(), log_)->header.step, 2);

  const fs::path last = folder_.path() / "last.h5";
  const fs::path log_file = folder_.path() / "log.txt";
  Log log(true);
  log.set_quiet(true);
  log.open_file(log_file.string());
  fs::resize_file(last, fs::file_size(last) - 1000);
  EXPECT_EQ(read_newest(folder_.path(), log)->header.step, 1);
  EXPECT_NE(store::read_text(log_file).find("continuing from"), std::string::npos);
  EXPECT_FALSE(fs::exists(last));
  EXPECT_EQ(read_newest(folder_.path(), log_)->header.step, 1);
  fs::resize_file(folder_.path() / "last.prev.h5", 100);
  EXPECT_THROW(read_newest(folder_.path(), log_), CheckpointError);
}

TEST_F(CheckpointFile, DamageIsNeverRotatedOverTheFormer) {
  for (const std::int64_t step : {1, 2}) {
    Checkpoint made = checkpoint(step);
    rotate_checkpoint(folder_.path(), layout_, made);
  }
  const fs::path last = folder_.path() / "last.h5", former = folder_.path() / "last.prev.h5";
  flip_bit(last, static_cast<std::size_t>(
                     store::ContainerReader(last).info("optimizer/m/conv3/weight").file_offset));
  const std::string damaged = store::read_text(last);
  // A second name for the former file's data: only a file that nobody replaced still has it.
  const fs::path witness = folder_.path() / "witness";
  fs::create_hard_link(former, witness);

  Checkpoint found = *read_newest(folder_.path(), log_);
  EXPECT_EQ(found.header.step, 1);
  EXPECT_EQ(store::read_text(folder_.path() / "last.damaged.h5"), damaged)
      << "kept for whoever looks into it";
  rotate_checkpoint(folder_.path(), layout_, found);
  EXPECT_TRUE(fs::equivalent(former, witness)) << "a crash before the last rename would have lost both";
  EXPECT_EQ(read_checkpoint(former).header.step, 1);
  EXPECT_EQ(read_checkpoint(last).header.step, 1);

  Checkpoint next = checkpoint(3);
  rotate_checkpoint(folder_.path(), layout_, next);
  EXPECT_EQ(read_checkpoint(last).header.step, 3);
  EXPECT_FALSE(fs::equivalent(former, witness)) << "rotation goes on with a whole last file";
}

TEST_F(CheckpointFile, DamageStaysInPlaceWhenThereIsNothingElse) {
  saved(folder_.path() / "last.h5", 1);
  saved(folder_.path() / "last.prev.h5", 2);
  for (const char* name : {"last.h5", "last.prev.h5"}) fs::resize_file(folder_.path() / name, 100);
  EXPECT_THROW(read_newest(folder_.path(), log_), CheckpointError);
  EXPECT_TRUE(fs::exists(folder_.path() / "last.h5"));
  EXPECT_FALSE(fs::exists(folder_.path() / "last.damaged.h5"));
}

}  // namespace
}  // namespace cohort::train
