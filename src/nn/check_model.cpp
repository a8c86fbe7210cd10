#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/nn/model.hpp"

namespace cohort::nn {
namespace {

bool is_pool(Op op) {
  return op == Op::max_pool || op == Op::average_pool;
}

/// The window a node slides: batch norm and linear have none.
bool has_plain_window(const Node& node) {
  return node.kernel_height == 1 && node.kernel_width == 1 && node.stride == 1 && node.pad_height == 0 &&
         node.pad_width == 0;
}

class ModelCheck {
 public:
  explicit ModelCheck(const Model& model)
      : model_(model), written_(model.values.size()), read_(model.values.size()) {}

  /// All problems, one after another, or nothing.
  std::string run() {
    if (model_.values.empty() || model_.nodes.empty()) return "; it has no nodes";
    written_[0] = true;
    for (const Node& node : model_.nodes) check(node);
    const auto last = static_cast<std::size_t>(std::max(model_.nodes.back().output, 0));
    for (std::size_t value = 0; value < model_.values.size(); ++value) {
      if (!written_[value]) problem("value", value, "is never written");
      if (!read_[value] && value != last) problem("value", value, "is never read");
    }
    const Shape logits = model_.values[std::min(last, model_.values.size() - 1)];
    if (logits != Shape{model_.classes, 1, 1}) problem("the last value", last, "is not one number per class");
    return problems_;
  }

 private:
  template <typename Subject>
  void problem(const char* what, const Subject& subject, std::string_view text) {
    problems_ += concat("; ", what, " ", subject, " ", text);
  }

  bool exists(int value) const {
    return value >= 0 && static_cast<std::size_t>(value) < model_.values.size();
  }

  void read(const Node& node, int value) {
    read_[static_cast<std::size_t>(value)] = true;
    if (!written_[static_cast<std::size_t>(value)])
      problem("node", node.name, "reads a value before it is written");
  }

  void check(const Node& node) {
    if (!names_.insert(node.name).second) problem("node", node.name, "shares its name with another");
    if (!exists(node.input) || !exists(node.output) || (node.residual != -1 && !exists(node.residual))) {
      return problem("node", node.name, "names a value that does not exist");
    }
    read(node, node.input);
    if (node.residual != -1) read(node, node.residual);
    const auto output = static_cast<std::size_t>(node.output);
    if (written_[output]) problem("node", node.name, "writes a value that already exists");
    written_[output] = true;
    check_operation(node);
    check_shapes(node);
  }

  void check_operation(const Node& node) {
    const bool is_convolution = node.op == Op::convolution || node.op == Op::linear;
    if (!is_convolution && (node.input == 0 || node.residual == 0)) {
      problem("node", node.name,
              "reads the network's input, which may feed only convolutions and linear layers");
    }
    if (node.op != Op::batch_norm && (node.residual != -1 || node.relu)) {
      problem("node", node.name, "has a residual or a ReLU, which only batch norm does");
    }
    if ((node.op == Op::batch_norm || node.op == Op::linear) && !has_plain_window(node)) {
      problem("node", node.name, "has a window");
    }
    if (node.kernel_height < 1 || node.kernel_width < 1 || node.stride < 1 || node.pad_height < 0 ||
        node.pad_width < 0) {
      problem("node", node.name, "has an impossible window");
    }
    if (is_pool(node.op) && (node.pad_height >= node.kernel_height || node.pad_width >= node.kernel_width)) {
      problem("node", node.name, "has windows that lie in the padding alone");
    }
    if (node.op == Op::max_pool &&
        std::int64_t{node.kernel_height} * node.kernel_width > kernels::kMaxWinners) {
      problem("node", node.name, concat("has a window of more than ", kernels::kMaxWinners, " positions"));
    }
  }

  void check_shapes(const Node& node) {
    const Shape source = model_.values[static_cast<std::size_t>(node.input)];
    const Shape made = model_.values[static_cast<std::size_t>(node.output)];
    const int height = source.height + 2 * node.pad_height - node.kernel_height;
    const int width = source.width + 2 * node.pad_width - node.kernel_width;
    const int stride = std::max(node.stride, 1);
    const bool has_maps = source.channels > 0 && made.channels > 0 && height >= 0 && width >= 0;
    if (!has_maps || made.height != height / stride + 1 || made.width != width / stride + 1) {
      problem("node", node.name, "does not make maps of the size declared");
    }
    if ((node.op == Op::batch_norm || is_pool(node.op)) && made.channels != source.channels) {
      problem("node", node.name, "changes the number of channels");
    }
    if (node.op == Op::linear && (source.height != 1 || source.width != 1)) {
      problem("node", node.name, "is linear but reads maps larger than one pixel");
    }
    if (node.residual != -1 && model_.values[static_cast<std::size_t>(node.residual)] != made) {
      problem("node", node.name, "adds a residual of another shape");
    }
  }

  const Model& model_;
  std::vector<bool> written_, read_;
  std::set<std::string> names_;
  std::string problems_;
};

}  // namespace

void check_model(const Model& model) {
  const std::string problems = ModelCheck(model).run();
  if (!problems.empty())
    throw UsageError(concat("model '", model.name, "' cannot run: ", problems.substr(2)));
}

}  // namespace cohort::nn
