#include "cohort/round/sent_model.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "cohort/core/error.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/text.hpp"
#include "cohort/optim/optimizer.hpp"
#include "cohort/train/checkpoint.hpp"
#include "round/submission_arrays.hpp"
#include "train/checkpoint_layout.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;
using Arrays = std::span<const std::vector<std::byte>>;

/// What a checkpoint holds besides tensors and their groups: a history of 200,000 rows, texts, lists of
/// names.
constexpr std::uint64_t kMostOtherBytes = std::uint64_t{16} << 20;

constexpr std::string_view kWayOut = "; take it from a copy, or ask for it again";

[[noreturn]] void refuse_as_damaged(const fs::path& file, std::string_view problem) {
  throw CheckpointError(concat("damaged model file: ", file.string(), ": ", problem, kWayOut));
}

/// Tensors of one sort, as a checkpoint keeps them below a folder of its own.
struct TensorGroup {
  std::string name;
  const std::vector<nn::Tensor>& tensors;
  std::int64_t count;  ///< elements of the flat buffer
  bool is_optional;
};

/// Names of the buffers of all optimizers, each once and an optimizer's in its own order.
std::vector<std::string> slot_names() {
  std::vector<std::string> names;
  for (const auto kind : {optim::OptimizerKind::sgd, optim::OptimizerKind::adamw, optim::OptimizerKind::lars})
    for (const std::string_view name : optim::slot_names(kind))
      if (std::ranges::find(names, name) == names.end()) names.emplace_back(name);
  return names;
}

TensorGroup parameters_in(const std::string& group, const nn::StateLayout& layout, bool is_optional) {
  return {group, layout.parameters, layout.parameter_count, is_optional};
}

TensorGroup statistics_in(const std::string& group, const nn::StateLayout& layout, bool is_optional) {
  return {group, layout.statistics, layout.statistic_count, is_optional};
}

std::string slot_group(const std::string& slot) {
  return concat("optimizer/", slot);
}

void expect_group(std::vector<store::ExpectedArray>& expected, const TensorGroup& group) {
  for (const nn::Tensor& tensor : group.tensors)
    expected.push_back({train::stored_name(group.name, tensor.name), store::Kind::f32, tensor.extents, 0,
                        group.is_optional});
}

store::ExpectedArray text_attribute(const char* name, std::int64_t most_bytes) {
  return {name, store::Kind::u8, {}, most_bytes, false, true};
}

store::ExpectedArray number_attribute(const char* name) {
  return {name, store::Kind::i64, {}, 0, false, true};
}

/// In the order in which SentFile takes it.
std::vector<store::ExpectedArray> expectation(const nn::StateLayout& layout) {
  std::vector<store::ExpectedArray> expected{
      text_attribute("format", 64),         number_attribute("format_version"),
      number_attribute("numerics_version"), text_attribute("validated_weights", 64),
      number_attribute("global_step"),      text_attribute("state_sha256", 64)};
  expect_group(expected, parameters_in("model", layout, false));
  expect_group(expected, statistics_in("model", layout, false));
  for (const std::string& slot : slot_names())
    expect_group(expected, parameters_in(slot_group(slot), layout, true));
  expect_group(expected, parameters_in("ema", layout, true));
  expect_group(expected, statistics_in("ema", layout, true));
  return expected;
}

/// What was read, taken off the front piece by piece.
class SentFile {
 public:
  SentFile(const fs::path& file, Arrays arrays) : file_(file), arrays_(arrays) {}

  /// Up to the NULs that fill it.
  std::string text() {
    const std::string filled = take_text(arrays_);
    return filled.substr(0, filled.find('\0'));
  }

  std::int64_t number() {
    std::int64_t value = 0;
    require(arrays_.front().size() == sizeof value, "read_sent_model: a number of another size");
    std::memcpy(&value, arrays_.front().data(), sizeof value);
    arrays_ = arrays_.subspan(1);
    return value;
  }

  /// The flat buffer of a group; empty when the group is not there.
  AlignedBuffer<float> group(const TensorGroup& group) {
    const Arrays stored = arrays_.first(group.tensors.size());
    const auto absent = static_cast<std::size_t>(
        std::ranges::count_if(stored, [](const std::vector<std::byte>& array) { return array.empty(); }));
    if (absent > 0 && absent < stored.size())
      refuse_as_damaged(file_, concat(group.name, " lacks a part of its tensors"));
    if (absent > 0) {
      arrays_ = arrays_.subspan(stored.size());
      return {};
    }
    AlignedBuffer<float> flat(static_cast<std::size_t>(group.count));
    take_tensors(arrays_, group.tensors, flat.span());
    return flat;
  }

