// Model families against torchvision 0.14.1: the pinned numbers and digests were computed from its state
// dicts.
#include "cohort/nn/model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "cohort/core/digest.hpp"
#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/nn/state_layout.hpp"
#include "nn/model_builder.hpp"

namespace cohort::nn {
namespace {

Model make(const std::string& name, const std::string& stem, int classes, int side) {
  return build_model({.name = name, .stem = stem, .classes = classes, .input = {3, side, side}});
}

/// One line "name extent x extent…" per tensor.
std::string listing(const std::vector<Tensor>& tensors) {
  std::string text;
  for (const Tensor& tensor : tensors) {
    text += tensor.name;
    for (std::size_t axis = 0; axis < tensor.extents.size(); ++axis) {
      text += concat(axis == 0 ? " " : "x", tensor.extents[axis]);
    }
    text += "\n";
  }
  return text;
}

struct Torchvision {
  const char *name, *stem;
  std::int64_t parameters;
  std::size_t state_entries;
  const char *parameter_digest, *statistic_digest;
  std::int64_t multiply_adds;  ///< 224 px with the imagenet stem, 28 px with the cifar stem
};

constexpr Torchvision kTorchvision[] = {
    {"resnet18", "imagenet", 11689512, 122,
     "5cb13e2a8d1322843cc9107c35e04fc1b9102ef1c3bb032a560e3e92024ccb9e",
     "7bca3b0329d9c07bad5d8b53b255fc14978344d60310482adc6e0de6d4e81271", 1814073344},
    {"resnet18", "cifar", 11681832, 122, "7ba9844de444797303a7494587b20eb80c115287dd3c47a6a4dd5a2c604f8f6b",
     "7bca3b0329d9c07bad5d8b53b255fc14978344d60310482adc6e0de6d4e81271", 457210880},
    {"resnet34", "imagenet", 21797672, 218,
     "dbf62b7014550a97f240c68600086921b2598ee0d5dfb42dbe9f2f84337bf6c8",
     "1ba89fe81b1888a3f717d07edbe1c2ad322ee7f4985375c6acddb49b4345a3c9", 3663761408},
    {"resnet34", "cifar", 21789992, 218, "ad84e61105f54453bd2dc4202d45f91307c568b9792cce08f48553e603fdb604",
     "1ba89fe81b1888a3f717d07edbe1c2ad322ee7f4985375c6acddb49b4345a3c9", 937327616},
    {"resnet50", "imagenet", 25557032, 320,
     "a319189564c1d0ab80e07ed7023111fa02bad0a6518b5d49b4a626a211a2df05",
     "b670a21b0ab42db6b66d1e396ddcea348c9f1231739c9a8077b6473da5181efc", 4089184256},
    {"resnet50", "cifar", 25549352, 320, "15b28151dd4ec826abc89ca5e7bcc1b6afa8ff2b89d8eebd3fae27c4ed9204b5",
     "b670a21b0ab42db6b66d1e396ddcea348c9f1231739c9a8077b6473da5181efc", 1049750528},
};

class Family : public testing::TestWithParam<Torchvision> {
 protected:
  Model model_ = make(GetParam().name, GetParam().stem, 1000, GetParam().stem[0] == 'i' ? 224 : 28);
  StateLayout layout_ = layout_state(model_);
};

TEST_P(Family, ListsTheTensorsOfTorchvisionInItsOrder) {
  EXPECT_EQ(to_hex(sha256(listing(layout_.parameters))), GetParam().parameter_digest)
      << listing(layout_.parameters);
  EXPECT_EQ(to_hex(sha256(listing(layout_.statistics))), GetParam().statistic_digest)
      << listing(layout_.statistics);
}

TEST_P(Family, HasTheParametersOfTorchvision) {
  EXPECT_EQ(layout_.trainable_count(), GetParam().parameters);
  // A state dict also holds one num_batches_tracked for each batch norm, which has two statistics.
  EXPECT_EQ(layout_.parameters.size() + layout_.statistics.size() * 3 / 2, GetParam().state_entries);
}

TEST_P(Family, CountsTwoOperationsForEachMultiplyAdd) {
  EXPECT_EQ(forward_flops(model_), 2.0 * static_cast<double>(GetParam().multiply_adds));
  const double first_layer = conv_shape(model_, model_.nodes.front(), 1).flops();
  EXPECT_EQ(training_flops(model_), 3 * forward_flops(model_) - first_layer);
}

TEST_P(Family, Runs) {
  EXPECT_NO_THROW(check_model(model_));
}

INSTANTIATE_TEST_SUITE_P(Torchvision, Family, testing::ValuesIn(kTorchvision), [](const auto& test) {
  return std::string(test.param.name) + "_" + test.param.stem;
});

TEST(Model, NamesTheTensorsOfAResidualBlock) {
  const StateLayout layout = layout_state(make("resnet18", "cifar", 7, 28));
  std::vector<std::string> names;
  for (const Tensor& tensor : layout.parameters) {
    if (tensor.name.starts_with("layer2.0.")) names.push_back(tensor.name.substr(9));
  }
  EXPECT_EQ(names, (std::vector<std::string>{"conv1.weight", "bn1.weight", "bn1.bias", "conv2.weight",
                                             "bn2.weight", "bn2.bias", "downsample.0.weight",
                                             "downsample.1.weight", "downsample.1.bias"}));
  EXPECT_EQ(layout.parameters.front().name, "conv1.weight");
  EXPECT_EQ(layout.parameters.back().name, "fc.bias");
}

TEST(Model, EndsResidualBlocksInABatchNormThatAddsAndRectifies) {
  const Model model = make("resnet50", "imagenet", 2, 64);
  int ends = 0;
  for (const Node& node : model.nodes) {
    if (node.residual == -1) continue;
    ++ends;
    EXPECT_EQ(node.op, Op::batch_norm);
    EXPECT_TRUE(node.relu);
    EXPECT_TRUE(node.name.ends_with(".bn3")) << node.name;
  }
  EXPECT_EQ(ends, 16);
}

TEST(Model, KeepsTheFirstMapsOfACifarStemWhole) {
  const Model cifar = make("resnet18", "cifar", 7, 28);
  EXPECT_EQ(cifar.values[1], (Shape{64, 28, 28}));
  const Model imagenet = make("resnet18", "imagenet", 7, 28);
  EXPECT_EQ(imagenet.values[1], (Shape{64, 14, 14}));
  EXPECT_EQ(imagenet.values[3], (Shape{64, 7, 7}));
}

TEST(Model, ReadsThinInputsUnpadded) {
  const Model thin = make("resnet18", "cifar", 2, 8);
  EXPECT_TRUE(conv_shape(thin, thin.nodes[0], 1).thin_source);
  EXPECT_FALSE(conv_shape(thin, thin.nodes[2], 1).thin_source);
  const Model wide = build_model({.name = "cnn-small", .stem = "", .classes = 2, .input = {5, 16, 16}});
  EXPECT_FALSE(conv_shape(wide, wide.nodes[0], 1).thin_source);
}

TEST(CnnSmall, IsCompact) {
  const Model model = make("cnn-small", "", 2, 64);
  const StateLayout layout = layout_state(model);
  EXPECT_GE(layout.trainable_count(), 100'000);
  EXPECT_LE(layout.trainable_count(), 400'000);
  EXPECT_LE(forward_flops(model), 70e6);
  EXPECT_EQ(model.values.back(), (Shape{2, 1, 1}));
  for (const Tensor& tensor : layout.parameters) {
    if (tensor.role == TensorRole::linear_bias) {
      EXPECT_EQ(tensor.name, "fc.bias");
    }
  }
}

TEST(Model, AcceptsTheSmallestInputOfEachFamily) {
  EXPECT_NO_THROW(check_model(make("resnet18", "imagenet", 2, 16)));
  EXPECT_NO_THROW(check_model(make("resnet50", "cifar", 2, 4)));
  EXPECT_NO_THROW(check_model(make("cnn-small", "", 2, 8)));
}

std::string refusal(const ModelOptions& options) {
  try {
    build_model(options);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(Model, SuggestsTheNearestName) {
  EXPECT_NE(refusal({.name = "resnet-18"}).find("did you mean 'resnet18'"), std::string::npos);
  EXPECT_NE(refusal({.name = "vit"}).find("known: resnet18, resnet34, resnet50, cnn-small"),
            std::string::npos);
}

TEST(Model, ReportsAllProblemsOfItsOptions) {
  const std::string text = refusal({.name = "resnet18", .stem = "tiny", .classes = 1, .input = {0, 2, 64}});
  EXPECT_NE(text.find("stem 'tiny'"), std::string::npos) << text;
  EXPECT_NE(text.find("1 classes"), std::string::npos) << text;
  EXPECT_NE(text.find("0 channels"), std::string::npos) << text;
  EXPECT_NE(text.find("64x2 pixels"), std::string::npos) << text;
}

TEST(Model, DescribesEveryNodeOnALine) {
  const Model model = make("resnet18", "cifar", 7, 28);
  const std::string text = describe(model);
  for (const Node& node : model.nodes)
    EXPECT_NE(text.find("\n" + node.name + " "), std::string::npos) << node.name;
  EXPECT_NE(text.find("convolution 3x3 stride 2 pad 1"), std::string::npos);
  EXPECT_NE(text.find("batch norm + layer2.0.downsample.1, relu  "), std::string::npos);
  EXPECT_NE(text.find("11,172,423"), std::string::npos) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), static_cast<std::ptrdiff_t>(model.nodes.size()) + 4);
}

TEST(CheckModel, ListsEveryNodeThatCannotRun) {
  Model model = make("cnn-small", "", 2, 16);
  model.nodes[2].stride = 2;    // conv2 no longer makes its declared maps
  model.nodes[4].residual = 1;  // a pool cannot add
  model.nodes[5].input = 40;    // no such value
  model.nodes.back().name = "conv1";
  std::string text;
  try {
    check_model(model);
  } catch (const UsageError& error) {
    text = error.what();
  }
  EXPECT_NE(text.find("node conv2 does not make maps of the size declared"), std::string::npos) << text;
  EXPECT_NE(text.find("node pool1 has a residual"), std::string::npos) << text;
  EXPECT_NE(text.find("node conv3 names a value that does not exist"), std::string::npos) << text;
  EXPECT_NE(text.find("node conv1 shares its name"), std::string::npos) << text;
}

/// A maximum over the whole of a map that is `height` x `width`.
Model with_maximum_over(int height, int width) {
  ModelBuilder builder("maximum", "", 2, {3, height, width});
  builder.linear("fc", builder.global_average_pool("pool", builder.convolution("conv1", 0, 16, {1, 1, 0})),
                 2);
  Model model = builder.finish();
  model.nodes[1].op = Op::max_pool;
  return model;
}

TEST(CheckModel, LimitsTheWindowOfAMaximumToWhatAByteCanName) {
  EXPECT_NO_THROW(check_model(with_maximum_over(16, 16)));
  EXPECT_NO_THROW(check_model(with_maximum_over(kernels::kMaxWinners, 1)));
  try {
    check_model(with_maximum_over(kernels::kMaxWinners + 1, 1));
    FAIL() << "accepted";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("node pool has a window of more than 256 positions"),
              std::string::npos)
        << error.what();
  }
}

TEST(CheckModel, RefusesValuesOutOfOrder) {
  Model model = make("cnn-small", "", 2, 16);
  std::swap(model.nodes[1], model.nodes[2]);
  EXPECT_THROW(check_model(model), UsageError);
  model = make("cnn-small", "", 2, 16);
  model.values.push_back({3, 3, 3});
  EXPECT_THROW(check_model(model), UsageError);
  EXPECT_THROW(check_model(Model{}), UsageError);
}

}  // namespace
}  // namespace cohort::nn
