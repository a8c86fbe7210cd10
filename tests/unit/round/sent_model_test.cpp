#include "cohort/round/sent_model.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "cohort/core/error.hpp"
#include "cohort/optim/optimizer.hpp"
#include "cohort/store/container.hpp"
#include "unit/train/checkpoint_file.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAreArray;
using testing::HasSubstr;

class SentModel : public train::CheckpointFile {
 protected:
  /// As the optimizer keeps it, with other values in every tensor.
  [[nodiscard]] train::Checkpoint of(optim::OptimizerKind kind, bool has_average,
                                     const std::string& validated = "raw") const {
    train::Checkpoint made = checkpoint(12, has_average);
    made.header.validated_weights = validated;
    made.state.slot_names.clear();
    made.state.slots.clear();
    for (const std::string_view name : optim::slot_names(kind)) {
      made.state.slots.push_back(parameters(10 + made.state.slots.size()));
      made.state.slot_names.emplace_back(name);
    }
    make_variances_positive(made.state.statistics);
    if (has_average) make_variances_positive(made.state.ema_statistics);
    return made;
  }
  void make_variances_positive(AlignedBuffer<float>& statistics) const {
    for (const nn::Tensor& tensor : layout_.statistics)
      if (tensor.role == nn::TensorRole::running_variance)
        for (float& value : part(statistics, tensor)) value = std::abs(value);
  }
  static std::span<float> part(AlignedBuffer<float>& flat, const nn::Tensor& tensor) {
    return flat.span().subspan(static_cast<std::size_t>(tensor.offset),
                               static_cast<std::size_t>(tensor.count));
  }
  void save(train::Checkpoint& made) const { train::save_checkpoint(path_, layout_, made); }
  void save(train::Checkpoint&& made) const { save(made); }
  void save_plain() const { save(of(optim::OptimizerKind::sgd, false)); }
  [[nodiscard]] Model read() const { return read_sent_model(path_, layout_); }

  /// What the E says that reading throws.
  template <typename E>
  [[nodiscard]] std::string refusal() const {
    try {
      static_cast<void>(read());
    } catch (const E& e) {
      return e.what();
    }
    return "nothing of that kind was thrown";
  }
};

TEST_F(SentModel, HasTheBitsThatTheLibraryReads) {
  using optim::OptimizerKind;
  for (const OptimizerKind kind : {OptimizerKind::sgd, OptimizerKind::adamw, OptimizerKind::lars})
    for (const auto& [has_average, validated] :
         {std::pair{false, "raw"}, std::pair{true, "raw"}, std::pair{true, "ema"}}) {
      save(of(kind, has_average, validated));
      const train::FullState library = train::read_checkpoint(path_).state;
      const bool is_average = validated == std::string("ema");
      const Model model = read();
      EXPECT_THAT(model.parameters.span(),
                  ElementsAreArray((is_average ? library.ema_parameters : library.parameters).span()));
      EXPECT_THAT(model.statistics.span(),
                  ElementsAreArray((is_average ? library.ema_statistics : library.statistics).span()));
    }
}

TEST_F(SentModel, IsReadThroughALink) {
  save_plain();
  const fs::path link = folder_.path() / "link.h5";
  fs::create_symlink(path_, link);
  EXPECT_EQ(read_sent_model(link, layout_).parameters.size(), read().parameters.size());
}

TEST_F(SentModel, IsOfTheTasksArchitecture) {
  save_plain();
  for (const nn::ModelOptions& other : {nn::ModelOptions{"cnn-small", "", 4, {3, 20, 20}},
                                        nn::ModelOptions{"resnet18", "cifar", 3, {3, 20, 20}}}) {
    const nn::StateLayout layout = nn::layout_state(nn::build_model(other));
    try {
      static_cast<void>(read_sent_model(path_, layout));
      ADD_FAILURE() << other.name;
    } catch (const DataError& e) {
      EXPECT_THAT(e.what(),
                  AllOf(HasSubstr("state.h5"), HasSubstr("not a model of the task's architecture")));
    }
  }
}

/// The tensors of a resnet18 stand in a resnet34 under the same names.
TEST_F(SentModel, IsNoPartOfALargerModel) {
  const auto layout_of = [](const char* name) {
    return nn::layout_state(nn::build_model({name, "cifar", 3, {3, 20, 20}}));
  };
  const nn::StateLayout large = layout_of("resnet34"), small = layout_of("resnet18");
  train::Checkpoint made = checkpoint(0, false);
  made.header.model = {"resnet34", "cifar", 3, {3, 20, 20}};
  made.state = {};
  made.state.parameters = AlignedBuffer<float>(static_cast<std::size_t>(large.parameter_count));
  made.state.statistics = AlignedBuffer<float>(static_cast<std::size_t>(large.statistic_count));
  train::save_checkpoint(path_, large, made);
  EXPECT_EQ(read_sent_model(path_, large).parameters.size(), made.state.parameters.size());
  EXPECT_THROW(static_cast<void>(read_sent_model(path_, small)), DataError);
}

