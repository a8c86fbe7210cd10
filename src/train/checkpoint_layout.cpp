#include "train/checkpoint_layout.hpp"

#include <bit>

namespace cohort::train {
namespace {

void update_double(Sha256& hash, double value) {
  hash.update_u64(std::bit_cast<std::uint64_t>(value));
}
void update_int(Sha256& hash, std::int64_t value) {
  hash.update_u64(static_cast<std::uint64_t>(value));
}

void update_recipe(Sha256& hash, const std::vector<std::pair<std::string, std::string>>& recipe) {
  update_int(hash, static_cast<std::int64_t>(recipe.size()));
  for (const auto& [key, value] : recipe) hash.update_field(key).update_field(value);
}

void update_model(Sha256& hash, const CheckpointHeader& header) {
  hash.update_field(header.model.name).update_field(header.model.stem);
  for (const int value : {header.model.classes, header.model.input.channels, header.model.input.height,
                          header.model.input.width})
    update_int(hash, value);
  update_int(hash, static_cast<std::int64_t>(header.classes.size()));
  for (const std::string& name : header.classes) hash.update_field(name);
  for (const double value : header.normalization.mean) update_double(hash, value);
  for (const double value : header.normalization.standard_deviation) update_double(hash, value);
}

void update_history(Sha256& hash, const std::vector<HistoryRow>& history) {
  update_int(hash, static_cast<std::int64_t>(history.size()));
  for (const HistoryRow& row : history) {
    update_int(hash, row.step);
    for (const HistoryColumn& column : kHistoryColumns) update_double(hash, row.*column.value);
  }
}

}  // namespace

std::pair<std::string, std::string> layer_and_tensor(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos) return {name, "value"};
  return {name.substr(0, dot), name.substr(dot + 1)};
}

std::string stored_name(const std::string& group, const std::string& tensor) {
  const auto [layer, kind] = layer_and_tensor(tensor);
  return group + "/" + layer + "/" + kind;
}

Digest header_digest(const CheckpointHeader& header) {
  Sha256 hash;
  hash.update_field("cohort-checkpoint-header");
  update_int(hash, header.format_version);
  update_int(hash, header.numerics_version);
  update_int(hash, header.is_replayable);
  update_model(hash, header);
  hash.update_field(header.validated_weights);
  update_int(hash, header.step);
  update_double(hash, header.epoch);
  update_double(hash, header.elapsed_s);
  update_recipe(hash, header.recipe);
  hash.update(std::as_bytes(std::span(header.dataset_digest)));
  hash.update(std::as_bytes(std::span(header.training_digest)));
  update_history(hash, header.history);
  update_double(hash, header.interval_loss);
  update_int(hash, header.interval_steps);
  update_double(hash, header.best_score);
  update_int(hash, header.has_best);
  for (const std::string& text :
       {header.program_version, header.created, header.provenance, header.config_toml})
    hash.update_field(text);
  return hash.finish();
}

}  // namespace cohort::train
