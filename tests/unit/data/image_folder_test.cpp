#include <gtest/gtest.h>

#include "cohort/data/manifest.hpp"
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

TEST(ImageFolder, TakesClassesFromFolderNamesBytewise) {
  const TemporaryFolder folder;
  for (const char* name : {"b/2.jpg", "b/10.JPEG", "a/deep/er/x.Png", "a/y.tiff", "B/z.webp"}) {
    write_file(folder / name, "x");
  }
  const Manifest manifest = read_image_folder(folder.path());
  EXPECT_EQ(manifest.classes, (Names{"B", "a", "b"}));
  EXPECT_EQ(labelled(manifest),
            (Names{"B/z.webp=B", "a/deep/er/x.Png=a", "a/y.tiff=a", "b/10.JPEG=b", "b/2.jpg=b"}));
  EXPECT_EQ(manifest.samples[0].file, folder / "B/z.webp");
  EXPECT_FALSE(manifest.samples[0].split.has_value());
  EXPECT_TRUE(warns(manifest, "'B' and 'b' differ in case"));
}

TEST(ImageFolder, SkipsDotFoldersAndOtherFiles) {
  const TemporaryFolder folder;
  for (const char* name : {".ipynb_checkpoints/x.jpg", "a/.hidden/x.jpg", "a/._x.jpg", "a/x.jpg",
                           "a/notes.txt", "b/x.jpg", "b/.DS_Store", "readme.txt", "loose.jpg"}) {
    write_file(folder / name, "x");
  }
  EXPECT_EQ(labelled(read_image_folder(folder.path())), (Names{"a/x.jpg=a", "b/x.jpg=b"}));
}

TEST(ImageFolder, TakesNoUnfinishedSampleForTwoClasses) {
  const TemporaryFolder folder;
  for (const char* name : {"images/a.jpg", "masks/a.png"}) write_file(folder / name, "x");
  EXPECT_TRUE(contains(refusal([&] { read_image_folder(folder.path()); }), "are no classes"));
}

TEST(ImageFolder, RefusesEmptyClassesAllAtOnce) {
  const TemporaryFolder folder;
  write_file(folder / "a/x.jpg", "x");
  write_file(folder / "b/notes.txt", "x");
  testing::fs::create_directories(folder / "c");
  const std::string message = refusal([&] { read_image_folder(folder.path()); });
  EXPECT_TRUE(contains(message, "class folder 'b' holds no image")) << message;
  EXPECT_TRUE(contains(message, "class folder 'c' holds no image")) << message;
}

TEST(ImageFolder, RefusesFoldersWithoutClasses) {
  const TemporaryFolder folder;
  EXPECT_TRUE(contains(refusal([&] { read_image_folder(folder.path()); }), "holds no folders"));
  EXPECT_TRUE(contains(refusal([&] { read_image_folder(folder / "none"); }), "there is no such folder"));
  write_file(folder / "only/x.jpg", "x");
  EXPECT_TRUE(contains(refusal([&] { read_image_folder(folder.path()); }), "only one class ('only')"));
}

TEST(ImageFolder, WarnsOfNumericNames) {
  const TemporaryFolder folder;
  for (const char* name : {"1/x.jpg", "2/x.jpg", "10/x.jpg"}) write_file(folder / name, "x");
  const Manifest manifest = read_image_folder(folder.path());
  EXPECT_EQ(manifest.classes, (Names{"1", "10", "2"}));
  EXPECT_TRUE(warns(manifest, "class names are numbers"));
}

TEST(ImageFolder, TakesSplitsFromAFirstLevel) {
  const TemporaryFolder folder;
  for (const char* name : {"train/a/1.jpg", "train/b/1.jpg", "val/a/2.jpg", "val/b/2.jpg", "test/a/3.jpg"}) {
    write_file(folder / name, "x");
  }
  const Manifest manifest = read_image_folder(folder.path());
  EXPECT_EQ(manifest.classes, (Names{"a", "b"}));
  ASSERT_EQ(manifest.samples.size(), 5U);
  EXPECT_EQ(manifest.samples[0].id, "test/a/3.jpg");
  EXPECT_EQ(manifest.samples[0].split, Split::test);
  EXPECT_EQ(manifest.samples[1].split, Split::train);
  EXPECT_EQ(manifest.samples[4].split, Split::validation);
  EXPECT_TRUE(warns(manifest, "class 'b' has no folder in test"));
}

TEST(ImageFolder, RefusesClassesThatTrainDoesNotKnow) {
  const TemporaryFolder folder;
  for (const char* name : {"train/a/1.jpg", "train/b/1.jpg", "test/c/3.jpg"}) write_file(folder / name, "x");
  EXPECT_TRUE(contains(refusal([&] { read_image_folder(folder.path()); }),
                       "class 'c' stands in test but not in train"));
}

TEST(ImageFolder, TakesTrainForAClassWhereItHoldsImages) {
  const TemporaryFolder folder;
  for (const char* name : {"train/1.jpg", "test/1.jpg", "bus/2.jpg"}) write_file(folder / name, "x");
  EXPECT_EQ(read_image_folder(folder.path()).classes, (Names{"bus", "test", "train"}));
}

TEST(ImageFolder, FollowsLinksWithoutEndlessTurns) {
  const TemporaryFolder folder;
  write_file(folder / "elsewhere.jpg", "x");
  write_file(folder / "set/b/x.jpg", "x");
  testing::fs::create_directories(folder / "set/a");
  testing::fs::create_symlink(folder / "elsewhere.jpg", folder / "set/a/linked.jpg");
  testing::fs::create_directory_symlink(folder / "set/a", folder / "set/a/again");
  EXPECT_EQ(labelled(read_image_folder(folder / "set")), (Names{"a/linked.jpg=a", "b/x.jpg=b"}));
}

TEST(ImageFolder, KnowsTheWordsOfWordNetIds) {
  const TemporaryFolder folder;
  write_file(folder / "n01443537/x.JPEG", "x");
  write_file(folder / "n02002724/x.JPEG", "x");
  write_file(folder / "words.txt",
             "n02002724\tblack stork\nn01443537\tgoldfish, Carassius auratus\r\nn1\tz\n");
  EXPECT_EQ(read_source(folder.path()).class_words, (Names{"goldfish, Carassius auratus", "black stork"}));
}

}  // namespace
}  // namespace cohort::data
