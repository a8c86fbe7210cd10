#include "cohort/data/manifest.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "unit/data/manifest_support.hpp"

namespace cohort::data {
namespace {

using testing::contains;
using testing::labelled;
using testing::Names;
using testing::refusal;
using testing::TemporaryFolder;
using testing::warns;
using testing::write_file;

TEST(ReadSource, FindsATableAndImagesInFoldersOfTheirOwn) {
  const TemporaryFolder folder;
  write_file(folder / "Training_Input/part/a.jpg", "x");
  write_file(folder / "Training_Input/b.jpg", "x");
  write_file(folder / "Training_Truth/truth.csv", "image,MEL,NV\na,1,0\nb,0,1\n");
  write_file(folder / "Training_Truth/groups.csv", "image,lesion_id\na,L1\nb,L2\n");
  const Manifest manifest = read_source(folder.path());
  EXPECT_EQ(labelled(manifest), (Names{"a=MEL", "b=NV"}));
  EXPECT_EQ(manifest.samples[0].file, folder / "Training_Input/part/a.jpg");
  EXPECT_TRUE(warns(manifest, "groups.csv knows lesions"));
}

TEST(ReadSource, TakesNoTableFromAClassFolder) {
  const TemporaryFolder folder;
  write_file(folder / "a/x.jpg", "x");
  write_file(folder / "a/notes.csv", "image,label\nx,z\n");
  write_file(folder / "b/y.jpg", "x");
  EXPECT_EQ(read_source(folder.path()).classes, (Names{"a", "b"}));
}

TEST(ReadSource, NamesWhatItCannotRead) {
  const TemporaryFolder folder;
  EXPECT_TRUE(contains(refusal([&] { read_source(folder / "nothing"); }), "there is no such file or folder"));
  write_file(folder / "x.txt", "x");
  EXPECT_TRUE(contains(refusal([&] { read_source(folder / "x.txt"); }), "neither a folder nor a .csv"));
  write_file(folder / "broken.csv", "a,b\n1\n");
  const std::string message = refusal([&] { read_source(folder.path()); });
  EXPECT_TRUE(contains(message, "holds no folders")) << message;
  EXPECT_TRUE(contains(message, "broken.csv: read table")) << message;
}

TEST(Manifest, ReadsTheWholeOfHam10000) {
  const auto source = testing::shared_data("ham10000");
  if (!source) GTEST_SKIP() << "the shared data set ham10000 is not here; see COHORT_SHARED_DATA";
  Manifest manifest = read_source(*source);
  EXPECT_EQ(manifest.classes, (Names{"akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"}));
  EXPECT_EQ(manifest.samples.size(), 10015U);
  join_columns(manifest, *source / "acquisition_source.csv");
  EXPECT_EQ(manifest.columns.back(), "source");
  EXPECT_EQ(
      std::ranges::count_if(manifest.samples, [](const Sample& s) { return s.extra.back() == "rosendahl"; }),
      2259);
}

TEST(Manifest, ReadsTheTruthOfIsic2019) {
  const auto tables = testing::shared_data("fed-isic2019");
  const auto images = testing::shared_data("ham10000");
  if (!tables || !images) GTEST_SKIP() << "the shared data fed-isic2019 and ham10000 are not here";
  // Only the images of HAM10000 are at hand: the others are missing, and all are named or counted.
  const std::string message =
      refusal([&] { read_label_table(*tables / "ISIC_2019_Training_GroundTruth.csv", *images / "images"); });
  EXPECT_TRUE(contains(message, "no image file for ISIC_0000000")) << message;
  EXPECT_TRUE(contains(message, "more")) << message;
}

}  // namespace
}  // namespace cohort::data
