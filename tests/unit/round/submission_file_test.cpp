// Submissions as files, whole and spoilt.
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <limits>

#include "cohort/core/error.hpp"
#include "made_submission.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
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

}  // namespace
}  // namespace cohort::round
