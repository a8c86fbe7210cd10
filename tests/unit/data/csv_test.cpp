#include "cohort/data/csv.hpp"

#include <gtest/gtest.h>

#include "unit/data/support.hpp"

namespace cohort::data {
namespace {

using testing::contains;
using Fields = std::vector<std::string>;

CsvTable read(std::string_view text) {
  const testing::TemporaryFolder folder;
  return read_csv(testing::write_file(folder / "table.csv", text));
}

std::string refusal(std::string_view text) {
  return testing::message_of<DataError>([&] { read(text); });
}

TEST(Csv, ReadsPlainRows) {
  const CsvTable table = read("image,dx\na,nv\nb,mel\n");
  EXPECT_EQ(table.header, (Fields{"image", "dx"}));
  EXPECT_EQ(table.rows, (std::vector<Fields>{{"a", "nv"}, {"b", "mel"}}));
  EXPECT_EQ(table.lines, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(table.column("dx"), 1U);
  EXPECT_EQ(table.column("DX"), std::nullopt);
}

TEST(Csv, UnderstandsQuotesCommasAndNewlinesInFields) {
  const CsvTable table = read("a,b\n\"x, \"\"y\"\"\",\"two\r\nlines\"\n\"\",z\n");
  EXPECT_EQ(table.rows, (std::vector<Fields>{{"x, \"y\"", "two\r\nlines"}, {"", "z"}}));
  EXPECT_EQ(table.lines, (std::vector<std::int64_t>{2, 4}));
}

TEST(Csv, UnderstandsByteOrderMarkAndCarriageReturns) {
  const CsvTable table = read("\xEF\xBB\xBFimage,dx\r\na,nv\r\n");
  EXPECT_EQ(table.header, (Fields{"image", "dx"}));
  EXPECT_EQ(table.rows, (std::vector<Fields>{{"a", "nv"}}));
}

TEST(Csv, NeedsNoLineEndAtTheEnd) {
  EXPECT_EQ(read("a,b\n1,2").rows, (std::vector<Fields>{{"1", "2"}}));
  EXPECT_EQ(read("a,b\n1,").rows, (std::vector<Fields>{{"1", ""}}));
  EXPECT_EQ(read("a,b\n1,\"2\"").rows, (std::vector<Fields>{{"1", "2"}}));
}

TEST(Csv, SkipsBlankLinesOfTablesWithSeveralColumns) {
  EXPECT_EQ(read("a,b\n\n1,2\n\n").rows.size(), 1U);
  EXPECT_EQ(read("a\n\n1\n").rows.size(), 2U);
}

TEST(Csv, RefusesRaggedRowsAllAtOnce) {
  const std::string message = refusal("a,b\n1\n1,2\n1,2,3\n");
  EXPECT_TRUE(contains(message, "table.csv")) << message;
  EXPECT_TRUE(contains(message, "line 2: 1 fields, the header has 2")) << message;
  EXPECT_TRUE(contains(message, "line 4: 3 fields")) << message;
  EXPECT_FALSE(contains(message, "line 3")) << message;
}

TEST(Csv, RefusesWhatIsNotRfc4180) {
  EXPECT_TRUE(contains(refusal("a,b\n1,x\"y\n"), "line 2: a quote inside"));
  EXPECT_TRUE(contains(refusal("a,b\n1,\"x\"y\n"), "line 2: text after a closing quote"));
  EXPECT_TRUE(contains(refusal("a,b\n1,2\n3,\"x\ny\n"), "line 3: a quote is opened and never closed"));
  EXPECT_TRUE(contains(refusal("a,b\r1,2\r"), "line 1: a carriage return"));
  EXPECT_TRUE(contains(refusal(""), "empty"));
  EXPECT_TRUE(contains(refusal("a,b,a\n"), "'a' stands twice"));
}

TEST(Csv, RefusesOtherEncodings) {
  EXPECT_TRUE(contains(refusal("image,site\na,r\xFC"
                               "cken\n"),
                       "not UTF-8"));
  EXPECT_TRUE(contains(refusal(std::string_view("\xFF\xFEi\0,\0", 6)), "not UTF-8"));
  EXPECT_NO_THROW(
      read("image,site\na,r\xC3\xBC"
           "cken\n"));
}

TEST(Csv, NamesAMissingFile) {
  const auto message = testing::message_of<DataError>([] { read_csv("no/such/table.csv"); });
  EXPECT_TRUE(contains(message, "no/such/table.csv: there is no such file"));
}

TEST(Csv, WritesWhatItReads) {
  const Fields fields{"plain", "", "a,b", "say \"x\"", "two\nlines", " blanks "};
  EXPECT_EQ(csv_line(fields), "plain,,\"a,b\",\"say \"\"x\"\"\",\"two\nlines\", blanks ");
  const CsvTable table = read("1,2,3,4,5,6\n" + csv_line(fields) + "\n");
  EXPECT_EQ(table.rows, (std::vector<Fields>{fields}));
  EXPECT_EQ(csv_line(Fields{""}), "\"\"");
}

}  // namespace
}  // namespace cohort::data
