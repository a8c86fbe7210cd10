// A state on disk: one HDF5 file that says all that is needed to continue, evaluate or inspect; nothing per
// rank.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cohort/core/digest.hpp"
#include "cohort/core/error.hpp"
#include "cohort/core/log.hpp"
#include "cohort/data/dataset.hpp"
#include "cohort/nn/model.hpp"
#include "cohort/train/state.hpp"

namespace cohort::train {

inline constexpr int kCheckpointFormatVersion = 1;

/// One validation of the run so far; travels in the checkpoint so that tables survive a lost CSV. Scores that
/// are undefined (no validation split, a class without samples) are NaN; files show them as empty or null.
struct HistoryRow {
  double epoch = 0;
  std::int64_t step = 0;
  double elapsed_s = 0;  ///< over all starts; never decides anything
  double train_loss = 0, validation_loss = 0, accuracy = 0, balanced_accuracy = 0, auc_macro = 0,
         learning_rate = 0, images_per_s = 0;
};

struct CheckpointHeader {
  int format_version = kCheckpointFormatVersion;
  int numerics_version = 0;
  bool is_replayable = true;  ///< false after --kernels blas
  nn::ModelOptions model;
  std::vector<std::string> classes;
  data::Normalization normalization;
  std::string validated_weights = "raw";  ///< or "ema"
  std::int64_t step = 0;
  double epoch = 0, elapsed_s = 0;
  std::vector<std::pair<std::string, std::string>> recipe;  ///< train::recipe_text
  Digest dataset_digest{};   ///< data::Dataset::digest: the samples, whatever their splits
  Digest training_digest{};  ///< train::training_data_digest: what of the data set decides the run
  Digest state_digest{};
  std::vector<HistoryRow> history;
  double interval_loss = 0;  ///< sum of the steps' losses since the last row of the history
  std::int64_t interval_steps = 0;
  double best_score = 0;  ///< of the select metric; meaningful when has_best
  bool has_best = false;
  std::string program_version, created,
      provenance;           ///< provenance: command, ranks, threads, instruction set, host
  std::string config_toml;  ///< resolved configuration of the start that wrote this
};

struct Checkpoint {
  CheckpointHeader header;
  FullState state;
};

/// The system gives every byte of a file, and they are not those of a whole checkpoint: it was cut short,
/// altered or never one.
class DamagedError : public CheckpointError {
 public:
  using CheckpointError::CheckpointError;
};

/// Writes atomically; before the rename the file is read back and its state digest recomputed. Checks free
/// space first. Fills in header.state_digest. Throws Error naming the path; what stood there before is then
/// untouched.
void save_checkpoint(const std::filesystem::path& path, const nn::StateLayout& layout,
                     Checkpoint& checkpoint);

/// save_checkpoint to <folder>/last.h5, keeping the former as last.prev.h5. At every moment one of them is
/// whole.
void rotate_checkpoint(const std::filesystem::path& folder, const nn::StateLayout& layout,
                       Checkpoint& checkpoint);

/// Header alone (cheap). Throws as read_checkpoint.
CheckpointHeader read_checkpoint_header(const std::filesystem::path& path);
/// Whole state; the state digest is recomputed and must match. Throws, naming file and problem,
/// DamagedError; CheckpointError for what cannot be read or is of another format or numerics_version;
/// Error when memory runs out.
Checkpoint read_checkpoint(const std::filesystem::path& path);

/// last.h5; or last.prev.h5, with a warning, when the last is missing or damaged; nothing when neither
/// exists. The damaged one is renamed to last.damaged.h5, so that the next rotation cannot put it in place of
/// the whole one. Throws as read_checkpoint when files exist but none is whole, and when the last one cannot
/// be read for another reason than damage: it stays where it is.
std::optional<Checkpoint> read_newest(const std::filesystem::path& folder, Log& log);

}  // namespace cohort::train
