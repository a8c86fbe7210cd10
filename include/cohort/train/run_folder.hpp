// What a run leaves behind for people and scripts: config, log, metrics, status. Written by the root only.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cohort/core/json.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/train/checkpoint.hpp"

namespace cohort::train {

/// The files of one run: config.toml, command.txt, environment.json, log.txt, metrics.jsonl, results.csv,
/// status.json, checkpoints/{last,last.prev,best}.h5, plots/ (docs/formats.md). Locked while open.
class RunFolder {
 public:
  /// Creates the folder (and parents) if needed, locks it and removes what a killed run left half written.
  explicit RunFolder(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }

  /// Appends one event to metrics.jsonl: schema, time and name, then `fields` (elapsed_s and step among
  /// them).
  void event(const std::string& name, const Json& fields);
  /// Rewrites results.csv from the history (so resuming can neither lose nor double rows) and cuts
  /// metrics.jsonl back to events at or before `step`; validations (events "epoch", and "checkpoint" of
  /// best.h5) to those that the history holds.
  void rewind(const std::vector<HistoryRow>& history, std::int64_t step);
  /// Whether metrics.jsonl holds an event "end" of `step`.
  [[nodiscard]] bool has_end_at(std::int64_t step) const;
  /// Whether status.json says that the run has finished or was stopped; false when it is missing or damaged.
  [[nodiscard]] bool says_ended() const;
  void write_results(const std::vector<HistoryRow>& history);
  /// Replaces status.json atomically: schema and time, then `fields`.
  void write_status(const Json& fields);
  /// Replaces config.toml and environment.json, appends to command.txt.
  void describe(const std::string& config_toml, const Json& environment, const std::string& command);

 private:
  std::filesystem::path path_;
  std::unique_ptr<store::FolderLock> lock_;
};

/// "epoch,step,time,…" and one line per row, as results.csv holds them.
std::string results_csv(const std::vector<HistoryRow>& history);

/// Reads status.json of a run folder. Throws Error when there is none.
Json read_status(const std::filesystem::path& run);

}  // namespace cohort::train
