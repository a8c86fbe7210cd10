#include "data/groups.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "cohort/core/philox.hpp"

namespace cohort::data {
namespace {

/// Seeded order, then the largest first: small groups come last, where they can fill what is missing.
void order(std::vector<Group>& groups, std::uint64_t seed, Dealing purpose) {
  RandomSequence random(seed, Stream::data_split, static_cast<std::uint64_t>(purpose));
  for (std::size_t i = groups.size(); i > 1; --i) std::swap(groups[i - 1], groups[random.below(i)]);
  std::ranges::stable_sort(groups, std::ranges::greater(), &Group::size);
}

/// How full each bin is of each class. Counts are small integers, exact in double, and the quotients the same
/// double on every machine.
class Fullness {
 public:
  Fullness(const std::vector<Group>& groups, std::span<const std::int32_t> labels, std::span<const Bin> bins)
      : labels_(labels), bins_(bins.begin(), bins.end()) {
    const std::size_t classes = labels.empty() ? 0 : 1 + static_cast<std::size_t>(std::ranges::max(labels));
    class_counts_.resize(classes);
    assigned_.assign(bins.size(), std::vector<double>(classes));
    for (const Group& group : groups)
      for (const std::int32_t sample : group) ++class_counts_[label(sample)];
  }

  /// The bin for a group, now holding it; the number of bins when none has room.
  std::size_t place(const Group& group) {
    const Counts counts = counts_of(group);
    const auto size = static_cast<std::int64_t>(group.size());
    std::size_t best = bins_.size();
    double least = 0;
    for (std::size_t bin = 0; bin < bins_.size(); ++bin) {
      if (bins_[bin].room < size) continue;
      const double fullness = fullness_with(counts, bin);
      if (best == bins_.size() || fullness < least) {
        best = bin;
        least = fullness;
      }
    }
    if (best == bins_.size()) return best;
    bins_[best].room -= size;
    for (const auto& [label, count] : counts) assigned_[best][label] += count;
    return best;
  }

 private:
  using Counts = std::map<std::size_t, double>;  ///< samples by label

  [[nodiscard]] std::size_t label(std::int32_t sample) const {
    return static_cast<std::size_t>(labels_[static_cast<std::size_t>(sample)]);
  }
  [[nodiscard]] Counts counts_of(const Group& group) const {
    Counts counts;
    for (const std::int32_t sample : group) ++counts[label(sample)];
    return counts;
  }
  /// Sainte-Laguë's rule for indivisible groups: how full the group's classes would be with half of it added;
  /// classes count by the group's samples in them.
  [[nodiscard]] double fullness_with(const Counts& counts, std::size_t bin) const {
    double fullness = 0;
    for (const auto& [label, count] : counts) {
      const double share = bins_[bin].share * class_counts_[label];
      fullness += count * ((2 * assigned_[bin][label] + count) / share);
    }
    return fullness;
  }

  std::span<const std::int32_t> labels_;
  std::vector<Bin> bins_;  // with the room that is left
  std::vector<double> class_counts_;
  std::vector<std::vector<double>> assigned_;  // by bin and label
};

}  // namespace

Components::Components(std::size_t count) : parent_(count) {
  std::iota(parent_.begin(), parent_.end(), 0);
}

std::int32_t Components::root(std::int32_t member) {
  while (parent(member) != member) {
    parent(member) = parent(parent(member));
    member = parent(member);
  }
  return member;
}

void Components::join(std::int32_t a, std::int32_t b) {
  const std::int32_t first = root(a), second = root(b);
  parent(std::max(first, second)) = std::min(first, second);
}

void Components::join_equal(const std::function<std::string_view(std::int32_t)>& key_of) {
  std::map<std::string_view, std::int32_t> first;
  const auto count = static_cast<std::int32_t>(parent_.size());
  for (std::int32_t i = 0; i < count; ++i) {
    const std::string_view key = key_of(i);
    if (!key.empty()) join(i, first.emplace(key, i).first->second);
  }
}

std::vector<Group> Components::groups() {
  std::map<std::int32_t, Group> by_root;
  const auto count = static_cast<std::int32_t>(parent_.size());
  for (std::int32_t i = 0; i < count; ++i) by_root[root(i)].push_back(i);
  std::vector<Group> groups;
  for (auto& [first, group] : by_root) groups.push_back(std::move(group));
  return groups;
}

Deal deal_groups(std::vector<Group> groups, std::span<const std::int32_t> labels, std::span<const Bin> bins,
                 std::uint64_t seed, Dealing purpose) {
  order(groups, seed, purpose);
  Fullness fullness(groups, labels, bins);
  Deal deal;
  deal.bins.resize(bins.size());
  for (const Group& group : groups) {
    const std::size_t bin = fullness.place(group);
    Group& place = bin == bins.size() ? deal.leftover : deal.bins[bin];
    place.insert(place.end(), group.begin(), group.end());
  }
  for (Group& bin : deal.bins) std::ranges::sort(bin);
  std::ranges::sort(deal.leftover);
  return deal;
}

}  // namespace cohort::data