TEST_F(SentModel, HasNoValueThatNoTrainingMakes) {
  train::Checkpoint made = of(optim::OptimizerKind::sgd, true);
  part(made.state.parameters, layout_.parameters[1])[0] = std::numeric_limits<float>::infinity();
  save(made);
  EXPECT_THAT(refusal<DataError>(), AllOf(HasSubstr(layout_.parameters[1].name), HasSubstr("not finite")));

  made = of(optim::OptimizerKind::sgd, true, "ema");
  part(made.state.parameters, layout_.parameters[1])[0] = std::numeric_limits<float>::infinity();
  save(made);
  EXPECT_NO_THROW(static_cast<void>(read())) << "what was not validated does not count";
  for (const nn::Tensor& tensor : layout_.statistics)
    if (tensor.role == nn::TensorRole::running_variance) part(made.state.ema_statistics, tensor)[0] = -1;
  save(made);
  EXPECT_THAT(refusal<DataError>(), HasSubstr("below 0"));
}

TEST_F(SentModel, IsWhole) {
  const auto damaged = AllOf(HasSubstr("state.h5"), HasSubstr("from a copy"));
  for (const char* array : {"model/conv1/weight", "optimizer/momentum/conv3/weight", "ema/fc/bias"}) {
    save(of(optim::OptimizerKind::sgd, true));
    const auto offset = store::ContainerReader(path_).info(array).file_offset;
    train::flip_bit(path_, static_cast<std::size_t>(offset) + 1);
    EXPECT_THAT(refusal<CheckpointError>(), AllOf(damaged, HasSubstr("do not match"))) << array;
  }
  save_plain();
  fs::resize_file(path_, fs::file_size(path_) / 2);
  EXPECT_THAT(refusal<CheckpointError>(), damaged);
  std::ofstream(path_) << "not HDF5 at all";
  EXPECT_THAT(refusal<CheckpointError>(), damaged);
  fs::remove(path_);
  EXPECT_THAT(refusal<CheckpointError>(), AllOf(HasSubstr("state.h5"), HasSubstr("no such file")));
}

TEST_F(SentModel, HoldsTheWeightsThatItNames) {
  for (const char* validated : {"ema", "best"}) {
    save(of(optim::OptimizerKind::sgd, false, validated));
    EXPECT_THAT(refusal<CheckpointError>(), HasSubstr("does not hold the weights")) << validated;
  }
}

/// A file of the same tensors that another program wrote, as a checkpoint or not.
TEST_F(SentModel, IsACheckpointOfTheseNumerics) {
  const auto write = [&](std::string_view format, std::int64_t numerics) {
    store::ContainerWriter writer(path_);
    writer.attribute("/", "format", format);
    writer.attribute("/", "format_version", train::kCheckpointFormatVersion);
    writer.attribute("/", "numerics_version", numerics);
    writer.attribute("/", "validated_weights", std::string_view("raw"));
    writer.attribute("/", "global_step", 0);
    writer.attribute("/", "state_sha256", std::string_view("none"));
    for (const auto* tensors : {&layout_.parameters, &layout_.statistics})
      for (const nn::Tensor& tensor : *tensors) {
        const std::size_t dot = tensor.name.rfind('.');
        writer.write<float>("model/" + tensor.name.substr(0, dot) + "/" + tensor.name.substr(dot + 1),
                            tensor.extents,
                            std::vector<float>(static_cast<std::size_t>(tensor.canonical_count())));
      }
    writer.close();
  };
  write("another format", kNumericsVersion);
  EXPECT_THAT(refusal<CheckpointError>(), HasSubstr("not a checkpoint of cohort"));
  write("cohort-checkpoint", kNumericsVersion + 1);
  EXPECT_THAT(refusal<CheckpointError>(), HasSubstr("numerics_version"));
  write("cohort-checkpoint", kNumericsVersion);
  EXPECT_THAT(refusal<CheckpointError>(), HasSubstr("state digest"));
}

TEST_F(SentModel, IsNoFileOfTheAttacks) {
  int files = 0;
  for (const auto& entry : fs::directory_iterator(COHORT_FUZZ_FINDINGS)) {
    fs::copy_file(entry.path(), path_, fs::copy_options::overwrite_existing);
    EXPECT_THROW(static_cast<void>(read()), Error) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 4);
}

}  // namespace
}  // namespace cohort::round
