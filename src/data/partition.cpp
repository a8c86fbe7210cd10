#include "cohort/data/partition.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <string_view>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "data/groups.hpp"
#include "data/packed_layout.hpp"

namespace cohort::data {
namespace {

std::string device_name(int candidate, int candidates) {
  const std::size_t width = std::max<std::size_t>(2, std::to_string(candidates).size());
  const std::string number = std::to_string(candidate + 1);
  return "device-" + std::string(width - std::min(width, number.size()), '0') + number;
}

/// `share` of `whole` in full samples. A share such as 0.29 is no double, and 0.29 * 100 is a little below
/// 29: share, product and quotient are each off by at most half a unit of the last place, which this makes up
/// for.
std::int64_t portion(double share, std::size_t whole, int parts) {
  return static_cast<std::int64_t>(std::floor(share * static_cast<double>(whole) / parts * (1 + 0x1p-50)));
}

/// One size for each candidate, in samples: shares count from an even cut of the pool.
std::vector<std::int64_t> sizes_of(const std::vector<double>& sizes, int candidates, std::size_t pool,
                                   std::string_view what) {
  if (sizes.size() != 1 && sizes.size() != static_cast<std::size_t>(candidates))
    throw UsageError(concat("partition.", what, ": ", sizes.size(), " sizes for ", candidates,
                            " candidates; give one for all or one for each"));
  std::vector<std::int64_t> counts;
  for (std::size_t i = 0; i < static_cast<std::size_t>(candidates); ++i) {
    const double size = sizes[sizes.size() == 1 ? 0 : i];
    if (!(size >= 0) || size > 1e9 || (size >= 1 && size != std::floor(size)))
      throw UsageError(concat("partition.", what, ": ", format_shortest(size),
                              " is neither a share below 1 nor a whole number of samples"));
    counts.push_back(size >= 1 ? static_cast<std::int64_t>(size) : portion(size, pool, candidates));
  }
  return counts;
}

std::vector<std::int32_t> pool_of(const Dataset& dataset) {
  std::vector<std::int32_t> pool = dataset.indices(Split::train);
  const std::vector<std::int32_t> validation = dataset.indices(Split::validation);
  pool.insert(pool.end(), validation.begin(), validation.end());
  std::ranges::sort(pool);
  return pool;
}

/// Groups of the pool's samples over patient, lesion and pixels, as import makes them.
std::vector<Group> groups_of(const Dataset& dataset, const std::vector<std::int32_t>& pool) {
  const auto sample = [&](std::int32_t i) { return pool[static_cast<std::size_t>(i)]; };
  Components components(pool.size());
  for (const std::string_view name : layout::kOwnColumns) {
    const std::vector<std::string>& values = dataset.column(name);
    components.join_equal(
        [&](std::int32_t i) -> std::string_view { return values[static_cast<std::size_t>(sample(i))]; });
  }
  components.join_equal([&](std::int32_t i) {
    const std::span<const std::uint8_t> pixels = dataset.pixels(sample(i));
    return std::string_view(reinterpret_cast<const char*>(pixels.data()), pixels.size());
  });
  std::vector<Group> groups = components.groups();
  for (Group& group : groups)
    for (std::int32_t& member : group) member = sample(member);
  return groups;
}

void note_uneven(const Part& part, std::int64_t train, std::int64_t validation, Partition& result) {
  const auto note = [&](std::string_view what, std::size_t got, std::int64_t wanted) {
    if (static_cast<std::int64_t>(got) != wanted)
      result.notes.push_back(concat(part.name, ": ", got, " ", what, " images instead of ", wanted,
                                    ", as lesions, patients and equal images stay together"));
  };
  note("training", part.train.size(), train);
  note("validation", part.validation.size(), validation);
}

/// Leaves out who has nothing to train on; says who has nothing to be judged by.
void note_empty(Partition& result) {
  for (const Part& part : result.parts) {
    if (part.train.empty())
      result.notes.push_back(concat(part.name, ": no training images, so it takes no part"));
    else if (part.validation.empty())
      result.notes.push_back(concat(part.name, ": no validation images; its claim covers none"));
  }
  std::erase_if(result.parts, [](const Part& part) { return part.train.empty(); });
  if (result.parts.empty()) throw DataError("partition: no candidate has training images");
}

Partition share(const Dataset& dataset, int candidates) {
  Partition result;
  for (int i = 0; i < candidates; ++i)
    result.parts.push_back(
        {device_name(i, candidates), dataset.indices(Split::train), dataset.indices(Split::validation)});
  return result;
}

Partition cut(const Dataset& dataset, int candidates, const PartitionOptions& options) {
  const std::vector<std::int32_t> pool = pool_of(dataset);
  const auto train = sizes_of(options.train, candidates, pool.size(), "train");
  const auto validation = sizes_of(options.validation, candidates, pool.size(), "validation");
  std::vector<Bin> bins;  // each candidate's training part, then its validation part
  std::int64_t wanted = 0;
  for (std::size_t i = 0; i < train.size(); ++i) {
    if (train[i] < 1) throw UsageError(concat("partition.train: candidate ", i + 1, " would get no image"));
    for (const std::int64_t size : {train[i], validation[i]})
      bins.push_back({static_cast<double>(size), size});
    wanted += train[i] + validation[i];
  }
  if (wanted > static_cast<std::int64_t>(pool.size()))
    throw UsageError(concat("partition: ", candidates, " candidates ask for ", wanted, " images, but ",
                            dataset.path().string(), " has ", pool.size(),
                            " to train and validate with; use fewer candidates or smaller batches"));
  Deal deal =
      deal_groups(groups_of(dataset, pool), dataset.labels(), bins, options.seed, Dealing::among_candidates);
  Partition result;
  for (std::size_t i = 0; i < train.size(); ++i) {
    result.parts.push_back({device_name(static_cast<int>(i), candidates), std::move(deal.bins[2 * i]),
                            std::move(deal.bins[2 * i + 1])});
    note_uneven(result.parts.back(), train[i], validation[i], result);
  }
  result.leftover = std::move(deal.leftover);
  if (!result.leftover.empty())
    result.notes.push_back(concat(result.leftover.size(), " images are left over"));
  return result;
}

Partition group_by(const Dataset& dataset, int candidates, const std::string& column) {
  const std::vector<std::string>& values = dataset.column(column);
  std::map<std::string, Part> parts;
  Partition result;
  for (const std::int32_t index : pool_of(dataset)) {
    const std::string& value = values[static_cast<std::size_t>(index)];
    if (value.empty()) {
      result.leftover.push_back(index);
      continue;
    }
    Part& part = parts[value];
    part.name = value;
    (dataset.split(index) == Split::train ? part.train : part.validation).push_back(index);
  }
  if (!result.leftover.empty())
    result.notes.push_back(concat(result.leftover.size(), " images have no value in column ", column));
  if (candidates != 0 && parts.size() != static_cast<std::size_t>(candidates))
    throw UsageError(concat("candidates = ", candidates, ", but column ", column, " has ", parts.size(),
                            " values; leave candidates out to take one for each value"));
  for (auto& [value, part] : parts) result.parts.push_back(std::move(part));
  return result;
}

}  // namespace

Partition partition(const Dataset& dataset, int candidates, const PartitionOptions& options) {
  if (candidates < 0 || (candidates == 0 && options.rule != PartitionRule::by_column))
    throw UsageError(concat("candidates: must be at least 1, got ", candidates));
  Partition result = options.rule == PartitionRule::shared  ? share(dataset, candidates)
                     : options.rule == PartitionRule::split ? cut(dataset, candidates, options)
                                                            : group_by(dataset, candidates, options.column);
  note_empty(result);
  return result;
}

Dataset view_of(const Dataset& dataset, const Part& part) {
  std::vector<Split> splits(static_cast<std::size_t>(dataset.size()), Split::hidden);
  for (const std::int32_t index : part.train) splits.at(static_cast<std::size_t>(index)) = Split::train;
  for (const std::int32_t index : part.validation)
    splits.at(static_cast<std::size_t>(index)) = Split::validation;
  return dataset.with_splits(std::move(splits));
}

Digest partition_digest(const Dataset& dataset, const Partition& partition) {
  Sha256 hash;
  hash.update_field("cohort-partition").update_u64(partition.parts.size());
  for (const Part& part : partition.parts) {
    hash.update_field(part.name);
    for (const auto* indices : {&part.train, &part.validation}) {
      const Digest root = dataset.subset_digest(*indices);
      hash.update(std::as_bytes(std::span(root)));
    }
  }
  return hash.finish();
}

}  // namespace cohort::data
