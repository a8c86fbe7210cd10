// A task from a file: what is missing, out of bounds or unknown, all at once.
#include <gmock/gmock.h>

#include <fstream>
#include <initializer_list>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/rounds.hpp"
#include "some_task.hpp"

namespace cohort::round {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// A stored task whose text was changed in one place.
Json changed(std::initializer_list<const char*> path, Json value) {
  Json whole = to_json(some_task());
  if (path.size() == 1) return whole.set(*path.begin(), std::move(value));
  Json part = whole.at(*path.begin());
  part.set(*(path.begin() + 1), std::move(value));
  return whole.set(*path.begin(), std::move(part));
}

TEST(StoredTask, IsRefusedOutOfBounds) {
  const auto refuses = [](const Json& json, const std::string& words) {
    EXPECT_THAT([&] { task_from_json(json); }, ThrowsMessage<DataError>(HasSubstr(words)));
  };
  refuses(changed({"rounds"}, 0), "rounds: must be 1 to 1000000, got 0");
  refuses(changed({"round_steps"}, 0), "round_steps: must be 1");
  refuses(changed({"link_steps"}, 0), "link_steps: must be 1");
  refuses(changed({"link_steps"}, INT64_MAX), "link_steps: must be 1 to 2^40");
  refuses(changed({"audit", "links"}, -1), "audit.links: must be 0 or more, got -1");
  refuses(changed({"audit", "alpha_millionths"}, 0), "alpha_millionths");
  refuses(changed({"audit", "evidence"}, "claim"), "evidence claim counts no hidden images");
  refuses(changed({"explore", "factor"}, 1), "factor 2 to 1000");
  refuses(changed({"pool", "unproven_rate"}, "3/2"), "must be a fraction from 0 to 1");
  refuses(changed({"pool", "unproven_rate"}, "half"), "pool.unproven_rate: not a fraction");
  refuses(changed({"recipe", "micro_batch"}, "0"), "recipe");
  refuses(changed({"classes"}, Json(Json::Array{"nv"})),
          "classes: the task names 1, its model tells 3 apart");
  refuses(changed({"members"}, Json::array()), "members: the task has none");
  refuses(changed({"seed"}, 1), "unknown member 'seed'");
  // Names that the command line knows too are the file's mistake here.
  refuses(changed({"merge", "rule"}, "avarage"), "merge.rule: ");
  refuses(changed({"merge", "weights"}, "sample"), "merge.weights: ");
  refuses(changed({"partition", "rule"}, "by:site"), "partition.rule: unknown rule 'by:site'");
  EXPECT_EQ(task_from_json(changed({"numerics_version"}, 7)).numerics_version,
            7);  // who computes it refuses it
}

TEST(StoredTask, NamesAllProblemsAndItsFile) {
  const tests::TemporaryFolder folder("stored-task");
  const auto refusal = [&](const Json& json) {
    std::ofstream(folder.path() / "task.json") << json.dump();
    try {
      read_task(folder.path() / "task.json");
    } catch (const DataError& e) {
      return std::string(e.what());
    }
    return std::string("accepted");
  };
  const std::string unread =
      refusal(changed({"merge", "rule"}, "avarage").set("rounds", "two").set("colour", "red"));
  EXPECT_THAT(unread, AllOf(HasSubstr("task.json"), HasSubstr("merge.rule"), HasSubstr("rounds: "),
                            HasSubstr("unknown member 'colour'")));
  const std::string impossible = refusal(changed({"audit", "links"}, -1).set("link_steps", 0));
  EXPECT_THAT(impossible, AllOf(HasSubstr("task.json"), HasSubstr("link_steps"), HasSubstr("audit.links")));
}

}  // namespace
}  // namespace cohort::round
