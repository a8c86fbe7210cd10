// A model as data: values (feature maps) and the nodes that make one from another, in order of execution. A
// reader can print it; nothing here computes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/core/shape.hpp"
#include "cohort/kernels/shapes.hpp"

namespace cohort::nn {

/// What a node computes.
enum class Op { convolution, batch_norm, max_pool, average_pool, linear };

/// One computation. Which fields matter follows from `op`.
struct Node {
  Op op = Op::convolution;
  std::string name;   ///< state-dict prefix, for example "layer1.0.conv1"
  int input = 0;      ///< value read
  int residual = -1;  ///< batch_norm only: value added before the ReLU, or -1
  int output = 0;     ///< value written, by this node alone
  int kernel_height = 1, kernel_width = 1;
  int stride = 1;
  int pad_height = 0, pad_width = 0;
  bool relu = false;  ///< batch_norm only
  double epsilon = 1e-5;
};

/// A network: value 0 is the input, the last node's output the logits (height = width = 1).
struct Model {
  std::string name;  ///< family, "resnet18"
  std::string stem;  ///< "imagenet", "cifar" or "" where the family has one stem
  int classes = 0;
  std::vector<Shape> values;
  std::vector<Node> nodes;

  [[nodiscard]] Shape input() const { return values.front(); }
};

/// What a job says about the model.
struct ModelOptions {
  std::string name = "resnet18";
  std::string stem = "imagenet";
  int classes = 2;
  Shape input{3, 28, 28};
};

/// Builds a model of a known family: resnet18, resnet34, resnet50 (torchvision 0.14's definition and names;
/// stem "imagenet" = 7x7 stride 2 and max pool, "cifar" = 3x3 stride 1 and no pool) or cnn-small. Throws
/// UsageError for an unknown name (with the nearest) or an input too small for the family.
Model build_model(const ModelOptions& options);
/// The families that build_model knows.
std::vector<std::string> model_names();

/// Throws UsageError listing every node that could not run: a value written twice, read before it is written,
/// left unused, or of a shape that its node does not make; the input feeding anything but a convolution or
/// linear layer.
void check_model(const Model& model);

/// The convolution a convolution or linear node performs on `images` images.
kernels::ConvShape conv_shape(const Model& model, const Node& node, int images);

/// One line per node: name, operation, shapes, parameters; the total at the end.
std::string describe(const Model& model);

/// Nominal floating-point operations of one image: forward, and forward + backward (convolutions and linear
/// only; the first layer has no backward-data).
double forward_flops(const Model& model);
double training_flops(const Model& model);

}  // namespace cohort::nn
