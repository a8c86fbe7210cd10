// A packed file is believed only where it is whole: each of its parts is spoilt in turn.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "cohort/core/error.hpp"
#include "cohort/data/dataset.hpp"
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
using testing::TemporaryFolder;
using Names = std::vector<std::string>;
namespace fs = std::filesystem;

/// The parts of a packed file, to be spoilt one at a time and written with the store module alone.
struct Parts {
  store::Kind image_kind = store::Kind::u8;
  store::Extents image_extents{kCount, kHeight, kWidth, 3};
  std::vector<std::uint8_t> images, splits, records;
  std::vector<std::int32_t> labels;
  Names ids, lesions, patients, classes, column_names, column0, column1;
  std::string format = "cohort-dataset", digest;
  std::int64_t version = kDatasetFormatVersion;
  std::vector<double> mean{0.7, 0.5, 0.4}, deviation{0.2, 0.25, 0.3};
};

Parts good_parts(const fs::path& packed) {
  const store::ContainerReader reader(packed);
  Parts parts;
  parts.images = reader.read<std::uint8_t>("images");
  parts.splits = reader.read<std::uint8_t>("splits");
  parts.records = reader.read<std::uint8_t>("records");
  parts.labels = reader.read<std::int32_t>("labels");
  parts.ids = reader.read_strings("ids");
  parts.lesions = reader.read_strings("lesions");
  parts.patients = reader.read_strings("patients");
  parts.classes = reader.read_strings("classes");
  parts.column_names = reader.read_strings("column_names");
  parts.column0 = reader.read_strings("columns/0");
  parts.column1 = reader.read_strings("columns/1");
  parts.digest = reader.text_attribute("/", "digest");
  return parts;
}

void write_parts(const fs::path& path, const Parts& parts) {
  store::ContainerWriter file(path);
  const auto rows = [](const auto& values) { return static_cast<std::int64_t>(values.size()); };
  file.write("images", parts.image_kind, parts.image_extents, std::as_bytes(std::span(parts.images)));
  file.write<std::int32_t>("labels", {rows(parts.labels)}, parts.labels);
  file.write<std::uint8_t>("splits", {rows(parts.splits)}, parts.splits);
  file.write<std::uint8_t>("records", {rows(parts.records) / 32, 32}, parts.records);
  file.write_strings("ids", parts.ids);
  file.write_strings("lesions", parts.lesions);
  file.write_strings("patients", parts.patients);
  file.write_strings("classes", parts.classes);
  file.write_strings("column_names", parts.column_names);
  file.write_strings("columns/0", parts.column0);
  file.write_strings("columns/1", parts.column1);
  file.attribute("/", "format", std::string_view(parts.format));
  file.attribute("/", "format_version", parts.version);
  file.attribute("/", "digest", std::string_view(parts.digest));
  file.attribute("/", "mean", std::span<const double>(parts.mean));
  file.attribute("/", "standard_deviation", std::span<const double>(parts.deviation));
  file.close();
}

class SpoiltDataset : public ::testing::Test {
 protected:
  SpoiltDataset() { pack(good_); }
  /// The refusal of a file with one part spoilt.
  std::string refused(const std::function<void(Parts&)>& spoil, bool verify_pixels = false) {
    Parts parts = good_parts(good_);
    spoil(parts);
    write_parts(folder_ / "spoilt.h5", parts);
    return testing::message_of<DataError>([&] { Dataset::open(folder_ / "spoilt.h5", verify_pixels); });
  }
  TemporaryFolder folder_;
  fs::path good_ = folder_ / "good.h5";
};

TEST_F(SpoiltDataset, IsAcceptedWhenNothingIsSpoilt) {
  write_parts(folder_ / "same.h5", good_parts(good_));
  EXPECT_NO_THROW(Dataset::open(folder_ / "same.h5", true));
}

