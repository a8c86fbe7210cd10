#include <gtest/gtest.h>

#include "cohort/data/manifest.hpp"
#include "unit/data/manifest_support.hpp"

namespace cohort::data {
namespace {

namespace fs = std::filesystem;
using testing::contains;
using testing::Names;
using testing::refusal;
using testing::TemporaryFolder;
using testing::write_file;
using Join = testing::LabelTable;

TEST_F(Join, AddsColumnsByImage) {
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

TEST_F(Join, RefusesWhatIsMissingOrContradicts) {
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

TEST_F(Join, RefusesExtraColumnsThatNoDataSetCanHave) {
  Manifest manifest = read("image,dx\na,nv\nb,mel\n");
  const fs::path csv =
      write_file(folder_ / "more.csv", "image,patient_id,patient,\"two\nlines\"\na,P1,x,1\nb,P2,y,2\n");
  const std::string message = refusal([&] { join_columns(manifest, csv); });
  EXPECT_TRUE(contains(message, "join table ") && contains(message, "more.csv: 2 problems")) << message;
  EXPECT_TRUE(contains(message, "column 'patient': every data set has one of this name")) << message;
  EXPECT_TRUE(contains(message, "column 'two\nlines': the name is not plain UTF-8 text")) << message;
}

TEST(JoinOfFolders, MatchesFolderImagesByFileName) {
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

}  // namespace
}  // namespace cohort::data
