#include "cohort/nn/model.hpp"

#include <algorithm>
#include <array>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "nn/model_builder.hpp"

namespace cohort::nn {
namespace {

struct Family {
  const char* name;
  Model (*build)(const ModelOptions&);
  bool has_stems;
};
constexpr std::array<Family, 4> kFamilies{{{"resnet18", build_resnet, true},
                                           {"resnet34", build_resnet, true},
                                           {"resnet50", build_resnet, true},
                                           {"cnn-small", build_cnn_small, false}}};
/// The most channels of an input that stays unpadded (ConvShape::thin_source).
constexpr int kThinChannels = 4;

const Family& family_of(const std::string& name) {
  for (const Family& family : kFamilies) {
    if (name == family.name) return family;
  }
  const std::vector<std::string> names = model_names();
  throw UsageError(concat("build model: there is no model '", name, "'", did_you_mean(name, names),
                          " (known: ", joined(names, ", "), ")"));
}

/// Half of what the family's strides divide a map by: below it the last maps are mostly padding.
int smallest_side(const ModelOptions& options, const Family& family) {
  if (!family.has_stems) return 8;
  return options.stem == "imagenet" ? 16 : 4;
}

}  // namespace

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const Family& family : kFamilies) names.emplace_back(family.name);
  return names;
}

Model build_model(const ModelOptions& options) {
  const Family& family = family_of(options.name);
  std::string problems;
  const auto problem = [&](const std::string& text) { problems += "; " + text; };
  ModelOptions resolved = options;
  if (!family.has_stems) {
    resolved.stem.clear();
  } else if (options.stem != "imagenet" && options.stem != "cifar") {
    problem(concat("stem '", options.stem, "' is neither 'imagenet' nor 'cifar'"));
  }
  if (options.classes < 2) problem(concat(options.classes, " classes (at least 2 are needed)"));
  if (options.input.channels < 1) problem(concat("an input of ", options.input.channels, " channels"));
  const int side = smallest_side(resolved, family);
  if (std::min(options.input.height, options.input.width) < side) {
    problem(concat("images of ", options.input.width, "x", options.input.height,
                   " pixels are too small (at least ", side, "x", side, ")"));
  }
  if (!problems.empty()) throw UsageError(concat("build model ", options.name, ": ", problems.substr(2)));
  return family.build(resolved);
}

kernels::ConvShape conv_shape(const Model& model, const Node& node, int images) {
  require(node.op == Op::convolution || node.op == Op::linear, "conv_shape: the node is no convolution");
  const Shape source = model.values.at(static_cast<std::size_t>(node.input));
  kernels::ConvShape shape;
  shape.images = images;
  shape.source_channels = source.channels;
  shape.height = source.height;
  shape.width = source.width;
  shape.destination_channels = model.values.at(static_cast<std::size_t>(node.output)).channels;
  shape.kernel_height = node.kernel_height;
  shape.kernel_width = node.kernel_width;
  shape.stride = node.stride;
  shape.pad_height = node.pad_height;
  shape.pad_width = node.pad_width;
  shape.thin_source = node.input == 0 && source.channels <= kThinChannels;
  return shape;
}

double forward_flops(const Model& model) {
  double flops = 0;
  for (const Node& node : model.nodes) {
    if (node.op == Op::convolution || node.op == Op::linear) flops += conv_shape(model, node, 1).flops();
  }
  return flops;
}

double training_flops(const Model& model) {
  double flops = 0;
  for (const Node& node : model.nodes) {
    if (node.op != Op::convolution && node.op != Op::linear) continue;
    flops += (node.input == 0 ? 2 : 3) * conv_shape(model, node, 1).flops();
  }
  return flops;
}

}  // namespace cohort::nn
