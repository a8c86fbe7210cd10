// A packed data set, opened read-only: pixels memory-mapped, labels and columns in memory.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cohort/core/digest.hpp"
#include "cohort/core/shape.hpp"
#include "cohort/data/manifest.hpp"

namespace cohort::data {

/// Layout of packed files (docs/formats.md).
inline constexpr int kDatasetFormatVersion = 1;

/// Mean and standard deviation per colour channel, of pixel values / 255 over the training split (computed
/// from integer sums at import).
struct Normalization {
  std::array<double, 3> mean{}, standard_deviation{};
};

/// The samples of one packed file, by index from 0 to size() - 1. Safe to read from any number of threads.
class Dataset {
 public:
  /// Checks the layout before mapping: names, kinds, extents, contiguous without filters, offsets inside the
  /// file. With `verify_pixels` also every sample's digest. Throws DataError naming file and problem.
  static Dataset open(const std::filesystem::path& path, bool verify_pixels = false);
  ~Dataset();
  Dataset(Dataset&&) noexcept;
  /// The same samples, sharing their pixels, under other splits (one per sample): what one candidate sees.
  /// Everything but split() and indices() stays, the normalisation too.
  [[nodiscard]] Dataset with_splits(std::vector<Split> splits) const;

  [[nodiscard]] std::int64_t size() const;
  [[nodiscard]] Shape image_shape() const;  ///< {3, height, width}
  /// Interleaved RGB rows, height * width * 3 bytes.
  [[nodiscard]] std::span<const std::uint8_t> pixels(std::int64_t index) const;
  /// The class of every sample.
  [[nodiscard]] std::span<const std::int32_t> labels() const;
  [[nodiscard]] Split split(std::int64_t index) const;
  /// The image's name in its source.
  [[nodiscard]] const std::string& id(std::int64_t index) const;
  /// Class names; a label is an index into them.
  [[nodiscard]] const std::vector<std::string>& classes() const;
  [[nodiscard]] const Normalization& normalization() const;
  /// Indices of one split, ascending.
  [[nodiscard]] std::vector<std::int32_t> indices(Split split) const;
  /// An extra column by name (also "lesion" and "patient"); throws DataError with the nearest name.
  [[nodiscard]] const std::vector<std::string>& column(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> column_names() const;
  /// Merkle root over the sample records (docs/formats.md), as stored; verified on open from the records.
  [[nodiscard]] const Digest& digest() const;
  /// Root over a subset of the records, in the given order.
  [[nodiscard]] Digest subset_digest(std::span<const std::int32_t> indices) const;
  [[nodiscard]] const std::filesystem::path& path() const;

 private:
  struct State;
  explicit Dataset(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// What a packed file is made from; rows are written in the order of the samples.
struct PackedSample {
  std::string id, lesion, patient;
  std::vector<std::string> extra;
  std::int32_t label = 0;
  Split split = Split::train;
  std::vector<std::uint8_t> pixels;
};
/// What write_packed needs to know of all samples together.
struct PackOptions {
  Shape image{3, 0, 0};
  std::vector<std::string> classes, columns;
  Normalization normalization;
  std::string import_command;  ///< provenance, free text
};
/// Writes atomically. `samples(i)` is called once for each index in order, then `when_whole` (if any): the
/// file is on the disk and verified, but not yet in its place; what `when_whole` throws keeps it from there.
/// Returns the data set's digest. Requires samples that fit the options, and options whose names are plain
/// text and differ (std::logic_error). Throws Error for the disk.
Digest write_packed(const std::filesystem::path& path, const PackOptions& options, std::int64_t count,
                    const std::function<const PackedSample&(std::int64_t)>& samples,
                    const std::function<void()>& when_whole = {});

}  // namespace cohort::data
