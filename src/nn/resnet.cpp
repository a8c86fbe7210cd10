// Residual networks of He et al. (2016, "Deep residual learning for image recognition") as torchvision 0.14
// builds them: the stride of a bottleneck sits in its 3x3 convolution.
#include <array>
#include <string>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "nn/model_builder.hpp"

namespace cohort::nn {
namespace {

struct Depth {
  const char* name;
  std::array<int, 4> blocks;
  bool bottleneck;
};
constexpr std::array<Depth, 3> kDepths{
    {{"resnet18", {2, 2, 2, 2}, false}, {"resnet34", {3, 4, 6, 3}, false}, {"resnet50", {3, 4, 6, 3}, true}}};

/// The skip path: the block's input itself, or a 1x1 convolution where shape or channels change.
///
/// It stands just before the batch norm that adds it, so that its value lives as briefly as possible.
int skip_path(ModelBuilder& builder, const std::string& name, int input, int channels, int stride) {
  if (stride == 1 && builder.shape(input).channels == channels) return input;
  const int projected = builder.convolution(name + ".downsample.0", input, channels, {1, stride, 0});
  return builder.batch_norm(name + ".downsample.1", projected, false);
}

int basic_block(ModelBuilder& builder, const std::string& name, int input, int width, int stride) {
  int value = builder.convolution(name + ".conv1", input, width, {3, stride, 1});
  value = builder.batch_norm(name + ".bn1", value, true);
  value = builder.convolution(name + ".conv2", value, width, {3, 1, 1});
  const int skip = skip_path(builder, name, input, width, stride);
  return builder.batch_norm(name + ".bn2", value, true, skip);
}

int bottleneck_block(ModelBuilder& builder, const std::string& name, int input, int width, int stride) {
  const int channels = 4 * width;
  int value = builder.convolution(name + ".conv1", input, width, {1, 1, 0});
  value = builder.batch_norm(name + ".bn1", value, true);
  value = builder.convolution(name + ".conv2", value, width, {3, stride, 1});
  value = builder.batch_norm(name + ".bn2", value, true);
  value = builder.convolution(name + ".conv3", value, channels, {1, 1, 0});
  const int skip = skip_path(builder, name, input, channels, stride);
  return builder.batch_norm(name + ".bn3", value, true, skip);
}

const Depth& depth_of(const std::string& name) {
  for (const Depth& depth : kDepths) {
    if (name == depth.name) return depth;
  }
  throw UsageError(concat("model '", name, "' is not a residual network"));
}

}  // namespace

Model build_resnet(const ModelOptions& options) {
  const Depth& depth = depth_of(options.name);
  ModelBuilder builder(options.name, options.stem, options.classes, options.input);
  const bool imagenet = options.stem == "imagenet";
  int value = builder.convolution("conv1", 0, 64, imagenet ? Window{7, 2, 3} : Window{3, 1, 1});
  value = builder.batch_norm("bn1", value, true);
  if (imagenet) value = builder.max_pool("maxpool", value, {3, 2, 1});
  for (int layer = 0; layer < 4; ++layer) {
    const int width = 64 << layer;
    for (int block = 0; block < depth.blocks[static_cast<std::size_t>(layer)]; ++block) {
      const std::string name = concat("layer", layer + 1, ".", block);
      const int stride = layer > 0 && block == 0 ? 2 : 1;
      value = depth.bottleneck ? bottleneck_block(builder, name, value, width, stride)
                               : basic_block(builder, name, value, width, stride);
    }
  }
  value = builder.global_average_pool("avgpool", value);
  builder.linear("fc", value, options.classes);
  return builder.finish();
}

}  // namespace cohort::nn
