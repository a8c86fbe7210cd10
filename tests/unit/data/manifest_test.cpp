#include "cohort/data/manifest.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "unit/data/support.hpp"

namespace cohort::data {
namespace {

using testing::contains;
using testing::TemporaryFolder;
using testing::write_file;
using Names = std::vector<std::string>;

std::string refusal(const std::function<void()>& action) {
  return testing::message_of<DataError>(action);
}

/// "id=class" of each sample, in order.
Names labelled(const Manifest& manifest) {
  Names names;
  for (const Sample& sample : manifest.samples) {
    names.push_back(sample.id + "=" + manifest.classes[static_cast<std::size_t>(sample.label)]);
  }
  return names;
}

bool warns(const Manifest& manifest, std::string_view part) {
  return std::ranges::any_of(manifest.warnings,
                             [&](const std::string& text) { return contains(text, part); });
}

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

/// A folder with images a … d in images/ and a table.
class LabelTable : public ::testing::Test {
 protected:
  LabelTable() {
    for (const char* name : {"a", "b", "c", "d"})
      write_file(folder_ / ("images/" + std::string(name) + ".jpg"), "x");
  }
  Manifest read(std::string_view table, const std::string& label_column = {}) const {
    return read_source(write_file(folder_ / "table.csv", table), label_column);
  }
  std::string refused(std::string_view table, const std::string& label_column = {}) const {
    return refusal([&] { read(table, label_column); });
  }
  TemporaryFolder folder_;
};

TEST_F(LabelTable, ReadsHam10000) {
  const Manifest manifest = read(
      "lesion_id,image_id,dx,dx_type,age,sex,localization\n"
      "L1,b,nv,histo,80.0,male,scalp\nL1,a,nv,histo,80.0,male,scalp\nL2,c,mel,follow_up,,unknown,back\nL3,d,"
      "bkl,,,,\n");
  EXPECT_EQ(manifest.classes, (Names{"bkl", "mel", "nv"}));
  EXPECT_EQ(labelled(manifest), (Names{"a=nv", "b=nv", "c=mel", "d=bkl"}));
  EXPECT_EQ(manifest.columns, (Names{"dx_type", "age", "sex", "localization"}));
  EXPECT_EQ(manifest.samples[0].lesion, "L1");
  EXPECT_EQ(manifest.samples[2].extra, (Names{"follow_up", "", "unknown", "back"}));
  EXPECT_EQ(manifest.samples[2].file, folder_ / "images/c.jpg");
  EXPECT_TRUE(manifest.warnings.empty());
}

TEST_F(LabelTable, ReadsIsic2016WithoutHeader) {
  EXPECT_EQ(labelled(read("a,benign\nb,malignant\nc.jpg,benign\nd,benign\n")),
            (Names{"a=benign", "b=malignant", "c=benign", "d=benign"}));
}

TEST_F(LabelTable, ReadsIsic2017WhereNeitherMeansNevus) {
  const Manifest manifest =
      read("image_id,melanoma,seborrheic_keratosis\na,0.0,0.0\nb,1.0,0.0\nc,0.0,1.0\nd,0.0,0.0\n");
  EXPECT_EQ(manifest.classes, (Names{"melanoma", "seborrheic_keratosis", "nevus"}));
  EXPECT_EQ(labelled(manifest), (Names{"a=nevus", "b=melanoma", "c=seborrheic_keratosis", "d=nevus"}));
}

TEST_F(LabelTable, ReadsOneHotInColumnOrder) {
  const Manifest manifest = read(
      "image,MEL,NV,BCC,UNK,score_weight\na,0,1,0,0,0.5\nb,1.0,0.0,0.0,0.0,1\n"
      "c,0,0,1,0,1\nd,0,1,0,0,1\n");
  EXPECT_EQ(manifest.classes, (Names{"MEL", "NV", "BCC"}));
  EXPECT_EQ(labelled(manifest), (Names{"a=NV", "b=MEL", "c=BCC", "d=NV"}));
  EXPECT_EQ(manifest.columns, (Names{"score_weight"}));
  EXPECT_TRUE(warns(manifest, "UNK has no sample"));
}

TEST_F(LabelTable, ReadsIsic2020AndGroupsByPatient) {
  const Manifest manifest = read(
      "image_name,patient_id,sex,age_approx,anatom_site_general_challenge,diagnosis,benign_malignant,target\n"
      "a,IP_1,male,45,head,unknown,benign,0\nb,IP_1,male,45,head,melanoma,malignant,1\n"
      "c,IP_2,male,45,head,nevus,benign,0\nd,,male,45,head,nevus,benign,0\n");
  EXPECT_EQ(labelled(manifest), (Names{"a=benign", "b=malignant", "c=benign", "d=benign"}));
  EXPECT_EQ(manifest.samples[1].patient, "IP_1");
  EXPECT_EQ(manifest.samples[3].patient, "");
}

TEST_F(LabelTable, ReadsIsic2024AndIsicCli) {
  EXPECT_EQ(labelled(read("isic_id,target,patient_id,lesion_id\na,0,P,\nb,1,P,L\nc,0,P,\nd,0,Q,\n")),
            (Names{"a=0", "b=1", "c=0", "d=0"}));
  EXPECT_EQ(labelled(read(
                "isic_id,attribution,copyright_license,age_approx,diagnosis_1,diagnosis_2\n"
                "a,x,CC-0,5,Benign,y\nb,x,CC-0,5,Malignant,y\nc,x,CC-0,5,Benign,y\nd,x,CC-0,5,Benign,y\n")),
            (Names{"a=Benign", "b=Malignant", "c=Benign", "d=Benign"}));
}

TEST_F(LabelTable, ReadsAnyOneHotColumns) {
  EXPECT_EQ(labelled(read("filename,cat,dog\na.JPG,1,0\nb.jpg,0,1\nimages/c.jpg,1,0\nd,1,0\n")),
            (Names{"a=cat", "b=dog", "d=cat", "images/c=cat"}));
}

TEST_F(LabelTable, TakesTheNamedLabelColumn) {
  const char* const table = "image,dx,sex\na,nv,male\nb,mel,female\nc,nv,male\nd,nv,male\n";
  EXPECT_EQ(read(table, "sex").classes, (Names{"female", "male"}));
  EXPECT_TRUE(contains(refused(table, "sax"), "did you mean 'sex'?"));
}

TEST_F(LabelTable, TakesTheSplitColumn) {
  const Manifest manifest = read("image_id,dx,split\na,nv,train\nb,mel,val\nc,nv,test\nd,nv,\n");
  EXPECT_EQ(manifest.samples[0].split, Split::train);
  EXPECT_EQ(manifest.samples[1].split, Split::validation);
  EXPECT_EQ(manifest.samples[2].split, Split::test);
  EXPECT_EQ(manifest.samples[3].split, std::nullopt);
  EXPECT_TRUE(contains(refused("image_id,dx,split\na,nv,train\nb,mel,holdout\n"), "line 3: split 'holdout'"));
}

TEST_F(LabelTable, ListsMissingFilesDoubleIdsAndEmptyLabelsTogether) {
  const std::string message = refused("image,dx\na,nv\nx1,nv\nb,\na.jpg,mel\nx2,mel\n");
  EXPECT_TRUE(contains(message, "table.csv: 4 problems")) << message;
  EXPECT_TRUE(contains(message, "line 3: no image file for x1")) << message;
  EXPECT_TRUE(contains(message, "line 4: column dx is empty")) << message;
  EXPECT_TRUE(contains(message, "line 5: id a stands already in line 2")) << message;
  EXPECT_TRUE(contains(message, "line 6: no image file for x2")) << message;
}

TEST_F(LabelTable, ListsBadOneHotRows) {
  const std::string message = refused("image,MEL,NV\na,1,1\nb,0,0\nc,0.7,0.3\nd,0,1\n");
  EXPECT_TRUE(contains(message, "line 2: 2 classes are marked")) << message;
  EXPECT_TRUE(contains(message, "line 3: 0 classes are marked")) << message;
  EXPECT_TRUE(contains(message, "line 4: column MEL is '0.7'")) << message;
  EXPECT_TRUE(contains(message, "class MEL has no sample")) << message;
}

TEST_F(LabelTable, FindsConflictsOfClassIndices) {
  const char* const good = "image,MEL,NV,target\na,1,0,0\nb,0,1,1\nc,0,1,1\nd,1,0,0\n";
  EXPECT_TRUE(read(good).warnings.empty());
  const char* const other = "image,MEL,NV,target\na,1,0,1\nb,0,1,0\nc,0,1,0\nd,1,0,1\n";
  EXPECT_TRUE(warns(read(other), "numbers the classes otherwise"));
  const std::string message = refused("image,MEL,NV,target\na,1,0,0\nb,0,1,1\nc,0,1,0\nd,1,0,0\n");
  EXPECT_TRUE(contains(message, "line 4: class-index conflict: class NV with target 0 contradicts line"))
      << message;
}

TEST_F(LabelTable, WarnsOfImagesWithoutARow) {
  const Manifest manifest = read("image,dx\na,nv\nb,mel\n");
  EXPECT_EQ(manifest.samples.size(), 2U);
  EXPECT_TRUE(warns(manifest, "2 images have no row in the table and are left out: c.jpg, d.jpg"));
}

TEST_F(LabelTable, RefusesTwoFilesForOneBareName) {
  write_file(folder_ / "images/part1/x.jpg", "x");
  write_file(folder_ / "images/part2/x.png", "x");
  EXPECT_TRUE(
      contains(refused("image,dx\na,nv\nx,mel\n"), "two image files for x: part1/x.jpg and part2/x.png"));
  EXPECT_EQ(read("image,dx\na,nv\npart2/x,mel\n").samples[1].file, folder_ / "images/part2/x.png");
}

TEST_F(LabelTable, WarnsOfALesionWithTwoPatients) {
  EXPECT_TRUE(warns(read("image,dx,lesion_id,patient_id\na,nv,L1,P1\nb,mel,L1,P2\n"),
                    "a lesion should belong to one"));
}

TEST_F(LabelTable, SaysWhatItLookedFor) {
  EXPECT_TRUE(
      contains(refused("name,dx\na,nv\n"), "no id column; looked for image, image_id, image_name, isic_id"));
  EXPECT_TRUE(contains(refused("image,age\na,3\n"), "no label column; looked for one-hot columns"));
}

TEST_F(LabelTable, IsFoundInAFolder) {
  write_file(folder_ / "HAM10000_metadata.csv",
             "image_id,dx,lesion_id\na,nv,L1\nb,mel,L2\nc,nv,L3\nd,nv,L4\n");
  write_file(folder_ / "acquisition_source.csv", "image_id,source\na,x\nb,y\nc,x\nd,x\n");
  EXPECT_EQ(read_source(folder_.path()).samples.size(), 4U);
  write_file(folder_ / "second.csv", "image_id,label\na,nv\n");
  const std::string message = refusal([&] { read_source(folder_.path()); });
  EXPECT_TRUE(contains(message, "several tables could give the labels (HAM10000_metadata.csv, second.csv)"))
      << message;
}

TEST_F(LabelTable, HintsAtATableThatKnowsLesions) {
  write_file(folder_ / "truth.csv", "image,MEL,NV\na,1,0\nb,0,1\nc,0,1\nd,0,1\n");
  write_file(folder_ / "metadata.csv", "image,age_approx,lesion_id\na,3,L1\n");
  EXPECT_TRUE(warns(read_source(folder_.path()), "metadata.csv knows lesions or patients: add --join"));
}

TEST_F(LabelTable, IgnoresMasksOutsideItsImages) {
  write_file(folder_ / "masks/a.png", "x");
  EXPECT_EQ(read("image,dx\na,nv\nb,mel\nc,nv\nd,nv\n").samples.size(), 4U);
}

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

TEST_F(LabelTable, JoinsColumnsByImage) {
  Manifest manifest = read("image,dx,age\na,nv,3\nb,mel,4\nc,nv,5\nd,nv,6\n");
  join_columns(manifest, write_file(folder_ / "more.csv",
                                    "age,site,isic_id,lesion_id,patient_id,split\n"
                                    "4,x,b.jpg,L1,P1,test\n3,y,a,L2,unknown,train\n6,x,d,,P4,\n"
                                    "5,z,c,L3,P3,val\n9,z,elsewhere,L9,P9,train\n"));
  EXPECT_EQ(manifest.columns, (Names{"age", "site"}));
  EXPECT_EQ(manifest.samples[0].extra, (Names{"3", "y"}));
  EXPECT_EQ(manifest.samples[1].extra, (Names{"4", "x"}));
  EXPECT_EQ(manifest.samples[1].lesion, "L1");
  EXPECT_EQ(manifest.samples[0].patient, "");
  EXPECT_EQ(manifest.samples[3].patient, "P4");
  EXPECT_EQ(manifest.samples[2].split, Split::validation);
  EXPECT_EQ(manifest.samples[3].split, std::nullopt);
}

TEST_F(LabelTable, RefusesJoinsThatMissOrContradict) {
  const auto join = [&](std::string_view table) {
    Manifest manifest = read("image,dx,age,lesion_id\na,nv,3,L1\nb,mel,4,L2\n");
    join_columns(manifest, write_file(folder_ / "more.csv", table));
  };
  EXPECT_TRUE(contains(refusal([&] { join("image,site\nc,x\n"); }), "no row for image a"));
  EXPECT_TRUE(contains(refusal([&] { join("image,site\nc,x\n"); }), "no row for image b"));
  EXPECT_TRUE(
      contains(refusal([&] { join("image,lesion_id\na,L1\nb,L9\n"); }), "lesion_id is L9, but L2 is known"));
  EXPECT_TRUE(
      contains(refusal([&] { join("image,age\na,3\nb,5\n"); }), "column age is '5', but '4' is known"));
  EXPECT_TRUE(contains(refusal([&] { join("image,site\na,x\nb,x\na,y\n"); }),
                       "line 4: another row for a, after line 2"));
  EXPECT_TRUE(contains(refusal([&] { join("name,site\na,x\n"); }), "no id column"));
  EXPECT_NO_THROW(join("image,age\na,3\nb,4\nb,4\n"));
}

TEST(Join, MatchesFolderImagesByFileName) {
  const TemporaryFolder folder;
  for (const char* name : {"a/1.jpg", "b/2.jpg", "b/deep/3.jpg"}) write_file(folder / name, "x");
  Manifest manifest = read_image_folder(folder.path());
  join_columns(manifest, write_file(folder / "more.csv", "image,lesion_id\n1,L1\nb/2,L2\nb/deep/3.jpg,L3\n"));
  EXPECT_EQ(manifest.samples[0].lesion, "L1");
  EXPECT_EQ(manifest.samples[1].lesion, "L2");
  EXPECT_EQ(manifest.samples[2].lesion, "L3");

  write_file(folder / "a/2.jpg", "x");
  Manifest ambiguous = read_image_folder(folder.path());
  const std::string message = refusal([&] { join_columns(ambiguous, folder / "more.csv"); });
  EXPECT_TRUE(contains(message, "no row for image a/2.jpg")) << message;
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
