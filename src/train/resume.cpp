#include "train/resume.hpp"

#include "cohort/core/error.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/text.hpp"

namespace cohort::train {
namespace {

namespace fs = std::filesystem;

std::vector<std::pair<std::string, std::string>> without_max_steps(
    std::vector<std::pair<std::string, std::string>> recipe) {
  std::erase_if(recipe, [](const auto& pair) { return pair.first == "max_steps"; });
  return recipe;
}

bool has_checkpoint(const fs::path& folder) {
  return fs::exists(folder / "last.h5") || fs::exists(folder / "last.prev.h5");
}

/// A run that died before its first last.h5 leaves best.h5 alone: nothing to continue from, and not to be
/// overwritten by who wants to start anew.
bool has_any_checkpoint(const fs::path& folder) {
  return has_checkpoint(folder) || fs::exists(folder / "best.h5");
}

/// What a person can do about a run whose last checkpoints are damaged, and what that loses.
std::string ways_out(const fs::path& folder, const std::string& run) {
  const std::string anew = concat("choose another --out to start anew, which loses all of ", run);
  try {
    const CheckpointHeader best = read_checkpoint_header(folder / "best.h5");
    return concat("Copy best.h5 (step ", best.step,
                  ") over last.h5 and repeat the command: it continues from",
                  " there and computes the steps since again; or ", anew);
  } catch (const CheckpointError&) {
    return concat("No other checkpoint is there: ", anew);
  }
}

std::optional<Checkpoint> newest(const fs::path& folder, const std::string& run, Log& log) {
  try {
    return read_newest(folder, log);
  } catch (const DamagedError& error) {
    throw CheckpointError(concat(error.what(), ". ", ways_out(folder, run)));
  }
}

}  // namespace

std::vector<std::string> run_differences(const CheckpointHeader& stored, const Recipe& now,
                                         const data::Dataset& dataset) {
  std::vector<std::string> lines =
      recipe_differences(without_max_steps(stored.recipe), without_max_steps(recipe_text(now)));
  if (stored.numerics_version != kNumericsVersion)
    lines.push_back(concat("numerics_version: stored ", stored.numerics_version, ", now ", kNumericsVersion));
  const Digest training = training_data_digest(dataset);
  if (stored.dataset_digest != dataset.digest())
    lines.push_back(concat("data set: stored sha256:", to_hex(stored.dataset_digest),
                           ", now sha256:", to_hex(dataset.digest())));
  else if (stored.training_digest != training)
    lines.push_back(concat("the same samples with other splits, class order or normalisation: stored sha256:",
                           to_hex(stored.training_digest), ", now sha256:", to_hex(training)));
  return lines;
}

std::string stored_select_metric(const CheckpointHeader& header) {
  const std::string key = "select_metric = \"";
  for (const std::string& line : split(header.config_toml, '\n'))
    if (line.starts_with(key)) return line.substr(key.size(), line.find('"', key.size()) - key.size());
  return "";
}

std::optional<Checkpoint> checkpoint_to_continue(const fs::path& folder, const Job& job,
                                                 const data::Dataset& dataset, Log& log) {
  const Resume resume = job.execution.resume;
  const std::string run = job.execution.out.string();
  if (resume == Resume::never && has_any_checkpoint(folder))
    throw UsageError(
        concat("--resume never, but ", run, " already holds a checkpoint; choose another --out"));
  if (resume == Resume::must && !has_checkpoint(folder))
    throw UsageError(concat("--resume must, but ", folder.string(),
                            " holds no checkpoint; check --out, or start without --resume must"));
  std::optional<Checkpoint> found = newest(folder, run, log);
  if (!found) return found;
  const std::vector<std::string> differences = run_differences(found->header, job.recipe, dataset);
  if (!differences.empty())
    throw CheckpointError(concat("the checkpoint in ", run,
                                 " belongs to another run: ", joined(differences, "; "),
                                 ". Repeat the former settings to continue it, or choose another --out"));
  return found;
}

}  // namespace cohort::train
