#include "round/json_differences.hpp"

#include <gmock/gmock.h>

namespace cohort::round {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> between(std::string_view stored, std::string_view now) {
  return json_differences(Json::parse(stored), Json::parse(now));
}

TEST(JsonDifferences, AreNoneBetweenEqualDocuments) {
  EXPECT_THAT(between(R"({"a": 1, "b": {"c": [1, 2]}})", R"({"a":1,"b":{"c":[1,2]}})"), IsEmpty());
}

TEST(JsonDifferences, NameEveryPlace) {
  EXPECT_THAT(between(R"({"a": 1, "b": {"c": [1, 2], "d": "x"}})", R"({"a": 2, "b": {"c": [1], "d": "x"}})"),
              ElementsAre("a: stored 1, now 2", "b.c: stored [1, 2], now [1]"));
}

TEST(JsonDifferences, NameWhatOneOfThemLacks) {
  EXPECT_THAT(between(R"({"space": {"lr": "log", "shift": "int"}})", R"({"space": {"lr": "log"}})"),
              ElementsAre(R"(space.shift: stored "int", now (absent))"));
  EXPECT_THAT(between(R"({"a": 1})", R"({"a": 1, "b": null})"), ElementsAre("b: stored (absent), now null"));
}

TEST(JsonDifferences, SeeAnotherOrder) {
  EXPECT_THAT(between(R"({"a": 1, "b": 2})", R"({"b": 2, "a": 1})"),
              ElementsAre("the document: the same members in another order"));
  EXPECT_THAT(between(R"({"x": {"a": 1, "b": 2}})", R"({"x": {"b": 2, "a": 1}})"),
              ElementsAre("x: the same members in another order"));
}

}  // namespace
}  // namespace cohort::round
