// A submission made by hand, and a folder for its file.
#pragma once

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "cohort/core/numerics.hpp"
#include "cohort/nn/model.hpp"
#include "cohort/round/submission.hpp"

namespace cohort::round {

inline const nn::StateLayout& layout() {
  static const nn::StateLayout made = [] {
    nn::ModelOptions options;
    options.name = "cnn-small";
    options.stem = "";
    options.input = {3, 8, 8};
    return nn::layout_state(nn::build_model(options));
  }();
  return made;
}

inline Digest filled(std::uint8_t value) {
  Digest digest;
  digest.fill(value);
  return digest;
}

inline identity::SecretKey key(std::uint8_t value = 7) {
  return identity::SecretKey::from_seed(filled(value));
}

inline Submission unsigned_submission() {
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

inline Submission signed_submission() {
  Submission submission = unsigned_submission();
  sign(submission, key());
  return submission;
}

inline void expect_equal(const Submission& found, const Submission& wanted) {
  EXPECT_EQ(header_text(found.header), header_text(wanted.header));
  EXPECT_EQ(found.signature, wanted.signature);
  EXPECT_THAT(found.parameters.span(), testing::ElementsAreArray(wanted.parameters.span()));
  EXPECT_THAT(found.statistics.span(), testing::ElementsAreArray(wanted.statistics.span()));
}

class SubmissionFile : public testing::Test {
 protected:
  SubmissionFile()
      : folder_(std::filesystem::path(testing::TempDir()) / ("submission_test_" + std::to_string(getpid()))) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
  }
  ~SubmissionFile() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::filesystem::path path(const std::string& name = "s.h5") const { return folder_ / name; }

  /// Writes and reads; the header's model digest is made to fit the values first unless `keeps_digest`.
  [[nodiscard]] ReadSubmission round_trip(Submission submission, bool keeps_digest = false) const {
    if (!keeps_digest)
      submission.header.model =
          model_digest(layout(), submission.parameters.span(), submission.statistics.span());
    save_submission(path(), layout(), submission);
    return read_submission(path(), layout());
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace cohort::round
