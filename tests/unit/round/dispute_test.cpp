// Two accounts of one member's round, and which of them is right.
#include "cohort/round/dispute.hpp"

#include <gmock/gmock.h>

#include "cheat.hpp"
#include "cohort/core/error.hpp"
#include "cohort/round/filed_round.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// One candidate's honest work in the folder "run"; what others say about it stands in folders of its own.
class DisputeTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared_ = std::make_unique<TinyRound>("dispute");
    ASSERT_EQ(shared_->train(0).state, CandidateState::submitted);
  }
  static void TearDownTestSuite() { shared_.reset(); }

  Account honest() const { return {tiny_.files(0).submission, tiny_.files(0).links}; }
  /// Work in which one link is other training, with its states in a folder of its own.
  Account forged(std::int64_t link, double rate = 0.0041) {
    const Account account{tiny_.folder(concat("forged-", link, "-", rate, ".h5")),
                          tiny_.folder(concat("links-", link, "-", rate))};
    if (fs::exists(account.submission)) return account;
    fs::rename(tiny_.files(0).links, tiny_.folder("kept"));
    const Submission submission = done_by_hand(
        tiny_, 0, {link, [rate](train::Recipe& recipe) { recipe.schedule.learning_rate = rate; }});
    fs::rename(tiny_.files(0).links, account.links);
    fs::rename(tiny_.folder("kept"), tiny_.files(0).links);
    save_submission(account.submission, tiny_.layout, submission);
    return account;
  }
  Account with(const Submission& submission, const std::string& name) const {
    fs::remove(tiny_.folder(name));
    save_submission(tiny_.folder(name), tiny_.layout, submission);
    return {tiny_.folder(name), tiny_.files(0).links};
  }
  Dispute settled(const Account& first, const Account& second) {
    Workers workers = tiny_.workers();
    return settle(workers, tiny_.audit_case(), {tiny_.assignments[0], {}, {}, &tiny_.parent}, first, second);
  }

  static inline std::unique_ptr<TinyRound> shared_;
  TinyRound& tiny_ = *shared_;
};

TEST_F(DisputeTest, IsDecidedByTheOneLinkAtWhichTheChainsPart) {
  const std::vector<ChainLink> truth = tiny_.submitted(0).header.chain;
  for (std::int64_t link = 1; link <= kTinyLinks; ++link) {
    const Dispute found = settled(forged(link), honest());
    EXPECT_EQ(found.ruling, Ruling::second) << link;
    EXPECT_EQ(found.link, link);
    EXPECT_EQ(found.links, kTinyLinks);
    EXPECT_LE(found.comparisons, 3);
    EXPECT_EQ(found.from_step, (link - 1) * kTinyLinkSteps);
    EXPECT_EQ(found.to_step, link * kTinyLinkSteps);
    EXPECT_EQ(found.replayed, truth[static_cast<std::size_t>(link)].state);
    EXPECT_EQ(found.second, found.replayed);
    EXPECT_NE(found.first, found.replayed);
    EXPECT_FALSE(found.first_is_signed);
    EXPECT_TRUE(found.second_is_signed);
    EXPECT_EQ(settled(honest(), forged(link)).ruling, Ruling::first) << link;
  }
}

TEST_F(DisputeTest, MayBeWonByNobody) {
  const Dispute found = settled(forged(3), forged(3, 0.005));
  EXPECT_EQ(found.ruling, Ruling::neither);
  EXPECT_EQ(found.link, 3);
  EXPECT_EQ(found.replayed, tiny_.submitted(0).header.chain[3].state);
  EXPECT_EQ(settled(forged(2), forged(3)).ruling,
            Ruling::second);  // of link 2; the third was not asked about
}

TEST_F(DisputeTest, IsNoneWhereChainsAgree) {
  const Dispute same = settled(honest(), honest());
  EXPECT_EQ(same.ruling, Ruling::agree);
  EXPECT_EQ(same.link, 0);
  EXPECT_EQ(same.comparisons, 1);
  EXPECT_FALSE(same.models_differ);
  Submission other = tiny_.submitted(0);
  other.parameters[0] += 0.25F;
  other = around(tiny_, 0, {copy_of(other.parameters.span()), copy_of(other.statistics.span())},
                 other.header.chain);
  const Dispute found = settled(honest(), with(other, "other-model.h5"));
  EXPECT_EQ(found.ruling, Ruling::agree);
  EXPECT_TRUE(found.models_differ);
}

TEST_F(DisputeTest, NeedsTheStateBeforeTheLinkFromEitherSide) {
  Account one = forged(3), other = honest();
  one.links.clear();
  EXPECT_EQ(settled(one, other).ruling, Ruling::second);
  one = forged(3);
  other.links = tiny_.folder("nowhere");
  EXPECT_EQ(settled(one, other).ruling, Ruling::second);
  one.links.clear();
  EXPECT_THAT([&] { settled(one, other); },
              ThrowsMessage<DataError>(AllOf(HasSubstr("the state after step 6"), HasSubstr("nowhere"),
                                             HasSubstr("ask either side"))));
  other.links = tiny_.folder(std::string(300, 'n'));
  try {
    settled(one, other);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::failed) << e.what();  // this machine's trouble, nobody's fault
  }
  one = forged(1);
  one.links.clear();
  EXPECT_EQ(settled(one, {honest().submission, {}}).ruling,
            Ruling::second);  // everybody has the round's model
}

TEST_F(DisputeTest, IsAboutTheSameWork) {
  Submission shorter = tiny_.submitted(0), loose = tiny_.submitted(0), another = tiny_.submitted(0);
  shorter.header.chain.pop_back();
  loose.header.chain[2].chain = sha256("another history");
  another.header.member = "device-02";
  for (const auto& [submission, words] : {std::pair{&shorter, "SPEC: its chain has 4 entries instead of 5"},
                                          std::pair{&loose, "CHAIN: link 2 does not follow"},
                                          std::pair{&another, "SIG: names a member or key"}}) {
    const Account account = with(*submission, "odd.h5");
    EXPECT_THAT([&] { settled(account, honest()); }, ThrowsMessage<DataError>(HasSubstr(words)));
    EXPECT_THAT([&] { settled(honest(), account); }, ThrowsMessage<DataError>(HasSubstr("odd.h5")));
  }
  EXPECT_THAT(
      [&] {
        settled(honest(), {tiny_.folder("nothing.h5"), {}});
      },
      ThrowsMessage<Error>(HasSubstr("nothing.h5: no such file")));
}

}  // namespace
}  // namespace cohort::round
