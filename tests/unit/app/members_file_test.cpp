#include "members_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "cohort/core/error.hpp"

namespace cohort::app {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class MembersFile : public ::testing::Test {
 protected:
  MembersFile() : path_(std::filesystem::path(::testing::TempDir()) / "members-file-test.csv") {}
  ~MembersFile() override { std::filesystem::remove(path_); }

  std::vector<round::Member> read(const std::string& text) {
    std::ofstream(path_, std::ios::binary) << text;
    return read_members(path_);
  }
  std::string refusal(const std::string& text) {
    try {
      read(text);
    } catch (const DataError& e) {
      return e.what();
    }
    return "";
  }

  std::filesystem::path path_;
  const std::string key_ = std::string(62, '0') + "1f";
};

TEST_F(MembersFile, NamesKeysAndAddresses) {
  const auto members =
      read("address,key,name\r\n0x12," + key_ + ",\"House, A\"\r\n,\"" + key_ + "\",b=c\r\n");
  ASSERT_EQ(members.size(), 2);
  EXPECT_EQ(members[0].name, "House, A");
  EXPECT_EQ(members[0].address, "0x12");
  EXPECT_EQ(members[0].key.back(), 0x1f);
  EXPECT_EQ(members[1].name, "b=c");
  EXPECT_EQ(members[1].address, "");
}

TEST_F(MembersFile, NeedsNoAddresses) {
  EXPECT_EQ(read("name,key\na," + key_ + "\n").at(0).address, "");
}

TEST_F(MembersFile, SaysAllThatIsWrongAtOnce) {
  EXPECT_THAT(refusal("who,key,address,age\n"),
              AllOf(HasSubstr("the column name is missing"), HasSubstr("column 'who'"),
                    HasSubstr("column 'age'"), HasSubstr("names no members")));
  EXPECT_THAT(refusal("name,key\na,zz\nb," + key_ + "\nc,\n"),
              AllOf(HasSubstr("line 2: the key of 'a'"), HasSubstr("line 4: the key of 'c'")));
}

}  // namespace
}  // namespace cohort::app
