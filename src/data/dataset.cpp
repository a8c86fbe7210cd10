#include "cohort/data/dataset.hpp"

#include <algorithm>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "data/packed_file.hpp"

namespace cohort::data {

struct Dataset::State {
  std::shared_ptr<const PackedFile> file;
  std::vector<std::uint8_t> splits;
};

Dataset::Dataset(std::unique_ptr<State> state) : state_(std::move(state)) {}
Dataset::~Dataset() = default;
Dataset::Dataset(Dataset&&) noexcept = default;

Dataset Dataset::open(const std::filesystem::path& path, bool verify_pixels) {
  auto file = std::make_shared<PackedFile>(open_packed(path));
  if (verify_pixels) verify_records(*file);
  auto state = std::make_unique<State>();
  state->splits = file->splits;
  state->file = std::move(file);
  return Dataset(std::move(state));
}

Dataset Dataset::with_splits(std::vector<Split> splits) const {
  require(static_cast<std::int64_t>(splits.size()) == size(), "Dataset::with_splits: one split per sample");
  auto state = std::make_unique<State>();
  state->file = state_->file;
  for (const Split split : splits) state->splits.push_back(static_cast<std::uint8_t>(split));
  return Dataset(std::move(state));
}

std::int64_t Dataset::size() const {
  return static_cast<std::int64_t>(state_->file->labels.size());
}
Shape Dataset::image_shape() const {
  return state_->file->shape;
}
std::span<const std::uint8_t> Dataset::pixels(std::int64_t index) const {
  require(index >= 0 && index < size(), "Dataset::pixels: no such sample");
  const auto bytes = static_cast<std::size_t>(state_->file->shape.count());
  return state_->file->pixels.subspan(static_cast<std::size_t>(index) * bytes, bytes);
}
std::span<const std::int32_t> Dataset::labels() const {
  return state_->file->labels;
}
Split Dataset::split(std::int64_t index) const {
  return static_cast<Split>(state_->splits.at(static_cast<std::size_t>(index)));
}
const std::string& Dataset::id(std::int64_t index) const {
  return state_->file->ids.at(static_cast<std::size_t>(index));
}
const std::vector<std::string>& Dataset::classes() const {
  return state_->file->classes;
}
const Normalization& Dataset::normalization() const {
  return state_->file->normalization;
}

std::vector<std::int32_t> Dataset::indices(Split split) const {
  std::vector<std::int32_t> found;
  for (std::size_t i = 0; i < state_->splits.size(); ++i) {
    if (static_cast<Split>(state_->splits[i]) == split) found.push_back(static_cast<std::int32_t>(i));
  }
  return found;
}

const std::vector<std::string>& Dataset::column(std::string_view name) const {
  const auto found = std::ranges::find(state_->file->column_names, name);
  if (found != state_->file->column_names.end()) {
    return state_->file->columns[static_cast<std::size_t>(found - state_->file->column_names.begin())];
  }
  throw DataError(concat("data set ", path().string(), ": there is no column '", name, "'",
                         did_you_mean(name, state_->file->column_names),
                         " (known: ", joined(state_->file->column_names, ", "), ")"));
}

std::vector<std::string> Dataset::column_names() const {
  return state_->file->column_names;
}
const Digest& Dataset::digest() const {
  return state_->file->digest;
}

Digest Dataset::subset_digest(std::span<const std::int32_t> indices) const {
  std::vector<Digest> leaves;
  leaves.reserve(indices.size());
  for (const std::int32_t index : indices)
    leaves.push_back(state_->file->records.at(static_cast<std::size_t>(index)));
  return merkle_root(leaves);
}

const std::filesystem::path& Dataset::path() const {
  return state_->file->path;
}

}  // namespace cohort::data
