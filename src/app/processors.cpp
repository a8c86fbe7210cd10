#include "processors.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include "cohort/core/text.hpp"

namespace cohort::app {

std::vector<int> allowed_processors() {
  // A mask of the default size holds 1,024 processors; larger machines need a larger one.
  for (int count = CPU_SETSIZE; count <= (1 << 17); count *= 2) {
    cpu_set_t* set = CPU_ALLOC(count);
    if (set == nullptr) break;
    const std::size_t bytes = CPU_ALLOC_SIZE(count);
    std::vector<int> processors;
    const bool is_read = sched_getaffinity(0, bytes, set) == 0;
    for (int i = 0; is_read && i < count; ++i)
      if (CPU_ISSET_S(static_cast<std::size_t>(i), bytes, set)) processors.push_back(i);
    CPU_FREE(set);
    if (is_read && !processors.empty()) return processors;
  }
  return {0};
}

int allowed_processor_count() {
  return static_cast<int>(allowed_processors().size());
}

std::string processor_list(const std::vector<int>& processors) {
  std::string text;
  for (std::size_t i = 0; i < processors.size();) {
    std::size_t last = i;
    while (last + 1 < processors.size() && processors[last + 1] == processors[last] + 1) ++last;
    if (!text.empty()) text += ',';
    text += last > i ? concat(processors[i], "-", processors[last]) : concat(processors[i]);
    i = last + 1;
  }
  return text;
}

std::string pack_place(const std::string& host) {
  std::string text = concat(host, " ", std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  for (const int processor : allowed_processors()) text += concat(" ", processor);
  return text;
}

RankPlace unpack_place(std::string_view text) {
  const std::vector<std::string> words = split(text, ' ');
  RankPlace place{words.at(0), {}, static_cast<int>(parse_int(words.at(1)).value_or(1))};
  for (std::size_t i = 2; i < words.size(); ++i)
    place.processors.push_back(static_cast<int>(parse_int(words[i]).value_or(0)));
  return place;
}

namespace {
/// Ranks of one host that (directly or through others) share processors.
struct Neighbourhood {
  std::string host;
  int host_processors = 0;
  std::vector<int> ranks;
  std::set<int> processors;
};

std::vector<Neighbourhood> neighbourhoods(const std::vector<RankPlace>& places) {
  std::vector<Neighbourhood> all;
  for (std::size_t rank = 0; rank < places.size(); ++rank) {
    const RankPlace& place = places[rank];
    Neighbourhood joined{place.host,
                         place.host_processors,
                         {static_cast<int>(rank)},
                         {place.processors.begin(), place.processors.end()}};
    std::vector<Neighbourhood> apart;
    for (Neighbourhood& other : all) {
      const bool shares =
          other.host == place.host && std::any_of(place.processors.begin(), place.processors.end(),
                                                  [&](int p) { return other.processors.count(p); });
      if (!shares) {
        apart.push_back(std::move(other));
        continue;
      }
      joined.ranks.insert(joined.ranks.end(), other.ranks.begin(), other.ranks.end());
      joined.processors.insert(other.processors.begin(), other.processors.end());
    }
    std::sort(joined.ranks.begin(), joined.ranks.end());
    apart.push_back(std::move(joined));
    all = std::move(apart);
  }
  return all;
}

std::string name_ranks(const std::vector<int>& ranks) {
  return concat(ranks.size() == 1 ? "rank " : "ranks ", processor_list(ranks));
}

std::string name_processors(const std::set<int>& processors) {
  return concat(processors.size() == 1 ? "core " : "cores ",
                processor_list({processors.begin(), processors.end()}));
}
}  // namespace

int fitting_threads(const std::vector<RankPlace>& places) {
  int threads = 1 << 20;
  for (const Neighbourhood& group : neighbourhoods(places))
    threads = std::min(threads, static_cast<int>(group.processors.size() / group.ranks.size()));
  for (const RankPlace& place : places)
    threads = std::min(threads, static_cast<int>(place.processors.size()));
  return std::max(threads, 1);
}

int automatic_threads(int fitting, std::int64_t units, int jobs, int ranks) {
  const int groups = std::min(jobs, ranks);
  const int largest_group = (ranks + groups - 1) / groups;
  const std::int64_t busy = std::max<std::int64_t>(1, units / largest_group);
  return static_cast<int>(std::min<std::int64_t>(fitting, busy));
}

namespace {
/// One host's overloaded neighbourhoods in one line: a job bound core by core has as many as it has ranks.
std::string overload(const std::vector<Neighbourhood>& groups, int threads, int host_workers) {
  std::vector<int> ranks;
  const Neighbourhood* worst = nullptr;
  const auto load = [&](const Neighbourhood& group) {
    return static_cast<double>(threads) * static_cast<double>(group.ranks.size()) /
           static_cast<double>(group.processors.size());
  };
  for (const Neighbourhood& group : groups) {
    ranks.insert(ranks.end(), group.ranks.begin(), group.ranks.end());
    if (worst == nullptr || load(group) > load(*worst)) worst = &group;
  }
  std::sort(ranks.begin(), ranks.end());
  const int available = worst->host_processors;
  std::string text =
      concat(name_ranks(ranks), " on ", worst->host, ": ", threads * static_cast<int>(worst->ranks.size()),
             " threads share ", name_processors(worst->processors), groups.size() > 1 ? " (and so on)" : "",
             ", about ", format_fixed(load(*worst), 1), " times slower than need be; the host has ");
  if (host_workers <= available)
    return text + concat(available, " cores: run mpirun with --bind-to none",
                         threads > 1 ? concat(" or --map-by slot:PE=", threads) : std::string());
  const bool is_bound = static_cast<int>(worst->processors.size()) < available;
  return text + concat("only ", available, available == 1 ? " core" : " cores",
                       ": use fewer ranks or fewer --threads",
                       is_bound ? ", and run mpirun with --bind-to none" : "");
}
}  // namespace

std::vector<std::string> placement_warnings(const std::vector<RankPlace>& places, int threads) {
  constexpr std::size_t kMostHosts = 3;
  std::map<std::string, std::vector<Neighbourhood>> overloaded;
  for (Neighbourhood& group : neighbourhoods(places))
    if (static_cast<std::size_t>(threads) * group.ranks.size() > group.processors.size())
      overloaded[group.host].push_back(std::move(group));
  std::vector<std::string> warnings;
  for (const auto& [host, groups] : overloaded) {
    const auto ranks = std::count_if(places.begin(), places.end(),
                                     [&host = host](const RankPlace& place) { return place.host == host; });
    if (warnings.size() < kMostHosts)
      warnings.push_back(overload(groups, threads, threads * static_cast<int>(ranks)));
  }
  if (overloaded.size() > kMostHosts)
    warnings.push_back(
        concat("ranks share cores on ", overloaded.size() - kMostHosts, " more hosts in the same way"));
  return warnings;
}

}  // namespace cohort::app
