#include <algorithm>
#include <string>

#include "cohort/core/text.hpp"
#include "cohort/nn/model.hpp"
#include "cohort/nn/state_layout.hpp"

namespace cohort::nn {
namespace {

/// Filled up to `width`, with two spaces at least before what follows.
std::string left(std::string text, std::size_t width) {
  text.resize(std::max(text.size() + 2, width), ' ');
  return text;
}

std::string right(const std::string& text, std::size_t width) {
  return text.size() >= width ? text : std::string(width - text.size(), ' ') + text;
}

/// Thousands separated, as people read counts.
std::string grouped(std::int64_t count) {
  std::string digits = std::to_string(count);
  for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

std::string sides(int height, int width) {
  return concat(height, "x", width);
}

std::string window(const Node& node) {
  std::string text = " " + sides(node.kernel_height, node.kernel_width);
  if (node.stride != 1) text += concat(" stride ", node.stride);
  if (node.pad_height != 0 || node.pad_width != 0) {
    text += node.pad_height == node.pad_width ? concat(" pad ", node.pad_height)
                                              : " pad " + sides(node.pad_height, node.pad_width);
  }
  return text;
}

/// The node that wrote `value`.
std::string source_name(const Model& model, int value) {
  for (const Node& node : model.nodes) {
    if (node.output == value) return node.name;
  }
  return "input";
}

std::string operation(const Model& model, const Node& node) {
  switch (node.op) {
    case Op::convolution:
      return "convolution" + window(node);
    case Op::max_pool:
      return "max pool" + window(node);
    case Op::average_pool:
      return "average pool" + window(node);
    case Op::linear:
      return "linear";
    case Op::batch_norm:
      break;
  }
  std::string text = "batch norm";
  if (node.residual != -1) text += " + " + source_name(model, node.residual);
  return node.relu ? text + ", relu" : text;
}

std::int64_t parameters_of(const StateLayout& layout, const Node& node) {
  std::int64_t count = 0;
  for (const Tensor& tensor : layout.parameters) {
    if (tensor.name == node.name + ".weight" || tensor.name == node.name + ".bias") {
      count += tensor.canonical_count();
    }
  }
  return count;
}

}  // namespace

std::string describe(const Model& model) {
  const StateLayout layout = layout_state(model);
  const auto line = [](const std::string& name, const std::string& what, const std::string& makes,
                       const std::string& count) {
    return left(name, 24) + left(what, 46) + left(makes, 14) + right(count, 12) + "\n";
  };
  const Shape input = model.input();
  std::string text = line("name", "operation", "makes", "parameters");
  text += line("input", "", concat(input.channels, "x", sides(input.height, input.width)), "");
  for (const Node& node : model.nodes) {
    const Shape made = model.values[static_cast<std::size_t>(node.output)];
    const std::int64_t count = parameters_of(layout, node);
    text +=
        line(node.name, operation(model, node), concat(made.channels, "x", sides(made.height, made.width)),
             count == 0 ? "" : grouped(count));
  }
  const std::string total = grouped(layout.trainable_count());
  text += line(concat(model.name, model.stem.empty() ? "" : ", " + model.stem + " stem"), "", "", total);
  text += concat(format_fixed(forward_flops(model) * 1e-6, 1), " Mflop an image forward, ",
                 format_fixed(training_flops(model) * 1e-6, 1), " Mflop in training\n");
  return text;
}

}  // namespace cohort::nn
