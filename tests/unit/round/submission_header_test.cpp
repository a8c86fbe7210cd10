// The signed text of a submission.
#include <gmock/gmock.h>

#include "cohort/core/error.hpp"
#include "cohort/core/json.hpp"
#include "made_submission.hpp"
#include "round/strict_json.hpp"

namespace cohort::round {
namespace {

using testing::HasSubstr;

TEST(SubmissionHeader, TextReadsBackAndIsJson) {
  const SubmissionHeader header = unsigned_submission().header;
  const std::string text = header_text(header);
  EXPECT_EQ(header_text(header_from_text(text)), text);
  const Json json = Json::parse(text);
  EXPECT_EQ(json.at("member").as_string(), header.member);
  EXPECT_EQ(json.at("claim").at("confusion").as_array().size(), 4U);
  EXPECT_EQ(json.at("chain").as_array()[2].at("state").as_string(), to_hex(filled(20)));
  EXPECT_EQ(text.find('\n'), std::string::npos);
}

TEST(SubmissionHeader, EveryFieldChangesTheDigest) {
  const auto digest_with = [](const auto& change) {
    SubmissionHeader header = unsigned_submission().header;
    change(header);
    return submission_digest(header);
  };
  std::vector<Digest> digests{digest_with([](SubmissionHeader&) {})};
  digests.push_back(digest_with([](SubmissionHeader& h) { ++h.numerics_version; }));
  digests.push_back(digest_with([](SubmissionHeader& h) { h.task = filled(9); }));
  digests.push_back(digest_with([](SubmissionHeader& h) { ++h.round; }));
  digests.push_back(digest_with([](SubmissionHeader& h) { h.member = "x"; }));
  digests.push_back(digest_with([](SubmissionHeader& h) { h.key.fill(9); }));
  digests.push_back(digest_with([](SubmissionHeader& h) { h.parent = filled(9); }));
  digests.push_back(digest_with([](SubmissionHeader& h) { h.model = filled(9); }));
  digests.push_back(digest_with([](SubmissionHeader& h) { ++h.claim.correct; }));
  digests.push_back(digest_with([](SubmissionHeader& h) { ++h.claim.samples; }));
  digests.push_back(digest_with([](SubmissionHeader& h) { ++h.claim.confusion[3]; }));
  digests.push_back(digest_with([](SubmissionHeader& h) { h.claim.data = filled(9); }));
  digests.push_back(digest_with([](SubmissionHeader& h) { h.recipe[1].second = "0.06"; }));
  digests.push_back(digest_with([](SubmissionHeader& h) { std::swap(h.recipe[0], h.recipe[1]); }));
  digests.push_back(digest_with([](SubmissionHeader& h) { ++h.chain[2].step; }));
  digests.push_back(digest_with([](SubmissionHeader& h) { h.chain[1].state = filled(9); }));
  digests.push_back(digest_with([](SubmissionHeader& h) { h.chain[1].chain = filled(9); }));
  std::sort(digests.begin(), digests.end());
  EXPECT_EQ(std::adjacent_find(digests.begin(), digests.end()), digests.end());
}

TEST(SubmissionHeader, ReadsOneSpellingOnly) {
  const std::string good = header_text(unsigned_submission().header);
  const auto refused = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    try {
      header_from_text(text);
      return std::string("accepted");
    } catch (const DataError& e) {
      return std::string(e.what());
    }
  };
  EXPECT_THAT(refused(R"("round":2)", R"("round": 2)"), HasSubstr("round"));
  EXPECT_THAT(refused(R"("round":2)", R"("round":02)"), HasSubstr("round"));
  EXPECT_THAT(refused(R"("round":2)", R"("round":-2)"), HasSubstr("round"));
  EXPECT_THAT(refused(R"("round":2)", R"("round":99999999999999999999)"), HasSubstr("round"));
  EXPECT_THAT(refused(R"(,"round":2)", ""), HasSubstr("round"));
  EXPECT_THAT(refused(R"("format_version":1)", R"("format_version":2)"), HasSubstr("format_version"));
  EXPECT_THAT(refused(R"("task":"01)", R"("task":"0G)"), HasSubstr("task"));
  EXPECT_THAT(refused(R"("state":"0a)", R"("state":"0A)"), HasSubstr("chain.state"));
  EXPECT_THAT(refused("Zürich", "Z\x1b[2J"), HasSubstr("member"));
  EXPECT_THAT(refused("Zürich", "Z\\u0041"), HasSubstr("member"));
  EXPECT_THAT(refused("Zürich", "\xff"), HasSubstr("member"));
  EXPECT_THAT(refused("Zürich", std::string(200, 'x')), HasSubstr("within 100 bytes"));
  EXPECT_THAT(refused(R"("correct":5)", R"("correct":9)"), HasSubstr("claim.samples"));
  EXPECT_THAT(refused("[3,1,2,2]", "[3,1,2]"), HasSubstr("not square"));
  EXPECT_THAT(refused("schedule.learning_rate", "optimizer.name"), HasSubstr("twice"));
  EXPECT_THAT(refused(R"("step":20)", R"("step":10)"), HasSubstr("chain.step"));
  EXPECT_THAT(refused(R"("step":0,)", R"("step":1,)"), HasSubstr("chain.step"));
  EXPECT_THAT(refused("]}", "]}\n"), HasSubstr("the end"));
  for (std::size_t length = 0; length < good.size(); length += 7)
    EXPECT_THROW(header_from_text(good.substr(0, length)), DataError) << length;
}

TEST(SubmissionHeader, HasBounds) {
  SubmissionHeader header = unsigned_submission().header;
  header.claim.confusion.assign(1024 * 1024, 999'999);
  for (std::int64_t step = 21; header.chain.size() <= 10'000; ++step) header.chain.push_back({step, {}, {}});
  EXPECT_NO_THROW(header_text(header));
  header.chain.push_back({1'000'000, {}, {}});
  EXPECT_THROW(header_text(header), DataError);
  header = unsigned_submission().header;
  header.claim.confusion.assign(1025 * 1025, 0);
  EXPECT_THROW(header_text(header), DataError);
  header = unsigned_submission().header;
  for (const char* name : {"two\nlines", "device\u00ad-01", "device\u061c-01", "device\U000e0041-01"}) {
    header.member = name;
    EXPECT_THROW(header_text(header), DataError) << name;
  }
}

TEST(StrictJson, ShortensBetweenCharacters) {
  const std::string text = "a\u00e9\u20ac\U0001f600";  // of 1, 2, 3 and 4 bytes
  const std::vector<std::size_t> ends{0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
  for (std::size_t most = 0; most < ends.size(); ++most)
    EXPECT_EQ(shortened(text, most), text.substr(0, ends[most])) << most;
}

}  // namespace
}  // namespace cohort::round
