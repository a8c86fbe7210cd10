#include "data/deal.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <string>

#include "cohort/core/philox.hpp"

namespace cohort::data {
namespace {

using Group = std::vector<std::int32_t>;

/// Draw of the split stream that deals; draw 0 orders the import's groups.
constexpr std::uint64_t kDealDraw = 1;

/// Connected components over patient and lesion, in the order of their first samples.
std::vector<Group> groups_of(const Dataset& dataset, std::span<const std::int32_t> pool) {
  std::vector<std::size_t> parent(pool.size());
  std::iota(parent.begin(), parent.end(), 0);
  const auto root = [&](std::size_t member) {
    while (parent[member] != member) member = parent[member] = parent[parent[member]];
    return member;
  };
  for (const char* name : {"patient", "lesion"}) {
    const std::vector<std::string>& values = dataset.column(name);
    std::map<std::string, std::size_t> first;
    for (std::size_t i = 0; i < pool.size(); ++i) {
      const std::string& value = values[static_cast<std::size_t>(pool[i])];
      if (value.empty()) continue;
      const std::size_t a = root(i), b = root(first.emplace(value, i).first->second);
      parent[std::max(a, b)] = std::min(a, b);
    }
  }
  std::map<std::size_t, Group> by_root;
  for (std::size_t i = 0; i < pool.size(); ++i) by_root[root(i)].push_back(pool[i]);
  std::vector<Group> groups;
  for (auto& [first, group] : by_root) groups.push_back(std::move(group));
  return groups;
}

void order(std::vector<Group>& groups, std::uint64_t seed) {
  RandomSequence random(seed, Stream::data_split, kDealDraw);
  for (std::size_t i = groups.size(); i > 1; --i) std::swap(groups[i - 1], groups[random.below(i)]);
  std::ranges::stable_sort(groups, std::ranges::greater(), &Group::size);
}

/// How full each bin is of each class. Shares of the pool make the classes' targets; all are small integers
/// and their quotients, the same double on every machine.
class Bins {
 public:
  Bins(const Dataset& dataset, std::span<const std::int32_t> pool, std::span<const std::int64_t> sizes)
      : labels_(dataset.labels()),
        sizes_(sizes.begin(), sizes.end()),
        room_(sizes_),
        class_counts_(dataset.classes().size()) {
    for (const std::int32_t sample : pool) ++class_counts_[label(sample)];
    assigned_.assign(sizes.size(), std::vector<double>(class_counts_.size()));
  }

  /// The bin for a group, now holding it; -1 when none has room.
  std::ptrdiff_t place(const Group& group) {
    std::map<std::size_t, double> members;
    for (const std::int32_t sample : group) ++members[label(sample)];
    std::ptrdiff_t best = -1;
    double least = 0;
    for (std::size_t bin = 0; bin < sizes_.size(); ++bin) {
      if (room_[bin] < static_cast<std::int64_t>(group.size())) continue;
      const double fullness = fullness_with(members, bin);
      if (best < 0 || fullness < least) {
        best = static_cast<std::ptrdiff_t>(bin);
        least = fullness;
      }
    }
    if (best < 0) return best;
    const auto bin = static_cast<std::size_t>(best);
    room_[bin] -= static_cast<std::int64_t>(group.size());
    for (const auto& [label, count] : members) assigned_[bin][label] += count;
    return best;
  }

 private:
  [[nodiscard]] std::size_t label(std::int32_t sample) const {
    return static_cast<std::size_t>(labels_[static_cast<std::size_t>(sample)]);
  }
  [[nodiscard]] double fullness_with(const std::map<std::size_t, double>& members, std::size_t bin) const {
    double fullness = 0;
    for (const auto& [label, count] : members) {
      const double share = static_cast<double>(sizes_[bin]) * class_counts_[label];
      fullness += count * ((2 * assigned_[bin][label] + count) / share);
    }
    return fullness;
  }

  std::span<const std::int32_t> labels_;
  std::vector<std::int64_t> sizes_, room_;
  std::vector<double> class_counts_;
  std::vector<std::vector<double>> assigned_;
};

}  // namespace

Deal deal_groups(const Dataset& dataset, std::span<const std::int32_t> pool,
                 std::span<const std::int64_t> sizes, std::uint64_t seed) {
  std::vector<Group> groups = groups_of(dataset, pool);
  order(groups, seed);
  Bins bins(dataset, pool, sizes);
  Deal deal;
  deal.bins.resize(sizes.size());
  for (const Group& group : groups) {
    const std::ptrdiff_t bin = bins.place(group);
    Group& place = bin < 0 ? deal.leftover : deal.bins[static_cast<std::size_t>(bin)];
    place.insert(place.end(), group.begin(), group.end());
  }
  for (Group& bin : deal.bins) std::ranges::sort(bin);
  std::ranges::sort(deal.leftover);
  return deal;
}

}  // namespace cohort::data
