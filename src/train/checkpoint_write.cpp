#include <array>
#include <cstddef>
#include <system_error>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/store/container.hpp"
#include "cohort/train/checkpoint.hpp"
#include "train/checkpoint_layout.hpp"

namespace cohort::train {
namespace {

namespace fs = std::filesystem;
using store::ContainerWriter;

constexpr std::uintmax_t kFileOverhead = std::uintmax_t{1} << 20;  // attributes, history, texts, groups

void write_tensors(ContainerWriter& file, const std::string& group, std::span<const nn::Tensor> tensors,
                   std::span<const float> flat) {
  for (const nn::Tensor& tensor : tensors) {
    const std::vector<float> values = nn::to_canonical(tensor, flat);
    file.write<float>(stored_name(group, tensor.name), tensor.extents, values);
  }
}

/// layer_names on the root and weight_names on each layer's group: what makes Keras-style viewers list the
/// tensors.
void write_viewer_names(ContainerWriter& file, const nn::StateLayout& layout) {
  std::vector<std::pair<std::string, std::vector<std::string>>> layers;
  const auto add = [&](const std::vector<nn::Tensor>& tensors) {
    for (const nn::Tensor& tensor : tensors) {
      const auto [layer, kind] = layer_and_tensor(tensor.name);
      std::size_t i = 0;
      while (i < layers.size() && layers[i].first != layer) ++i;
      if (i == layers.size()) layers.emplace_back(layer, std::vector<std::string>());
      layers[i].second.push_back(kind);
    }
  };
  add(layout.parameters);
  add(layout.statistics);
  std::vector<std::string> names;
  for (const auto& [layer, kinds] : layers) {
    names.push_back("model/" + layer);
    file.attribute(names.back(), "weight_names", kinds);
  }
  file.attribute("/", "layer_names", names);
}

void write_model(ContainerWriter& file, const CheckpointHeader& header) {
  const nn::ModelOptions& model = header.model;
  const std::array<std::int64_t, 3> input{model.input.channels, model.input.height, model.input.width};
  file.attribute("/", "arch", model.name);
  file.attribute("/", "stem", model.stem);
  file.attribute("/", "num_classes", std::int64_t{model.classes});
  file.attribute("/", "class_names", header.classes);
  file.attribute("/", "input_size", std::span<const std::int64_t>(input));
  file.attribute("/", "mean", std::span<const double>(header.normalization.mean));
  file.attribute("/", "std", std::span<const double>(header.normalization.standard_deviation));
}

void write_header(ContainerWriter& file, const CheckpointHeader& header) {
  file.attribute("/", "format", std::string_view(kCheckpointFormat));
  file.attribute("/", "format_version", std::int64_t{header.format_version});
  file.attribute("/", "numerics_version", std::int64_t{header.numerics_version});
  file.attribute("/", "replayable", std::int64_t{header.is_replayable});
  write_model(file, header);
  file.attribute("/", "validated_weights", header.validated_weights);
  file.attribute("/", "global_step", header.step);
  file.attribute("/", "epoch", header.epoch);
  file.attribute("/", "elapsed_s", header.elapsed_s);
  file.attribute("/", "interval_loss", header.interval_loss);
  file.attribute("/", "interval_steps", header.interval_steps);
  file.attribute("/", "best_score", header.best_score);
  file.attribute("/", "has_best", std::int64_t{header.has_best});
  file.attribute("/", "program_version", header.program_version);
  file.attribute("/", "created", header.created);
  file.attribute("/", "dataset_sha256", to_hex(header.dataset_digest));
  file.attribute("/", "training_data_sha256", to_hex(header.training_digest));
  file.attribute("/", "state_sha256", to_hex(header.state_digest));
  file.attribute("/", "header_sha256", to_hex(header_digest(header)));
}

void write_texts(ContainerWriter& file, const CheckpointHeader& header) {
  std::string recipe;
  for (const auto& [key, value] : header.recipe) recipe += concat(key, "=", value, "\n");
  file.write_text("config/recipe", recipe);
  file.write_text("config/toml", header.config_toml);
  file.write_text("provenance", header.provenance);
}

void write_history(ContainerWriter& file, const std::vector<HistoryRow>& history) {
  const store::Extents extents{static_cast<std::int64_t>(history.size())};
  std::vector<std::int64_t> steps;
  for (const HistoryRow& row : history) steps.push_back(row.step);
  file.write<std::int64_t>("history/step", extents, steps);
  for (const HistoryColumn& column : kHistoryColumns) {
    std::vector<double> values;
    for (const HistoryRow& row : history) values.push_back(row.*column.value);
    file.write<double>(concat("history/", column.name), extents, values);
  }
}

void write_state(ContainerWriter& file, const nn::StateLayout& layout, const FullState& state) {
  write_tensors(file, "model", layout.parameters, state.parameters.span());
  write_tensors(file, "model", layout.statistics, state.statistics.span());
  write_viewer_names(file, layout);
  file.attribute("/", "optimizer_slots", state.slot_names);
  for (std::size_t slot = 0; slot < state.slots.size(); ++slot)
    write_tensors(file, "optimizer/" + state.slot_names[slot], layout.parameters, state.slots[slot].span());
  if (state.ema_parameters.size() == 0) return;
  write_tensors(file, "ema", layout.parameters, state.ema_parameters.span());
  write_tensors(file, "ema", layout.statistics, state.ema_statistics.span());
}

std::uintmax_t file_bytes(const FullState& state) {
  std::size_t values = state.parameters.size() + state.statistics.size() + state.ema_parameters.size() +
                       state.ema_statistics.size();
  for (const AlignedBuffer<float>& slot : state.slots) values += slot.size();
  return values * sizeof(float) + kFileOverhead;
}

void require_space(const fs::path& path, const FullState& state) {
  const std::uintmax_t needed = file_bytes(state), free = store::free_bytes(path.parent_path());
  if (free < needed)
    throw Error(concat(
        "write checkpoint ", path.string(), ": needs ", needed >> 20, " MiB, ", free >> 20,
        " MiB are free; the former checkpoint is untouched; free some space and run the same command"));
}

void require_readable(const fs::path& temporary, const fs::path& path, const Digest& expected) {
  std::string problem = "it is another state";
  try {
    if (read_checkpoint(temporary).header.state_digest == expected) return;
  } catch (const CheckpointError& error) {
    problem = error.what();
  }
  throw Error(concat("write checkpoint ", path.string(), ": reading it back failed: ", problem));
}

/// `before_rename` runs when the new file is whole but not yet in place.
void save(const fs::path& path, const nn::StateLayout& layout, Checkpoint& checkpoint,
          const std::function<void()>& before_rename) {
  checkpoint.header.state_digest = state_digest(layout, checkpoint.state);
  fs::create_directories(path.parent_path());
  require_space(path, checkpoint.state);
  const auto write = [&](const fs::path& temporary) {
    ContainerWriter file(temporary);
    write_state(file, layout, checkpoint.state);
    write_header(file, checkpoint.header);
    write_texts(file, checkpoint.header);
    write_history(file, checkpoint.header.history);
    file.close();
  };
  const auto verify = [&](const fs::path& temporary) {
    require_readable(temporary, path, checkpoint.header.state_digest);
    before_rename();
  };
  store::write_atomically(path, write, verify);
}

/// Lets `former` be known as `kept` too, replacing what `kept` was in one step.
void keep_former(const fs::path& former, const fs::path& kept) {
  if (!fs::exists(former)) return;
  const fs::path link = kept.string() + ".link";
  std::error_code error;
  fs::remove(link, error);
  fs::create_hard_link(former, link, error);
  fs::rename(error ? former : link,
             kept);  // without hard links the former moves; the new one follows at once
  // A rename between two names of one file does nothing: after a kill at this place `kept` is the former.
  fs::remove(link, error);
}

}  // namespace

void save_checkpoint(const fs::path& path, const nn::StateLayout& layout, Checkpoint& checkpoint) {
  save(path, layout, checkpoint, [] {});
}

void rotate_checkpoint(const fs::path& folder, const nn::StateLayout& layout, Checkpoint& checkpoint) {
  const fs::path last = folder / "last.h5";
  save(last, layout, checkpoint, [&] { keep_former(last, folder / "last.prev.h5"); });
}

}  // namespace cohort::train
