// A trained model, as evaluation and prediction need it.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "cohort/nn/model.hpp"
#include "cohort/nn/state_layout.hpp"
#include "cohort/round/merge.hpp"
#include "cohort/train/checkpoint.hpp"

namespace cohort::app {

struct TrainedModel {
  std::filesystem::path file;
  train::Checkpoint checkpoint;
  nn::Model model;
  nn::StateLayout layout;

  /// The weights that the run validated: raw or averaged.
  [[nodiscard]] std::span<const float> parameters() const;
  [[nodiscard]] std::span<const float> statistics() const;
  /// "step 340, epoch 20.0", "step 340, model of round 3", or "step 340" where nothing else is known.
  [[nodiscard]] std::string position(int decimals = 1) const;
  /// "runs/a/checkpoints/best.h5 (step 340, epoch 20.0)"
  [[nodiscard]] std::string text() const;
};

/// The checkpoint meant by a run folder (best.h5, else last.h5) or a file. Throws DataError naming what was
/// looked for.
std::filesystem::path find_checkpoint(const std::filesystem::path& run_or_file);

/// All files that load_model would read.
std::vector<std::filesystem::path> files_of_model(const std::filesystem::path& run_or_file);

/// Whether a file lies where members hand in: below any folder `submissions`, as it is spelled or where links
/// lead. That is a stranger's, which nothing but the child for such files may open, whatever it holds. Throws
/// std::filesystem::filesystem_error where a link cannot be followed.
bool is_handed_in(const std::filesystem::path& file);

/// "cohort submission open FILE --task TASK.json": how to look at a file that is_handed_in, or may have been;
/// with the task of the run in whose folder it lies.
std::string command_to_open(const std::filesystem::path& file);

/// Reads and verifies it; throws CheckpointError with the way out where it is damaged. May also be what a
/// member handed in, in its run's folder (rounds/003/submissions/device-01.h5), once that round is done:
/// DataError before.
TrainedModel load_model(const std::filesystem::path& run_or_file);

/// The same as a model that rounds start from. Whoever made the file, the HDF5 library does not open it: the
/// child for strangers' files reads it (round::read_sent_model, which says what is thrown).
round::Model load_parent(const std::filesystem::path& run_or_file, const nn::StateLayout& layout);

/// The data set that a run was trained on, by its config.toml; empty when that does not say. What a member
/// handed in has that of the run above the round: a config.toml beside it is as much a stranger's.
std::filesystem::path data_of_run(const std::filesystem::path& checkpoint);

/// The data set of a run of rounds: `chosen`, or where that is empty the one that it was trained on. Throws
/// DataError when the folder is not one of rounds, or the data set is not there.
std::filesystem::path data_of_rounds(const std::filesystem::path& run, const std::filesystem::path& chosen);

/// Class probabilities [count][classes] of dense logits.
std::vector<double> probabilities(int classes, std::span<const float> logits);

}  // namespace cohort::app
