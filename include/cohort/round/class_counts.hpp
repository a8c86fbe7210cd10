// What a model of the rounds took each class for: kept beside the total counts, for scores that weigh classes
// alike.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/core/digest.hpp"
#include "cohort/data/dataset.hpp"
#include "cohort/round/candidate.hpp"
#include "cohort/train/metrics.hpp"

namespace cohort::round {

/// One count of a model on some images, as test.json and rounds/NNN/validation.json keep it (docs/formats.md,
/// "Rounds").
struct ClassCounts {
  std::string schema, split;
  Digest model{}, images{};  ///< model_digest; digest of the images counted
  std::int64_t samples = 0, correct = 0;
  /// Without classes where the model's outputs are not finite numbers: nothing is right.
  train::Confusion confusion{0};
};

inline constexpr std::string_view kTestSchema = "cohort.rounds-test/1";
inline constexpr std::string_view kValidationSchema = "cohort.rounds-validation/1";

/// Counts a model's answers into `counts`. Collective.
void count_classes(Workers& workers, const data::Dataset& dataset, const std::vector<std::int32_t>& samples,
                   const nn::Model& model, const nn::StateLayout& layout, const Model& trained,
                   ClassCounts& counts);

/// ", balanced accuracy 0.7083", or nothing where that is not defined.
std::string balanced_text(const ClassCounts& counts);

/// Where the counts of a round's model on the common validation set stand: in the round's folder.
std::filesystem::path validation_counts_path(const std::filesystem::path& round);

/// Writes them; what was there is replaced.
void write_class_counts(const std::filesystem::path& path, const ClassCounts& counts);

/// The counts in a file; nothing when it is not there, damaged, without counts of classes or about another
/// model, so that they are counted again or not shown.
std::optional<ClassCounts> read_class_counts(const std::filesystem::path& path, const Digest& model);

}  // namespace cohort::round