TEST_F(SpoiltDataset, IsRefusedForItsFormat) {
  EXPECT_TRUE(contains(refused([](Parts& p) { p.format = "else"; }), "no packed data set of ours"));
  EXPECT_TRUE(contains(refused([](Parts& p) { p.version = 2; }), "format version 2"));
  testing::write_file(folder_ / "text.h5", "not HDF5");
  EXPECT_THROW(Dataset::open(folder_ / "text.h5"), DataError);
  testing::write_file(folder_ / "empty.h5", "");
  EXPECT_THROW(Dataset::open(folder_ / "empty.h5"), DataError);
  EXPECT_THROW(Dataset::open(folder_ / "none.h5"), DataError);
  EXPECT_THROW(Dataset::open(folder_.path()), DataError);
}

TEST_F(SpoiltDataset, IsRefusedForItsImages) {
  EXPECT_TRUE(contains(refused([](Parts& p) { p.image_extents = {kCount, kHeight, kWidth * 3}; }), "images"));
  EXPECT_TRUE(contains(refused([](Parts& p) {
                         p.image_extents = {kCount, 3, kHeight, kWidth};
                       }),
                       "height x width x 3"));
  EXPECT_TRUE(contains(refused([](Parts& p) {
                         p.image_kind = store::Kind::i32;
                         p.image_extents = {kCount, kHeight, 1, 3};
                       }),
                       "not bytes"));
  EXPECT_TRUE(contains(refused([](Parts& p) {
                         p.image_extents = {0, kHeight, kWidth, 3};
                         p.images.clear();
                       }),
                       "out of range"));
  EXPECT_TRUE(contains(refused([](Parts& p) {
                         p.image_extents[0] = kCount - 1;
                         p.images.erase(p.images.end() - kHeight * kWidth * 3, p.images.end());
                       }),
                       "another kind or number"));
}

TEST_F(SpoiltDataset, IsRefusedForItsRows) {
  EXPECT_TRUE(contains(refused([](Parts& p) { p.labels[2] = 2; }), "label 2 names none of 2 classes"));
  EXPECT_TRUE(contains(refused([](Parts& p) { p.labels[2] = -1; }), "label -1"));
  EXPECT_TRUE(contains(refused([](Parts& p) { p.labels.pop_back(); }), "labels have another kind or number"));
  EXPECT_TRUE(contains(refused([](Parts& p) { p.splits[0] = 4; }), "split is out of range"));
  EXPECT_TRUE(contains(refused([](Parts& p) { p.splits.push_back(0); }), "splits have another"));
  EXPECT_TRUE(contains(refused([](Parts& p) { p.records.erase(p.records.begin() + 32, p.records.end()); }),
                       "records have another"));
  EXPECT_TRUE(contains(refused([](Parts& p) { p.lesions.pop_back(); }), "lesions have another number"));
}

TEST_F(SpoiltDataset, IsRefusedForItsNames) {
  EXPECT_TRUE(contains(refused([](Parts& p) { p.ids[1] = p.ids[0]; }), "an id stands twice"));
  EXPECT_TRUE(contains(refused([](Parts& p) { p.ids[1] = ""; }), "an id is empty"));
  EXPECT_TRUE(contains(refused([](Parts& p) { p.ids[1] = "a\nb"; }), "not plain UTF-8"));
  EXPECT_TRUE(contains(refused([](Parts& p) { p.ids[1] = "\xFF"; }), "ids hold text that is not UTF-8"));
  EXPECT_TRUE(contains(refused([](Parts& p) { p.classes[1] = p.classes[0]; }), "class names"));
  EXPECT_TRUE(
      contains(refused([](Parts& p) { p.column_names[1] = "lesion"; }), "a column name stands twice"));
  EXPECT_TRUE(contains(refused([](Parts& p) { p.column_names.push_back("more"); }), "columns/2"));
  EXPECT_TRUE(contains(refused([](Parts& p) { p.column1.pop_back(); }), "columns/1 have another number"));
}

TEST_F(SpoiltDataset, IsRefusedForItsNumbers) {
  EXPECT_TRUE(contains(refused([](Parts& p) { p.mean.pop_back(); }), "mean"));
  EXPECT_TRUE(contains(refused([](Parts& p) { p.mean[0] = std::nan(""); }), "mean"));
  EXPECT_TRUE(contains(refused([](Parts& p) { p.deviation[1] = 0; }), "standard deviation"));
}

