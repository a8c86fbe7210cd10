#include <gtest/gtest.h>

#include "cohort/data/manifest.hpp"
#include "unit/data/manifest_support.hpp"

namespace cohort::data {
namespace {

using testing::contains;
using testing::labelled;
using testing::LabelTable;
using testing::Names;
using testing::refusal;
using testing::warns;
using testing::write_file;

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

// A packed file cannot have such columns; that should show before its images are decoded.
TEST_F(LabelTable, RefusesExtraColumnsThatNoDataSetCanHave) {
  const std::string message = refused(
      "image,dx,lesion_id,lesion,Patient_ID,patient,a\x01ge,Lesion\n"
      "a,nv,L1,x,P1,y,3,z\nb,mel,L2,x,P2,y,4,z\n");
  EXPECT_TRUE(contains(message, "read label table ") && contains(message, "table.csv: 3 problems"))
      << message;
  EXPECT_TRUE(contains(message, "column 'lesion': every data set has one of this name")) << message;
  EXPECT_TRUE(contains(message, "column 'patient': every data set has one of this name")) << message;
  EXPECT_TRUE(contains(message, "column 'a\x01ge': the name is not plain UTF-8 text")) << message;
  EXPECT_EQ(read("image,dx,lesion,patient,Site\na,nv,L1,P1,x\nb,mel,L2,P2,y\n").columns, (Names{"Site"}));
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

}  // namespace
}  // namespace cohort::data
