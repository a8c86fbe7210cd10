#include "cohort/core/json.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <limits>

#include "cohort/core/error.hpp"

namespace cohort {
namespace {

std::string failure_of(const std::string& text) {
  try {
    Json::parse(text);
    return "";
  } catch (const DataError& e) {
    return e.what();
  }
}

TEST(Json, KeepsTheOrderOfMembers) {
  Json json = Json::object();
  json.set("zebra", 1).set("apple", 2.0).set("zebra", "again");
  EXPECT_EQ(json.dump(), R"({"zebra": "again", "apple": 2.0})");
}

TEST(Json, PrintsEveryKind) {
  Json json;
  json.push(nullptr).push(true).push(-5).push(0.1).push("a\"\n\x01").push(Json::object()).push(Json::array());
  EXPECT_EQ(json.dump(), R"([null, true, -5, 0.1, "a\"\n\u0001", {}, []])");
}

TEST(Json, IndentsWhenAsked) {
  Json json;
  json.set("a", 1).set("b", Json::Array{1, 2});
  EXPECT_EQ(json.dump(2), "{\n  \"a\": 1,\n  \"b\": [\n    1,\n    2\n  ]\n}");
}

TEST(Json, TurnsWhatIsNotFiniteIntoNull) {
  EXPECT_TRUE(Json(std::numeric_limits<double>::quiet_NaN()).is_null());
  EXPECT_TRUE(Json(-std::numeric_limits<double>::infinity()).is_null());
}

TEST(Json, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(Json("a\xFF").dump(), "\"a\xEF\xBF\xBD\"");
}

TEST(Json, ReadsBackWhatItWrote) {
  Json json;
  json.set("int", INT64_MIN).set("unsigned", UINT64_MAX).set("double", 0.1 + 0.2).set("text", "ä\t\"");
  json.set("list", Json::Array{true, nullptr, Json::object()});
  const Json back = Json::parse(json.dump(2));
  EXPECT_EQ(back.dump(), json.dump());
  EXPECT_EQ(back.at("int").as_int(), INT64_MIN);
  EXPECT_EQ(back.at("unsigned").as_uint(), UINT64_MAX);
  EXPECT_EQ(back.at("double").as_double(), 0.1 + 0.2);
  EXPECT_EQ(back.at("text").as_string(), "ä\t\"");
  EXPECT_TRUE(back.at("list").as_array()[0].as_bool());
  EXPECT_TRUE(back.at("list").as_array()[1].is_null());
}

TEST(Json, TellsKindsApart) {
  const Json json = Json::parse(R"({"i": 1, "d": 1.0, "b": false})");
  EXPECT_EQ(json.at("i").as_double(), 1.0);
  EXPECT_EQ(json.at("i").as_uint(), 1u);
  EXPECT_THROW(static_cast<void>(json.at("d").as_int()), DataError);
  EXPECT_THROW(static_cast<void>(json.at("b").as_double()), DataError);
  EXPECT_THROW(static_cast<void>(json.at("b").as_string()), DataError);
  EXPECT_THROW(static_cast<void>(json.as_array()), DataError);
  EXPECT_THROW(static_cast<void>(Json(-1).as_uint()), DataError);
  EXPECT_THROW(static_cast<void>(Json(UINT64_MAX).as_int()), DataError);
  EXPECT_THROW(Json(1).set("a", 1), DataError);
  EXPECT_THROW(Json(1).push(1), DataError);
  EXPECT_TRUE(json.contains("i"));
  EXPECT_FALSE(json.contains("x"));
  EXPECT_FALSE(Json(1).contains("x"));
}

TEST(Json, NamesTheMissingMember) {
  try {
    static_cast<void>(Json::object().at("seed"));
    FAIL() << "did not throw";
  } catch (const DataError& e) {
    EXPECT_NE(std::string(e.what()).find("'seed'"), std::string::npos);
  }
}

TEST(Json, SaysWhereTextIsMalformed) {
  EXPECT_NE(failure_of("{\n  \"a\": 1,\n  \"b\": x\n}").find("line 3, column 8"), std::string::npos)
      << failure_of("{\n  \"a\": 1,\n  \"b\": x\n}");
  for (const char* bad : {"", "{", "[1,]", "{\"a\":1}x", "nul", "\"\xFF\"", "[1 2]", "01", "NaN"}) {
    EXPECT_THROW(Json::parse(bad), DataError) << bad;
  }
}

TEST(Json, RefusesTwoMembersOfOneName) {
  EXPECT_NE(failure_of(R"({"a": 1, "a": 2})").find("'a' appears twice"), std::string::npos);
}

/// {"m0": 0, "m1": 1, …} and one member more.
std::string object_of(int members, const std::string& last) {
  std::string text = "{";
  for (int i = 0; i < members; ++i) text += "\"m" + std::to_string(i) + "\": " + std::to_string(i) + ", ";
  return text + "\"" + last + "\": 0}";
}

// Looking through all names for each member would take 2 * 10^10 comparisons, minutes of processor time.
TEST(Json, ReadsAHundredThousandMembersInTheTimeOfReading) {
  constexpr int members = 200'000;
  const std::clock_t start = std::clock();
  const Json json = Json::parse(object_of(members, "last"));
  EXPECT_NE(failure_of(object_of(members, "m77")).find("'m77' appears twice"), std::string::npos);
  EXPECT_LT(std::clock() - start, 10 * CLOCKS_PER_SEC);
  ASSERT_EQ(json.as_object().size(), members + 1U);
  EXPECT_EQ(json.as_object()[members - 1].first, "m" + std::to_string(members - 1));
  EXPECT_EQ(json.at("m12345").as_int(), 12345);
}

TEST(Json, MakesAnObjectOfMembers) {
  EXPECT_EQ(Json::object({{"b", 1}, {"a", Json::array()}}).dump(), R"({"b": 1, "a": []})");
  EXPECT_THROW(Json::object({{"b", 1}, {"a", 2}, {"b", 3}}), DataError);
}

TEST(Json, RefusesDeepNesting) {
  EXPECT_NO_THROW(Json::parse(std::string(100, '[') + std::string(100, ']')));
  EXPECT_NE(failure_of(std::string(100000, '[')).find("nested"), std::string::npos);
}

}  // namespace
}  // namespace cohort
