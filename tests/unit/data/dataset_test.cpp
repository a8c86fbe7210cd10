#include "cohort/data/dataset.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "cohort/core/error.hpp"
#include "cohort/store/container.hpp"
#include "unit/data/packed_samples.hpp"
#include "unit/data/support.hpp"

namespace cohort::data {
namespace {

using testing::contains;
using testing::kCount;
using testing::kHeight;
using testing::kWidth;
using testing::pack;
using testing::pack_options;
using testing::sample_of;
using testing::TemporaryFolder;
using Names = std::vector<std::string>;
namespace fs = std::filesystem;

TEST(Dataset, ReadsWhatWasPacked) {
  const TemporaryFolder folder;
  const Digest digest = pack(folder / "set.h5");
  const Dataset dataset = Dataset::open(folder / "set.h5", true);
  EXPECT_EQ(dataset.size(), kCount);
  EXPECT_EQ(dataset.image_shape(), (Shape{3, kHeight, kWidth}));
  EXPECT_EQ(dataset.classes(), pack_options().classes);
  EXPECT_EQ(dataset.normalization().mean, pack_options().normalization.mean);
  EXPECT_EQ(dataset.normalization().standard_deviation, pack_options().normalization.standard_deviation);
  EXPECT_EQ(dataset.digest(), digest);
  for (std::int64_t i = 0; i < kCount; ++i) {
    const PackedSample expected = sample_of(i);
    EXPECT_EQ(dataset.id(i), expected.id);
    EXPECT_EQ(dataset.labels()[static_cast<std::size_t>(i)], expected.label);
    EXPECT_EQ(dataset.split(i), expected.split);
    EXPECT_TRUE(std::ranges::equal(dataset.pixels(i), expected.pixels));
  }
  EXPECT_EQ(dataset.indices(Split::train), (std::vector<std::int32_t>{0, 3}));
  EXPECT_TRUE(dataset.indices(Split::hidden).empty());
  EXPECT_EQ(dataset.column_names(), (Names{"lesion", "patient", "site", "age/years"}));
  EXPECT_EQ(dataset.column("lesion"), (Names{"L1", "L1", "", "", ""}));
  EXPECT_EQ(dataset.column("patient")[4], "M\xC3\xBCller");
  EXPECT_EQ(dataset.column("site"), (Names{"b", "a", "b", "a", "b"}));
  const auto message = testing::message_of<DataError>([&] { static_cast<void>(dataset.column("sites")); });
  EXPECT_TRUE(contains(message, "did you mean 'site'?")) << message;
  EXPECT_THROW(static_cast<void>(dataset.pixels(kCount)), std::logic_error);
}

TEST(Dataset, HasTheDigestThatTheFormatDefines) {
  // docs/formats.md, "Packed data set": written out once more, field by field.
  std::vector<Digest> records;
  for (std::int64_t i = 0; i < kCount; ++i) {
    const PackedSample sample = sample_of(i);
    std::string bytes;
    const auto number = [&](std::uint64_t value) {
      for (int k = 0; k < 8; ++k) bytes += static_cast<char>(value >> 8 * k & 255);
    };
    const std::string class_name = pack_options().classes[static_cast<std::size_t>(sample.label)];
    for (const std::string& field :
         {std::string("cohort-sample-1"), sample.id, class_name, sample.lesion, sample.patient}) {
      number(field.size());
      bytes += field;
    }
    const Digest pixels = sha256(std::as_bytes(std::span(sample.pixels)));
    bytes.append(pixels.begin(), pixels.end());
    number(kHeight);
    number(kWidth);
    records.push_back(sha256(bytes));
  }
  const TemporaryFolder folder;
  EXPECT_EQ(pack(folder / "set.h5"), merkle_root(records));
  const Dataset dataset = Dataset::open(folder / "set.h5");
  const std::vector<std::int32_t> subset{3, 1};
  EXPECT_EQ(dataset.subset_digest(subset), merkle_root(std::array{records[3], records[1]}));
}

TEST(Dataset, KeepsItsGoldenDigest) {
  const TemporaryFolder folder;
  EXPECT_EQ(to_hex(pack(folder / "set.h5")),
            "0d04dbd5a925bda427780469ec91ed8812e684c14f6c932b0b39076a0ef10efa");
}

TEST(Dataset, IsPackedToEqualBytes) {
  const TemporaryFolder folder;
  pack(folder / "a.h5");
  pack(folder / "b.h5");
  EXPECT_EQ(testing::read_file(folder / "a.h5"), testing::read_file(folder / "b.h5"));
}

TEST(Dataset, KeepsItsDigestWhenSplitAnew) {
  const TemporaryFolder folder;
  const Digest first = pack(folder / "a.h5");
  PackedSample current;
  const Digest second =
      write_packed(folder / "b.h5", pack_options(), kCount, [&](std::int64_t i) -> const PackedSample& {
        current = sample_of(i);
        current.split = Split::test;
        return current;
      });
  EXPECT_EQ(first, second);
}

TEST(Dataset, RefusesToPackNonsense) {
  const TemporaryFolder folder;
  EXPECT_THROW(pack(folder / "x.h5", pack_options(), 0), std::logic_error);
  PackOptions one_class = pack_options();
  one_class.classes.pop_back();
  EXPECT_THROW(pack(folder / "x.h5", one_class), std::logic_error);
  for (const Names& columns : {Names{"site", "site"},
                               {"site", "lesion"},
                               {"site", "patient"},
                               {"site", ""},
                               {"site", "a\tb"},
                               {"site", "\xFF"}}) {
    PackOptions options = pack_options();
    options.columns = columns;
    const std::string message =
        testing::message_of<std::logic_error>([&] { pack(folder / "x.h5", options); });
    EXPECT_TRUE(contains(message, "column names must")) << columns[1];
  }
  PackOptions large = pack_options();
  large.image.height = 9;
  EXPECT_THROW(pack(folder / "x.h5", large), std::logic_error);
  EXPECT_TRUE(fs::is_empty(folder.path())) << "nothing is left behind";
}

TEST(Dataset, TakesItsPlaceOnlyWhenAllowedTo) {
  const TemporaryFolder folder;
  const fs::path path = folder / "set.h5";
  pack(path);
  const std::string former = testing::read_file(path);
  PackedSample current;
  const auto samples = [&](std::int64_t i) -> const PackedSample& {
    current = sample_of(i);
    return current;
  };
  PackOptions options = pack_options();
  options.import_command = "another";
  EXPECT_THROW(write_packed(path, options, kCount, samples, [] { throw Error("not yet"); }), Error);
  EXPECT_EQ(testing::read_file(path), former);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1) << "nothing is left behind";
  std::string before;
  write_packed(path, options, kCount, samples, [&] { before = testing::read_file(path); });
  EXPECT_EQ(before, former);
  EXPECT_NE(testing::read_file(path), former);
}

}  // namespace
}  // namespace cohort::data
