#include "nn/network_plan.hpp"

#include <algorithm>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort::nn {
namespace {

bool is_convolution(const Node& node) {
  return node.op == Op::convolution || node.op == Op::linear;
}

/// Collects blocks of memory, each with the variable that receives its offset.
class BlockList {
 public:
  void add(std::int64_t& offset, std::int64_t bytes, int first, int last) {
    offsets_.push_back(&offset);
    lifetimes_.push_back({bytes, first, last});
  }
  /// Places all blocks and fills in their offsets; the variables must still be where they were.
  std::int64_t place() {
    const MemoryPlan plan = plan_memory(lifetimes_);
    for (std::size_t block = 0; block < offsets_.size(); ++block) *offsets_[block] = plan.offsets[block];
    return plan.bytes;
  }
  std::vector<Lifetime> take_lifetimes() { return std::move(lifetimes_); }

 private:
  std::vector<std::int64_t*> offsets_;
  std::vector<Lifetime> lifetimes_;
};

template <typename T>
class Planner {
 public:
  Planner(const Model& model, int images, Purpose purpose)
      : model_(model),
        images_(images),
        trains_(purpose == Purpose::training),
        nodes_(static_cast<int>(model.nodes.size())),
        steps_(trains_ ? 2 * nodes_ : nodes_) {
    plan_.value.assign(model.values.size(), kNowhere);
    plan_.gradient.assign(model.values.size(), kNowhere);
    plan_.nodes.resize(model.nodes.size());
  }

  NetworkPlan run(const StateLayout& layout, const kernels::Table<T>& table) {
    add_values();
    for (int node = 0; node < nodes_; ++node) add_node(node);
    if (trains_) {
      add_gradients();
      add_always(plan_.batch_statistics, layout.statistic_count);
      add_parameter_gradients();
    }
    plan_.scratch_bytes = most_scratch(table);
    blocks_.add(plan_.scratch, static_cast<std::int64_t>(plan_.scratch_bytes), 0, steps_ - 1);
    plan_.bytes = blocks_.place();
    plan_.lifetimes = blocks_.take_lifetimes();
    return std::move(plan_);
  }

 private:
  const Node& node_at(int node) const { return model_.nodes[static_cast<std::size_t>(node)]; }
  NodePlan& plan_of(int node) { return plan_.nodes[static_cast<std::size_t>(node)]; }
  int backward_step(int node) const { return 2 * nodes_ - 1 - node; }
  int last_value() const { return model_.nodes.back().output; }
  std::int64_t value_bytes(int value) const {
    return value_count(model_, value, images_) * static_cast<std::int64_t>(sizeof(T));
  }
  void add_always(std::int64_t& offset, std::int64_t count) {
    blocks_.add(offset, count * static_cast<std::int64_t>(sizeof(T)), 0, steps_ - 1);
  }

  void add_values() {
    const auto values = model_.values.size();
    std::vector<int> first(values, 0), last(values, 0);
    for (int at = 0; at < nodes_; ++at) {
      const Node& node = node_at(at);
      const auto keep = [&](int value, int step) {
        int& end = last[static_cast<std::size_t>(value)];
        end = std::max(end, step);
      };
      first[static_cast<std::size_t>(node.output)] = at;
      keep(node.output, at);
      keep(node.input, at);
      if (node.residual != -1) keep(node.residual, at);
      if (trains_ && (is_convolution(node) || node.op == Op::batch_norm)) keep(node.input, backward_step(at));
      if (trains_ && node.op == Op::batch_norm && node.relu) keep(node.output, backward_step(at));
    }
    for (std::size_t value = 0; value < values; ++value) {
      const int number = static_cast<int>(value);
      const bool callers = number == 0 || number == last_value();
      blocks_.add(plan_.value[value], value_bytes(number), callers ? 0 : first[value],
                  callers ? steps_ - 1 : last[value]);
    }
  }

