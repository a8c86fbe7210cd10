// A compact network for small lesion images: five convolutions, about 141,000 parameters, 61 Mflop forward at
// 64 px.
#include "nn/model_builder.hpp"

namespace cohort::nn {

Model build_cnn_small(const ModelOptions& options) {
  ModelBuilder builder(options.name, options.stem, options.classes, options.input);
  const auto layer = [&](const char* digit, int input, int channels, Window window) {
    const int value = builder.convolution(std::string("conv") + digit, input, channels, window);
    return builder.batch_norm(std::string("bn") + digit, value, true);
  };
  int value = layer("1", 0, 32, {5, 2, 2});
  value = layer("2", value, 32, {3, 1, 1});
  value = builder.max_pool("pool1", value, {2, 2, 0});
  value = layer("3", value, 64, {3, 1, 1});
  value = layer("4", value, 64, {3, 1, 1});
  value = builder.max_pool("pool2", value, {2, 2, 0});
  value = layer("5", value, 128, {3, 1, 1});
  value = builder.global_average_pool("avgpool", value);
  builder.linear("fc", value, options.classes);
  return builder.finish();
}

}  // namespace cohort::nn
