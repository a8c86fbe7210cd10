// Which ranks train and audit which candidates; nothing here may matter for a result.
#pragma once

#include <cstdint>
#include <vector>

namespace cohort::round {

/// `candidates` dealt to min(candidates, ranks) groups of neighbouring ranks, as evenly as they go.
class Grouping {
 public:
  Grouping(int ranks, int candidates) : ranks_(ranks), candidates_(candidates) {}

  [[nodiscard]] int groups() const { return candidates_ < ranks_ ? candidates_ : ranks_; }
  [[nodiscard]] int group_of_rank(int rank) const {
    return static_cast<int>(static_cast<std::int64_t>(rank) * groups() / ranks_);
  }
  /// Group that trains the candidate at a position of the round's list.
  [[nodiscard]] int trainer_of(int position) const {
    return static_cast<int>(static_cast<std::int64_t>(position) * groups() / candidates_);
  }
  /// Another group than the trainer's, where there is one.
  [[nodiscard]] int auditor_of(int position) const { return (trainer_of(position) + 1) % groups(); }
  /// First rank of a group.
  [[nodiscard]] int root_of(int group) const {
    return static_cast<int>((static_cast<std::int64_t>(group) * ranks_ + groups() - 1) / groups());
  }

 private:
  int ranks_, candidates_;
};

}  // namespace cohort::round
