// Submissions as one line of text.
#include <gmock/gmock.h>

#include "cohort/core/error.hpp"
#include "made_submission.hpp"

namespace cohort::round {
namespace {

using testing::HasSubstr;

TEST(SubmissionCode, ComesBackWithoutLoss) {
  for (const bool is_with : {true, false}) {
    const Submission submission = is_with ? signed_submission() : unsigned_submission();
    const std::string text = encode(layout(), submission);
    EXPECT_EQ(text.find_first_of(" \n+/="), std::string::npos);
    expect_equal(decode(text, layout()), submission);
  }
}

TEST(SubmissionCode, RefusesDamage) {
  const std::string good = encode(layout(), signed_submission());
  const auto refusal = [](const std::string& text) {
    try {
      decode(text, layout());
      return std::string("accepted");
    } catch (const DataError& e) {
      return std::string(e.what());
    }
  };
  EXPECT_THAT(refusal(good.substr(1)), HasSubstr("does not begin"));
  EXPECT_THAT(refusal(good.substr(0, good.size() - 40)), HasSubstr("cut short"));
  EXPECT_THAT(refusal(good.substr(0, good.size() / 2)), HasSubstr("cut short"));
  EXPECT_THAT(refusal(good.substr(0, 21)), HasSubstr("cut short"));
  EXPECT_THAT(refusal(good + std::string(24'000'000, 'A')), HasSubstr("longer"));
  EXPECT_THAT(refusal(good + "=="), HasSubstr("base64url"));
  for (std::size_t at = 30; at < good.size(); at += good.size() / 97) {
    std::string flipped = good;
    flipped[at] = flipped[at] == 'A' ? 'B' : 'A';
    EXPECT_NE(refusal(flipped), "accepted") << at;
  }
}

}  // namespace
}  // namespace cohort::round
