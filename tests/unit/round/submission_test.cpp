#include "cohort/round/submission.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <limits>

#include "cohort/core/error.hpp"
#include "cohort/core/json.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/nn/model.hpp"
#include "round/strict_json.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const nn::StateLayout& layout() {
  static const nn::StateLayout made = [] {
    nn::ModelOptions options;
    options.name = "cnn-small";
    options.stem = "";
    options.input = {3, 8, 8};
    return nn::layout_state(nn::build_model(options));
  }();
  return made;
}

Digest filled(std::uint8_t value) {
  Digest digest;
  digest.fill(value);
  return digest;
}

identity::SecretKey key(std::uint8_t value = 7) {
  return identity::SecretKey::from_seed(filled(value));
}

Submission unsigned_submission() {
  Submission submission;
  submission.parameters = AlignedBuffer<float>(static_cast<std::size_t>(layout().parameter_count));
  submission.statistics = AlignedBuffer<float>(static_cast<std::size_t>(layout().statistic_count));
  nn::initialise(layout(), 3, submission.parameters.span(), submission.statistics.span());
  SubmissionHeader& header = submission.header;
  header.numerics_version = kNumericsVersion;
  header.task = filled(1);
  header.round = 2;
  header.member = "clinic \"Nord\"\\3, Zürich";
  header.key = key().public_key();
  header.parent = filled(2);
  header.model = model_digest(layout(), submission.parameters.span(), submission.statistics.span());
  header.claim = {5, 8, {3, 1, 2, 2}, filled(3)};
  header.recipe = {{"optimizer.name", "sgd"}, {"schedule.learning_rate", "0.05"}};
  Digest chain = chain_start(filled(4), header.key, filled(5), header.parent, filled(6));
  header.chain.push_back({0, filled(6), chain});
  for (const std::int64_t step : {10, 20}) {
    const Digest state = filled(static_cast<std::uint8_t>(step));
    chain = chain_next(chain, step, state);
    header.chain.push_back({step, state, chain});
  }
  return submission;
}

Submission signed_submission() {
  Submission submission = unsigned_submission();
  sign(submission, key());
  return submission;
}

void expect_equal(const Submission& found, const Submission& wanted) {
  EXPECT_EQ(header_text(found.header), header_text(wanted.header));
  EXPECT_EQ(found.signature, wanted.signature);
  EXPECT_THAT(found.parameters.span(), testing::ElementsAreArray(wanted.parameters.span()));
  EXPECT_THAT(found.statistics.span(), testing::ElementsAreArray(wanted.statistics.span()));
}

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class SubmissionFile : public testing::Test {
 protected:
  SubmissionFile() : folder_(fs::path(testing::TempDir()) / ("submission_test_" + std::to_string(getpid()))) {
    fs::remove_all(folder_);
    fs::create_directory(folder_);
  }
  ~SubmissionFile() override { fs::remove_all(folder_); }
  [[nodiscard]] fs::path path(const std::string& name = "s.h5") const { return folder_ / name; }

  /// Writes and reads; the header's model digest is made to fit the values first unless `keeps_digest`.
  [[nodiscard]] ReadSubmission round_trip(Submission submission, bool keeps_digest = false) const {
    if (!keeps_digest)
      submission.header.model =
          model_digest(layout(), submission.parameters.span(), submission.statistics.span());
    save_submission(path(), layout(), submission);
    return read_submission(path(), layout());
  }

 private:
  fs::path folder_;
};

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

TEST_F(SubmissionFile, ReadsBack) {
  const Submission submission = signed_submission();
  save_submission(path(), layout(), submission);
  const ReadSubmission read = read_submission(path(), layout());
  ASSERT_EQ(read.verdict, Verdict::ok) << read.detail;
  expect_equal(*read.submission, submission);
  EXPECT_TRUE(is_signed(*read.submission));
}

TEST_F(SubmissionFile, EqualContentsMakeEqualFiles) {
  save_submission(path("a.h5"), layout(), signed_submission());
  save_submission(path("b.h5"), layout(), signed_submission());
  EXPECT_EQ(bytes_of(path("a.h5")), bytes_of(path("b.h5")));
}

TEST_F(SubmissionFile, MayBeUnsigned) {
  const ReadSubmission read = round_trip(unsigned_submission());
  ASSERT_EQ(read.verdict, Verdict::ok) << read.detail;
  EXPECT_FALSE(read.submission->signature);
  EXPECT_FALSE(is_signed(*read.submission));
}

TEST_F(SubmissionFile, TellsWhenAnotherHasSigned) {
  Submission submission = unsigned_submission();
  EXPECT_THROW(sign(submission, key(8)), UsageError);
  const Digest digest = submission_digest(submission.header);
  submission.signature = key(8).sign(std::as_bytes(std::span(digest)));
  const ReadSubmission read = round_trip(std::move(submission));
  ASSERT_EQ(read.verdict, Verdict::ok) << read.detail;
  EXPECT_FALSE(is_signed(*read.submission));

  Submission changed = signed_submission();
  ++changed.header.claim.correct;
  EXPECT_FALSE(is_signed(changed));
}

TEST_F(SubmissionFile, RefusesValuesThatNoTrainingMakes) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float value : {std::numeric_limits<float>::quiet_NaN(), infinity, -infinity}) {
    Submission submission = signed_submission();
    submission.parameters[static_cast<std::size_t>(layout().parameters[1].offset)] = value;
    const ReadSubmission read = round_trip(std::move(submission));
    EXPECT_EQ(read.verdict, Verdict::non_finite);
    EXPECT_THAT(read.detail, HasSubstr(layout().parameters[1].name));
    EXPECT_FALSE(read.submission);
  }
  Submission submission = signed_submission();
  for (const nn::Tensor& tensor : layout().statistics)
    if (tensor.role == nn::TensorRole::running_variance)
      submission.statistics[static_cast<std::size_t>(tensor.offset)] = -1;
  EXPECT_EQ(round_trip(std::move(submission)).verdict, Verdict::non_finite);
}