  void add_node(int at) {
    const Node& node = node_at(at);
    const int last = trains_ ? backward_step(at) : at;
    if (node.op == Op::max_pool) {
      blocks_.add(plan_of(at).winner, value_count(model_, node.output, images_), at, last);
    } else if (node.op == Op::batch_norm) {
      const int channels = model_.values[static_cast<std::size_t>(node.output)].channels;
      const auto bytes = static_cast<std::int64_t>(sizeof(T)) * kernels::padded(channels);
      blocks_.add(plan_of(at).inverse_std, bytes, at, last);
    }
  }

  /// Walks the nodes in backward order: the first reader met writes a value's gradient, later ones add to it.
  void add_gradients() {
    std::vector<int> arrival(model_.values.size(), -1);
    const auto arrive = [&](int value, int step) {
      int& first = arrival[static_cast<std::size_t>(value)];
      const bool adds = first != -1;
      if (!adds) first = step;
      return adds;
    };
    add_always(plan_.gradient[static_cast<std::size_t>(last_value())],
               value_count(model_, last_value(), images_));
    for (int at = nodes_ - 1; at >= 0; --at) {
      const Node& node = node_at(at);
      const int step = backward_step(at);
      NodePlan& plan = plan_of(at);
      if (node.output != last_value()) {
        const auto output = static_cast<std::size_t>(node.output);
        blocks_.add(plan_.gradient[output], value_bytes(node.output), arrival[output], step);
      }
      if (node.input != 0) plan.adds_to_input = arrive(node.input, step);
      if (node.residual != -1) plan.adds_to_residual = arrive(node.residual, step);
      // Convolutions add in place; the other kernels overwrite.
      if (plan.adds_to_input && !is_convolution(node)) {
        blocks_.add(plan.spare_input, value_bytes(node.input), step, step);
      }
      if (plan.adds_to_residual) blocks_.add(plan.spare_residual, value_bytes(node.residual), step, step);
    }
  }

  void add_parameter_gradients() {
    for (int at = 0; at < nodes_; ++at) {
      const Node& node = node_at(at);
      const int channels = kernels::padded(model_.values[static_cast<std::size_t>(node.output)].channels);
      std::int64_t count = 0;
      if (node.op == Op::batch_norm) count = 2 * channels;  // the kernel makes gamma's and beta's at once
      if (is_convolution(node)) count = conv_shape(model_, node, 1).weight_count();  // never less than a bias
      if (count == 0) continue;
      const int step = backward_step(at);
      blocks_.add(plan_of(at).parameter_gradient, count * static_cast<std::int64_t>(sizeof(T)), step, step);
    }
  }

  /// Inference may run on fewer images, and nothing says that fewer images need less scratch.
  std::size_t most_scratch(const kernels::Table<T>& table) const {
    std::size_t most = 0;
    for (const Node& node : model_.nodes) {
      if (!is_convolution(node)) continue;
      for (int images = 1; images <= images_; ++images) {
        most = std::max(most, table.conv_scratch_bytes(conv_shape(model_, node, images)));
      }
    }
    return most;
  }

  const Model& model_;
  int images_;
  bool trains_;
  int nodes_, steps_;
  NetworkPlan plan_;
  BlockList blocks_;
};

}  // namespace

std::int64_t value_count(const Model& model, int value, int images) {
  const Shape shape = model.values[static_cast<std::size_t>(value)];
  if (value == 0) return conv_shape(model, model.nodes.front(), images).source_count();
  return kernels::MapShape{images, shape.channels, shape.height, shape.width}.count();
}

template <typename T>
NetworkPlan plan_network(const Model& model, const StateLayout& layout, const kernels::Table<T>& table,
                         int images, Purpose purpose) {
  check_model(model);
  if (images < 1) throw UsageError(concat("network: ", images, " images at once; at least 1 is needed"));
  return Planner<T>(model, images, purpose).run(layout, table);
}

template NetworkPlan plan_network<float>(const Model&, const StateLayout&, const kernels::Table<float>&, int,
                                         Purpose);
template NetworkPlan plan_network<double>(const Model&, const StateLayout&, const kernels::Table<double>&,
                                          int, Purpose);

}  // namespace cohort::nn
