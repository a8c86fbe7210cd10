// Groups of samples that may not be parted, and how they are dealt out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace cohort::data {

/// Numbers of samples that stay together, ascending.
using Group = std::vector<std::int32_t>;

/// Which of so many samples belong together: at first each is alone.
class Components {
 public:
  explicit Components(std::size_t count);
  void join(std::int32_t a, std::int32_t b);
  /// Joins all samples of one key; an empty key joins nothing. Keys live as long as the call.
  void join_equal(const std::function<std::string_view(std::int32_t)>& key_of);
  /// In the order of their first samples.
  [[nodiscard]] std::vector<Group> groups();

 private:
  std::int32_t root(std::int32_t member);
  std::int32_t& parent(std::int32_t member) { return parent_[static_cast<std::size_t>(member)]; }
  std::vector<std::int32_t> parent_;  // of a set's first sample: itself
};

/// A place for samples: its share of every class, in any unit, and how many it holds at most.
struct Bin {
  double share = 0;
  std::int64_t room = 0;
};

/// What was dealt into each bin, and what no bin had room for; ascending.
struct Deal {
  std::vector<Group> bins;
  Group leftover;
};

/// What a seed is used for; each has a random order of its own.
enum class Dealing : std::uint64_t { into_splits = 0, among_candidates = 1 };

/// Deals whole groups into bins, stratified by class. Groups come in seeded order, the largest first; each
/// goes where, by Sainte-Laguë's rule, its classes are least full (docs/formats.md, "Splits"), among the bins
/// that have room for all of it; ties go to the earlier bin. `labels` are by number of sample; a bin with
/// room has a share above 0.
Deal deal_groups(std::vector<Group> groups, std::span<const std::int32_t> labels, std::span<const Bin> bins,
                 std::uint64_t seed, Dealing purpose);

}  // namespace cohort::data
