// Fresh images for every round's audit: disjoint subsets of the hidden set, each used once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cohort/core/digest.hpp"
#include "cohort/core/json.hpp"
#include "cohort/data/dataset.hpp"

namespace cohort::round {

/// Throws DataError unless `hidden` is hidden from whoever trains on `dataset`: all its rows are of the split
/// hidden, and no id, known lesion or patient, or pixels of an image stand in both files. Whoever opens a
/// hidden set asks this first, as what is counted on images that trained would be paid for remembering them.
void require_hidden(const data::Dataset& hidden, const data::Dataset& dataset);

/// The file that says what a run has spent: `own`, the run folder's, or the one that lies elsewhere by what
/// `own` says or, where there is no `own`, by `chosen` (empty: none; another run's own stands for its
/// ledger).
///
/// Throws Error when `own` names a file that is not there, CheckpointError when it says otherwise than
/// `chosen`, DataError when it is damaged.
std::filesystem::path ledger_of(const std::filesystem::path& own, const std::filesystem::path& chosen = {});

/// Writes into `own`, where there is none, that the run spends by `ledger`, which is started if need be.
/// Nothing to do when they are the same file. Throws Error when either cannot be written.
void share_ledger(const std::filesystem::path& own, const std::filesystem::path& ledger,
                  const data::Dataset& hidden);

/// What has been spent of a hidden set, kept in a file: beside the task that spends it, or one for all runs
/// that do.
class HiddenLedger {
 public:
  /// Reads the ledger, or starts one for `dataset`. Throws DataError when it belongs to another hidden set.
  HiddenLedger(std::filesystem::path path, const data::Dataset& dataset);

  /// The images of one round of one task, ascending: the next `count` of a permutation drawn from `seed`. The
  /// same task and round get the same images again. Takes what other processes have taken since into
  /// account: the file is locked, read anew and replaced. Throws DataError when fewer are left than asked
  /// for.
  std::vector<std::int32_t> take(const Digest& task, std::int64_t round, std::int64_t count,
                                 const Digest& seed);
  /// What a round of a task has taken, if it has.
  [[nodiscard]] std::optional<std::vector<std::int32_t>> taken(const Digest& task, std::int64_t round) const;
  [[nodiscard]] std::int64_t unspent() const;

 private:
  struct Entry {
    Digest task{};
    std::int64_t round = 0;
    std::vector<std::int32_t> images;
  };
  friend void share_ledger(const std::filesystem::path& own, const std::filesystem::path& ledger,
                           const data::Dataset& hidden);
  void read_anew();
  void read(const Json& json);
  void save() const;

  std::filesystem::path path_;
  Digest hidden_{};
  std::int64_t size_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace cohort::round
