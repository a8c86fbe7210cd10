// Assembles a Model node by node and derives the shape of every value; the model families are written with
// it.
#pragma once

#include <string>

#include "cohort/nn/model.hpp"

namespace cohort::nn {

/// A square window; what a convolution or pool slides over the map.
struct Window {
  int size = 1;
  int stride = 1;
  int pad = 0;
};

/// Each call appends one node and returns the value that it writes.
class ModelBuilder {
 public:
  ModelBuilder(std::string name, std::string stem, int classes, Shape input);

  int convolution(std::string name, int input, int channels, Window window);
  /// Batch norm, then `residual` added (unless -1), then ReLU (if asked for).
  int batch_norm(std::string name, int input, bool relu, int residual = -1);
  int max_pool(std::string name, int input, Window window);
  /// Mean over the whole map.
  int global_average_pool(std::string name, int input);
  int linear(std::string name, int input, int channels);

  [[nodiscard]] Shape shape(int value) const { return model_.values.at(static_cast<std::size_t>(value)); }
  Model finish() { return std::move(model_); }

 private:
  int append(Node node, int channels);
  Model model_;
};

/// The families. Each adds the layers of `options` to a builder made from them.
Model build_resnet(const ModelOptions& options);
Model build_cnn_small(const ModelOptions& options);

}  // namespace cohort::nn