 private:
  const fs::path& file_;
  Arrays arrays_;
};

struct SentState {
  train::FullState state;
  std::string validated_weights;
  std::string digest;  ///< of the state, as the file says
};

void check_format(const fs::path& file, SentFile& sent) {
  if (sent.text() != train::kCheckpointFormat)
    throw CheckpointError(
        concat("read a model from ", file.string(), ": this is not a checkpoint of cohort"));
  const std::int64_t format = sent.number(), numerics = sent.number();
  if (format != train::kCheckpointFormatVersion)
    throw CheckpointError(concat("read a model from ", file.string(), ": its format_version is ", format,
                                 ", this program reads ", train::kCheckpointFormatVersion));
  if (numerics != kNumericsVersion)
    throw CheckpointError(
        concat("read a model from ", file.string(), ": it was computed with numerics_version ", numerics,
               ", this program computes ", kNumericsVersion, "; use a program of its version"));
}

SentState state_of(const fs::path& file, Arrays arrays, const nn::StateLayout& layout) {
  SentFile sent(file, arrays);
  check_format(file, sent);
  SentState read;
  read.validated_weights = sent.text();
  read.state.step = sent.number();
  read.digest = sent.text();
  read.state.parameters = sent.group(parameters_in("model", layout, false));
  read.state.statistics = sent.group(statistics_in("model", layout, false));
  for (const std::string& slot : slot_names()) {
    AlignedBuffer<float> flat = sent.group(parameters_in(slot_group(slot), layout, true));
    if (flat.size() == 0) continue;
    read.state.slot_names.push_back(slot);
    read.state.slots.push_back(std::move(flat));
  }
  read.state.ema_parameters = sent.group(parameters_in("ema", layout, true));
  read.state.ema_statistics = sent.group(statistics_in("ema", layout, true));
  return read;
}

/// What was validated, out of a whole state.
Model model_of(const fs::path& file, const nn::StateLayout& layout, SentState sent) {
  train::FullState& state = sent.state;
  if (to_hex(train::state_digest(layout, state)) != sent.digest)
    refuse_as_damaged(file, "its tensors do not match its state digest");
  if (sent.validated_weights == "raw") return {std::move(state.parameters), std::move(state.statistics)};
  if (sent.validated_weights != "ema" || state.ema_parameters.size() == 0)
    refuse_as_damaged(file, "it does not hold the weights that it says were validated");
  return {std::move(state.ema_parameters), std::move(state.ema_statistics)};
}

[[noreturn]] void refuse(const fs::path& file, const store::HostileContents& contents) {
  using store::HostileProblem;
  const std::string doing = concat("read a model from ", file.string(), ": ");
  if (contents.has_other_arrays)
    throw DataError(concat(file.string(), ": is not a model of the task's architecture: ", contents.detail,
                           "; name a checkpoint of the model that the task trains"));
  if (contents.problem == HostileProblem::interrupted) throw Error(doing + contents.detail);
  if (contents.problem == HostileProblem::format)
    throw CheckpointError(concat(doing, "it is no whole checkpoint of cohort: ", contents.detail, kWayOut));
  if (contents.problem == HostileProblem::failed)
    throw CheckpointError(
        concat(doing, contents.detail, "; no checkpoint of cohort does that: it may be made to"));
  throw CheckpointError(doing + contents.detail);
}

}  // namespace

Model read_sent_model(const fs::path& file, const nn::StateLayout& layout) {
  store::HostileLimits limits;
  limits.slack_bytes = kMostOtherBytes;
  // A link is nobody's attempt here: whoever runs the command has named it.
  const store::HostileContents contents =
      store::read_hostile(fs::weakly_canonical(file), expectation(layout), limits, store::Others::skipped);
  if (contents.problem != store::HostileProblem::none) refuse(file, contents);
  Model model = model_of(file, layout, state_of(file, contents.arrays, layout));
  for (const auto& [tensors, flat] : {std::pair{&layout.parameters, model.parameters.span()},
                                      std::pair{&layout.statistics, model.statistics.span()}})
    if (const auto problem = unusable_value(*tensors, flat))
      throw DataError(concat(file.string(), ": ", *problem,
                             ": no round can start from it; name a checkpoint that has not diverged"));
  return model;
}

}  // namespace cohort::round
