#include <algorithm>
#include <cstddef>
#include <system_error>

#include "cohort/core/error.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/text.hpp"
#include "cohort/store/container.hpp"
#include "cohort/train/checkpoint.hpp"
#include "train/checkpoint_failure.hpp"
#include "train/checkpoint_layout.hpp"

namespace cohort::train {
namespace {

namespace fs = std::filesystem;
using store::ContainerReader;

constexpr std::int64_t kMostClasses = 100000,
                       kMostPixels = 16384;  // sizes beyond these are damage, not models
constexpr std::size_t kMostSlots = 4;

int size_within(std::int64_t value, std::int64_t most, std::string_view what) {
  if (value < 1 || value > most) throw CheckpointError(concat(what, " is ", value, ", expected 1 to ", most));
  return static_cast<int>(value);
}

nn::ModelOptions read_model(const ContainerReader& file) {
  const std::vector<std::int64_t> input = file.ints_attribute("/", "input_size");
  if (input.size() != 3) throw CheckpointError("input_size does not have three numbers");
  nn::ModelOptions model;
  model.name = file.text_attribute("/", "arch");
  model.stem = file.text_attribute("/", "stem");
  model.classes = size_within(file.int_attribute("/", "num_classes"), kMostClasses, "num_classes");
  model.input = {size_within(input[0], kMostPixels, "input channels"),
                 size_within(input[1], kMostPixels, "input height"),
                 size_within(input[2], kMostPixels, "input width")};
  return model;
}

data::Normalization read_normalization(const ContainerReader& file) {
  data::Normalization normalization;
  const auto read = [&](const char* name, std::array<double, 3>& values) {
    const std::vector<double> stored = file.doubles_attribute("/", name);
    if (stored.size() != values.size()) throw CheckpointError(concat(name, " does not have three numbers"));
    std::copy(stored.begin(), stored.end(), values.begin());
  };
  read("mean", normalization.mean);
  read("std", normalization.standard_deviation);
  return normalization;
}

std::vector<HistoryRow> read_history(const ContainerReader& file) {
  const std::vector<std::int64_t> steps = file.read<std::int64_t>("history/step");
  std::vector<HistoryRow> history(steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i) history[i].step = steps[i];
  for (const HistoryColumn& column : kHistoryColumns) {
    const std::vector<double> values = file.read<double>(concat("history/", column.name));
    if (values.size() != history.size()) throw CheckpointError("history columns differ in length");
    for (std::size_t i = 0; i < values.size(); ++i) history[i].*column.value = values[i];
  }
  return history;
}

std::vector<std::pair<std::string, std::string>> read_recipe(const ContainerReader& file) {
  std::vector<std::pair<std::string, std::string>> recipe;
  for (const std::string& line : split(file.read_text("config/recipe"), '\n')) {
    const std::size_t sign = line.find('=');
    if (sign != std::string::npos) recipe.emplace_back(line.substr(0, sign), line.substr(sign + 1));
  }
  return recipe;
}

void check_format(const ContainerReader& file) {
  if (!file.has_attribute("/", "format") || file.text_attribute("/", "format") != kCheckpointFormat)
    throw CheckpointError("this is not a checkpoint of cohort");
  const std::int64_t version = file.int_attribute("/", "format_version");
  if (version != kCheckpointFormatVersion)
    throw OtherProgramError(
        concat("its format_version is ", version, ", this program reads ", kCheckpointFormatVersion));
}

CheckpointHeader read_header(const ContainerReader& file) {
  check_format(file);
  CheckpointHeader header;
  header.numerics_version = static_cast<int>(file.int_attribute("/", "numerics_version"));
  header.is_replayable = file.int_attribute("/", "replayable") != 0;
  header.model = read_model(file);
  header.classes = file.strings_attribute("/", "class_names");
  header.normalization = read_normalization(file);
  header.validated_weights = file.text_attribute("/", "validated_weights");
  header.step = file.int_attribute("/", "global_step");
  header.epoch = file.double_attribute("/", "epoch");
  header.elapsed_s = file.double_attribute("/", "elapsed_s");
  header.recipe = read_recipe(file);
  header.dataset_digest = digest_from_hex(file.text_attribute("/", "dataset_sha256"));
  header.training_digest = digest_from_hex(file.text_attribute("/", "training_data_sha256"));
  header.state_digest = digest_from_hex(file.text_attribute("/", "state_sha256"));
  header.history = read_history(file);
  header.interval_loss = file.double_attribute("/", "interval_loss");
  header.interval_steps = file.int_attribute("/", "interval_steps");
  header.best_score = file.double_attribute("/", "best_score");
  header.has_best = file.int_attribute("/", "has_best") != 0;
  header.program_version = file.text_attribute("/", "program_version");
  header.created = file.text_attribute("/", "created");
  header.provenance = file.read_text("provenance");
  header.config_toml = file.read_text("config/toml");
  if (header_digest(header) != digest_from_hex(file.text_attribute("/", "header_sha256")))
    throw CheckpointError("its header does not match its digest; the file is damaged");
  return header;
}

void read_tensors(const ContainerReader& file, const std::string& group, std::span<const nn::Tensor> tensors,
                  std::span<float> flat) {
  std::vector<float> values;
  for (const nn::Tensor& tensor : tensors) {
    const std::string name = stored_name(group, tensor.name);
    if (file.info(name).extents != tensor.extents)
      throw CheckpointError(concat(name, " has another shape than the model's tensor"));
    values.resize(static_cast<std::size_t>(tensor.canonical_count()));
    file.read(name, store::Kind::f32, std::as_writable_bytes(std::span(values)));
    nn::from_canonical(tensor, values, flat);
  }
}

FullState read_state(const ContainerReader& file, const nn::StateLayout& layout, std::int64_t step) {
  const auto parameter_count = static_cast<std::size_t>(layout.parameter_count);
  const auto statistic_count = static_cast<std::size_t>(layout.statistic_count);
  const auto read_parameters = [&](const std::string& group) {
    AlignedBuffer<float> flat(parameter_count);
    read_tensors(file, group, layout.parameters, flat.span());
    return flat;
  };
  const auto read_statistics = [&](const std::string& group) {
    AlignedBuffer<float> flat(statistic_count);
    read_tensors(file, group, layout.statistics, flat.span());
    return flat;
  };
  FullState state;
  state.step = step;
  state.parameters = read_parameters("model");
  state.statistics = read_statistics("model");
  state.slot_names = file.strings_attribute("/", "optimizer_slots");
  if (state.slot_names.size() > kMostSlots) throw CheckpointError("it lists too many optimizer buffers");
  for (const std::string& name : state.slot_names)
    state.slots.push_back(read_parameters("optimizer/" + name));
  if (file.contains("ema")) {
    state.ema_parameters = read_parameters("ema");
    state.ema_statistics = read_statistics("ema");
  }
  return state;
}

Checkpoint read_whole(const fs::path& path) {
  const ContainerReader file(path);
  Checkpoint checkpoint;
  checkpoint.header = read_header(file);
  if (checkpoint.header.numerics_version != kNumericsVersion)
    throw OtherProgramError(concat("it was computed with numerics_version ",
                                   checkpoint.header.numerics_version, ", this program computes ",
                                   kNumericsVersion, "; use a program of version ",
                                   checkpoint.header.program_version));
  const nn::StateLayout layout = nn::layout_state(nn::build_model(checkpoint.header.model));
  checkpoint.state = read_state(file, layout, checkpoint.header.step);
  if (state_digest(layout, checkpoint.state) != checkpoint.header.state_digest)
    throw CheckpointError("its tensors do not match its state digest; the file is damaged");
  return checkpoint;
}

/// Left in place, the damaged file would be rotated over the whole former one when the next is written.
fs::path set_aside(const fs::path& last) {
  const fs::path kept = last.parent_path() / "last.damaged.h5";
  std::error_code error;
  fs::rename(last, kept, error);
  if (error)
    throw CheckpointError(concat("rename ", last.string(), " into ", kept.string(), ": ", error.message()));
  return kept;
}

}  // namespace

CheckpointHeader read_checkpoint_header(const fs::path& path) {
  return reading(path, [&] { return read_header(ContainerReader(path)); });
}

Checkpoint read_checkpoint(const fs::path& path) {
  return reading(path, [&] { return read_whole(path); });
}

std::optional<Checkpoint> read_newest(const fs::path& folder, Log& log) {
  const fs::path last = folder / "last.h5", former = folder / "last.prev.h5";
  const bool has_last = fs::exists(last), has_former = fs::exists(former);
  if (!has_last && !has_former) return std::nullopt;
  if (!has_former) return read_checkpoint(last);
  if (!has_last) {
    log.warning(concat(last.string(), " is missing; continuing from ", former.string()));
    return read_checkpoint(former);
  }
  std::string problem;
  try {
    return read_checkpoint(last);
  } catch (const DamagedError& error) {
    problem = error.what();
  }
  Checkpoint whole = read_checkpoint(former);
  const fs::path kept = set_aside(last);
  log.warning(
      concat(problem, "; continuing from ", former.string(), "; what is damaged is kept as ", kept.string()));
  return whole;
}

}  // namespace cohort::train
