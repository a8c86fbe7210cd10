#include "nn/model_builder.hpp"

#include <utility>

#include "cohort/core/error.hpp"

namespace cohort::nn {

ModelBuilder::ModelBuilder(std::string name, std::string stem, int classes, Shape input) {
  model_.name = std::move(name);
  model_.stem = std::move(stem);
  model_.classes = classes;
  model_.values.push_back(input);
}

int ModelBuilder::append(Node node, int channels) {
  const Shape source = shape(node.input);
  const int height = (source.height + 2 * node.pad_height - node.kernel_height) / node.stride + 1;
  const int width = (source.width + 2 * node.pad_width - node.kernel_width) / node.stride + 1;
  require(source.height + 2 * node.pad_height >= node.kernel_height &&
              source.width + 2 * node.pad_width >= node.kernel_width,
          "model builder: the window is larger than the map");
  node.output = static_cast<int>(model_.values.size());
  model_.values.push_back({channels, height, width});
  model_.nodes.push_back(std::move(node));
  return model_.nodes.back().output;
}

int ModelBuilder::convolution(std::string name, int input, int channels, Window window) {
  Node node;
  node.op = Op::convolution;
  node.name = std::move(name);
  node.input = input;
  node.kernel_height = node.kernel_width = window.size;
  node.stride = window.stride;
  node.pad_height = node.pad_width = window.pad;
  return append(std::move(node), channels);
}

int ModelBuilder::batch_norm(std::string name, int input, bool relu, int residual) {
  Node node;
  node.op = Op::batch_norm;
  node.name = std::move(name);
  node.input = input;
  node.residual = residual;
  node.relu = relu;
  return append(std::move(node), shape(input).channels);
}

int ModelBuilder::max_pool(std::string name, int input, Window window) {
  Node node;
  node.op = Op::max_pool;
  node.name = std::move(name);
  node.input = input;
  node.kernel_height = node.kernel_width = window.size;
  node.stride = window.stride;
  node.pad_height = node.pad_width = window.pad;
  return append(std::move(node), shape(input).channels);
}

int ModelBuilder::global_average_pool(std::string name, int input) {
  Node node;
  node.op = Op::average_pool;
  node.name = std::move(name);
  node.input = input;
  node.kernel_height = shape(input).height;
  node.kernel_width = shape(input).width;
  return append(std::move(node), shape(input).channels);
}

int ModelBuilder::linear(std::string name, int input, int channels) {
  Node node;
  node.op = Op::linear;
  node.name = std::move(name);
  node.input = input;
  return append(std::move(node), channels);
}

}  // namespace cohort::nn
