#include <gmock/gmock.h>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/rounds.hpp"
#include "cohort/store/atomic_file.hpp"
#include "round/finding_text.hpp"

namespace cohort::round {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

RoundRecord some_record() {
  RoundRecord record;
  record.round = 3;
  record.assignments = {{0, {{"schedule.learning_rate", "0.03"}, {"optimizer.name", "sgd"}}, -1}, {2, {}, 0}};
  Finding finding;
  finding.candidate = 0;
  finding.member = "device-01";
  finding.verdict = Verdict::ok;
  finding.submission = sha256("submission");
  finding.model = sha256("model");
  finding.claim_correct = 7;
  finding.claim_samples = 10;
  finding.hidden_correct = 50;
  finding.validation_correct = 70;
  finding.links_replayed = {1, 3, 4};
  finding.micro_batches = 120;
  Finding missing;
  missing.candidate = 2;
  missing.member = "device-03";
  missing.verdict = Verdict::late;
  missing.detail = "nothing was handed in: \"diverged\"";
  record.findings = {finding, missing};
  record.failures = {"", "diverged"};
  record.halted = {2};
  record.merged = {0};
  record.merge_story = {"average of device-01"};
  record.validation_images = 100;
  record.hidden_images = 80;
  record.incumbent_validation = 60;
  record.merged_validation = 70;
  record.incumbent_hidden = 40;
  record.majority_hidden = 41;
  record.beacon = sha256("beacon");
  record.model = sha256("merged");
  record.audit = sha256("audit");
  return record;
}

TEST(RoundRecord, ReadsBackWhatItSays) {
  const RoundRecord record = some_record();
  const Json json = to_json(record);
  const RoundRecord read = record_from_json(Json::parse(json.dump(1)));
  EXPECT_EQ(to_json(read).dump(), json.dump());
  EXPECT_EQ(read.assignments[0].setting, record.assignments[0].setting);
  EXPECT_EQ(read.assignments[1].donor, 0);
  EXPECT_EQ(read.findings[0].links_replayed, record.findings[0].links_replayed);
  EXPECT_EQ(read.findings[1].detail, record.findings[1].detail);
  EXPECT_EQ(read.findings[1].hidden_correct, -1);
  EXPECT_EQ(read.model, record.model);
}

/// No field is written that is not read.
TEST(RoundRecord, KeepsEveryField) {
  const Json whole = to_json(some_record());
  for (const auto& [name, value] : whole.as_object()) {
    Json without = Json::object();
    for (const auto& [other, kept] : whole.as_object())
      if (other != name) without.set(other, kept);
    if (name == "audit")
      EXPECT_EQ(record_from_json(without).audit, Digest{}) << "such a run goes on";
    else
      EXPECT_THROW(record_from_json(without), DataError) << name;
  }
}

TEST(RoundRecord, RefusesOtherFiles) {
  EXPECT_THAT([] { record_from_json(Json::parse(R"({"schema": "cohort.task/1"})")); },
              ThrowsMessage<DataError>(HasSubstr("not a round's record")));
  RoundRecord record = some_record();
  record.findings.pop_back();
  EXPECT_THAT([&] { record_from_json(to_json(record)); }, ThrowsMessage<DataError>(HasSubstr("incomplete")));
}

TEST(RoundRecord, NamesTheFileThatIsDamagedOnce) {
  const auto path = std::filesystem::path(testing::TempDir()) / "round_record_test.json";
  store::write_text_atomically(path, to_json(some_record()).dump());
  EXPECT_EQ(to_json(read_record(path)).dump(), to_json(some_record()).dump());
  for (const std::string& damaged :
       {std::string("{"), Json(to_json(some_record())).set("round", "one").dump()}) {
    store::write_text_atomically(path, damaged);
    EXPECT_THAT([&] { read_record(path); },
                ThrowsMessage<DataError>(testing::StartsWith("read " + path.string() + ": ")));
  }
  std::filesystem::remove(path);
  EXPECT_THAT([&] { read_record(path); }, ThrowsMessage<Error>(HasSubstr("round_record_test.json")));
}

TEST(RoundPaths, SortAsTheyAreNumbered) {
  const RoundPaths paths{"run"};
  EXPECT_EQ(paths.record(7), "run/rounds/007/round.json");
  EXPECT_EQ(paths.model(1234), "run/rounds/1234/model.h5");
  EXPECT_EQ(paths.candidate(1, "device-01").submission, "run/rounds/001/submissions/device-01.h5");
}

}  // namespace
}  // namespace cohort::round