TEST_F(SubmissionFile, RefusesTensorsThatTheHeaderDoesNotName) {
  Submission submission = signed_submission();
  submission.parameters[0] += 1;
  const ReadSubmission read = round_trip(std::move(submission), true);
  EXPECT_EQ(read.verdict, Verdict::format);
  EXPECT_THAT(read.detail, HasSubstr("digest"));
}

TEST_F(SubmissionFile, RefusesOtherModelsAndClasses) {
  save_submission(path(), layout(), signed_submission());
  nn::ModelOptions options;
  options.name = "cnn-small";
  options.stem = "";
  options.input = {3, 8, 8};
  options.classes = 3;
  const ReadSubmission classes = read_submission(path(), nn::layout_state(nn::build_model(options)));
  EXPECT_EQ(classes.verdict, Verdict::size) << classes.detail;
  options.name = "resnet18";
  options.stem = "cifar";
  const ReadSubmission model = read_submission(path(), nn::layout_state(nn::build_model(options)));
  EXPECT_EQ(model.verdict, Verdict::format) << model.detail;
}

TEST_F(SubmissionFile, RefusesWhatIsNoSubmission) {
  EXPECT_EQ(read_submission(path("absent.h5"), layout()).verdict, Verdict::transient);
  std::ofstream(path("text.h5")) << "not a submission";
  EXPECT_EQ(read_submission(path("text.h5"), layout()).verdict, Verdict::format);
  save_submission(path(), layout(), signed_submission());
  fs::resize_file(path(), fs::file_size(path()) - 1);
  EXPECT_EQ(read_submission(path(), layout()).verdict, Verdict::format);
  fs::resize_file(path(), std::uintmax_t{1} << 33);
  EXPECT_EQ(read_submission(path(), layout()).verdict, Verdict::size);
}

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

class LinkFile : public SubmissionFile {
 protected:
  [[nodiscard]] static train::FullState state(bool has_average) {
    train::FullState made;
    const auto parameters = static_cast<std::size_t>(layout().parameter_count);
    const auto statistics = static_cast<std::size_t>(layout().statistic_count);
    made.step = 40;
    made.parameters = AlignedBuffer<float>(parameters);
    made.statistics = AlignedBuffer<float>(statistics);
    nn::initialise(layout(), 1, made.parameters.span(), made.statistics.span());
    made.slot_names = {"m", "v"};
    for (const std::uint64_t seed : {2, 3}) {
      made.slots.emplace_back(parameters);
      AlignedBuffer<float> ignored(statistics);
      nn::initialise(layout(), seed, made.slots.back().span(), ignored.span());
    }
    if (has_average) {
      made.ema_parameters = AlignedBuffer<float>(parameters);
      made.ema_statistics = AlignedBuffer<float>(statistics);
      nn::initialise(layout(), 4, made.ema_parameters.span(), made.ema_statistics.span());
    }
    return made;
  }
};

TEST_F(LinkFile, ReadsBack) {
  for (const bool has_average : {false, true}) {
    const train::FullState saved = state(has_average);
    const Digest digest = train::state_digest(layout(), saved);
    save_link(path("links"), layout(), saved, digest);
    save_link(path("links"), layout(), saved, digest);
    const ReadLink read = read_link(path("links"), layout(), saved, digest);
    ASSERT_EQ(read.verdict, Verdict::ok) << read.detail;
    EXPECT_EQ(read.state.step, 40);
    EXPECT_EQ(train::state_digest(layout(), read.state), digest);
  }
}

/// What this machine cannot read is nobody's fault; only a file that is not there is missing.
TEST_F(LinkFile, IsTriedAgainWhenItCannotBeRead) {
  const train::FullState saved = state(false);
  const Digest digest = train::state_digest(layout(), saved);
  const std::string unreadable(300, 'n');  // longer than a name may be
  const ReadLink link = read_link(path(unreadable), layout(), saved, digest);
  EXPECT_EQ(link.verdict, Verdict::transient);
  EXPECT_THAT(link.detail, HasSubstr("this machine cannot read it"));
  EXPECT_EQ(read_link(path("nowhere"), layout(), saved, digest).verdict, Verdict::chain);
  const ReadSubmission submission = read_submission(path(unreadable), layout());
  EXPECT_EQ(submission.verdict, Verdict::transient);
  EXPECT_THAT(submission.detail, HasSubstr("this machine cannot read it"));
}

TEST_F(LinkFile, IsNotProvedWhenMissingOrOther) {
  const train::FullState saved = state(false);
  const Digest digest = train::state_digest(layout(), saved);
  EXPECT_EQ(read_link(path("links"), layout(), saved, digest).verdict, Verdict::chain);
  save_link(path("links"), layout(), saved, digest);
  EXPECT_EQ(read_link(path("links"), layout(), state(true), digest).verdict, Verdict::chain);
  const Digest other = filled(1);
  fs::rename(link_path(path("links"), digest), link_path(path("links"), other));
  const ReadLink read = read_link(path("links"), layout(), saved, other);
  EXPECT_EQ(read.verdict, Verdict::chain);
  EXPECT_THAT(read.detail, HasSubstr("not the one"));
}

}  // namespace
}  // namespace cohort::round