TEST_F(SpoiltDataset, IsRefusedForItsDigest) {
  EXPECT_TRUE(contains(refused([](Parts& p) { p.digest[0] = p.digest[0] == '0' ? '1' : '0'; }),
                       "digest does not fit"));
  EXPECT_TRUE(contains(refused([](Parts& p) { p.records[40] ^= 1; }), "digest does not fit"));
}

TEST_F(SpoiltDataset, IsFoundOutByItsRecords) {
  const auto spoilt_pixel = [](Parts& p) { p.images[40] ^= 1; };
  EXPECT_TRUE(contains(refused(spoilt_pixel, true), "1 samples do not fit their records (image1)"));
  EXPECT_TRUE(contains(refused([](Parts& p) { p.labels[3] = 0; }, true), "image3"));
  EXPECT_TRUE(contains(refused([](Parts& p) { p.lesions[1] = "L2"; }, true), "image1"));
  EXPECT_TRUE(contains(refused([](Parts& p) { p.ids[0] = "other"; }, true), "other"));
}

TEST_F(SpoiltDataset, IsRefusedWhenTruncatedAnywhere) {
  const std::string whole = testing::read_file(good_);
  for (std::size_t size = 0; size < whole.size(); size += 97) {
    testing::write_file(folder_ / "cut.h5", std::string_view(whole).substr(0, size));
    EXPECT_THROW(Dataset::open(folder_ / "cut.h5"), DataError) << size << " of " << whole.size();
  }
}

TEST_F(SpoiltDataset, NeverCrashesOnAFlippedByte) {
  const std::string whole = testing::read_file(good_);
  for (std::size_t position = 0; position < whole.size(); position += 13) {
    std::string flipped = whole;
    flipped[position] = static_cast<char>(~flipped[position]);
    testing::write_file(folder_ / "flipped.h5", flipped);
    try {
      Dataset::open(folder_ / "flipped.h5", true);  // a byte that nothing depends on
    } catch (const Error&) {                        // refused: as good
    }
  }
}

/// Debian's h5py, where it is installed.
bool run_python(const std::string& script, const fs::path& file) {
  const std::string command = "/usr/bin/python3 -c \"" + script + "\" '" + file.string() + "' 2>/dev/null";
  return std::system(command.c_str()) == 0;
}

TEST_F(SpoiltDataset, IsRefusedWhenChunkedOrCompressed) {
  if (!run_python("import h5py", "")) GTEST_SKIP() << "python3-h5py is not installed";
  for (const std::string layout : {"chunks=(1,3,4,3)", "chunks=(1,3,4,3),compression='gzip'"}) {
    fs::copy_file(good_, folder_ / "chunked.h5", fs::copy_options::overwrite_existing);
    ASSERT_TRUE(
        run_python("import h5py,sys; f=h5py.File(sys.argv[1],'r+'); x=f['images'][()]; del f['images'];"
                   "f.create_dataset('images',data=x," +
                       layout + ")",
                   folder_ / "chunked.h5"));
    const auto message = testing::message_of<DataError>([&] { Dataset::open(folder_ / "chunked.h5"); });
    EXPECT_TRUE(contains(message, "not contiguous or pass through a filter")) << message;
  }
}

TEST_F(SpoiltDataset, IsReadableByH5py) {
  if (!run_python("import h5py", "")) GTEST_SKIP() << "python3-h5py is not installed";
  EXPECT_TRUE(
      run_python("import h5py,sys; f=h5py.File(sys.argv[1],'r'); assert f.attrs['format']==b'cohort-dataset';"
                 "assert f['images'].shape==(5,3,4,3) and f['images'].chunks is None;"
                 "assert f['ids'][4]==b'image4' and f['patients'].asstr()[4]=='M\\u00fcller';"
                 "assert f['labels'][()].tolist()==[0,1,0,1,0] and f['images'][1,0,0].tolist()==[40,41,42]",
                 good_));
}

}  // namespace
}  // namespace cohort::data
