// Which links are replayed, and what that is worth.
#include <algorithm>
#include <numeric>

#include "cohort/core/error.hpp"
#include "cohort/identity/commitment.hpp"
#include "cohort/round/audit.hpp"

namespace cohort::round {

std::vector<std::int64_t> chosen_links(const Digest& seed, std::int64_t links, std::int64_t extra) {
  require(links >= 1 && extra >= 0, "chosen_links: no link to choose");
  if (links - 2 <= extra) {
    std::vector<std::int64_t> all(static_cast<std::size_t>(links));
    std::iota(all.begin(), all.end(), 1);
    return all;
  }
  std::vector<std::int64_t> middle(static_cast<std::size_t>(links) - 2);
  std::iota(middle.begin(), middle.end(), 2);
  for (std::size_t i = 0; i < static_cast<std::size_t>(extra); ++i)
    std::swap(middle[i], middle[i + identity::draw_below(seed, i, middle.size() - i)]);
  middle.resize(static_cast<std::size_t>(extra));
  middle.push_back(1);
  middle.push_back(links);
  std::ranges::sort(middle);
  return middle;
}

Digest link_seed(const Digest& beacon, const Digest& submission) {
  return tagged_sha256("cohort/links/v1")
      .update(std::as_bytes(std::span(beacon)))
      .update(std::as_bytes(std::span(submission)))
      .finish();
}

std::vector<std::int64_t> links_to_replay(const Digest& beacon, const Digest& submission, std::int64_t links,
                                          std::int64_t extra, std::span<const std::int64_t> doubted) {
  std::vector<std::int64_t> asked = chosen_links(link_seed(beacon, submission), links, extra);
  for (const std::int64_t link : doubted)
    if (link >= 1 && link <= links) asked.push_back(link);
  std::ranges::sort(asked);
  asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
  return asked;
}

double detection_chance(std::int64_t links, std::int64_t forged, std::int64_t chosen) {
  double missed = 1;
  for (std::int64_t i = 0; i < chosen; ++i)
    missed *=
        static_cast<double>(std::max<std::int64_t>(0, links - forged - i)) / static_cast<double>(links - i);
  return 1 - missed;
}

std::int64_t first_divergence(std::int64_t links, const std::function<bool(std::int64_t)>& same) {
  if (links < 1 || same(links)) return 0;
  std::int64_t agree = 0, differ = links;  // chains agree after `agree` links and differ after `differ`
  while (differ - agree > 1) {
    const std::int64_t middle = agree + (differ - agree) / 2;
    (same(middle) ? agree : differ) = middle;
  }
  return differ;
}

}  // namespace cohort::round
