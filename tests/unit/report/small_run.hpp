// A run of rounds that nobody has trained, and what is asked of its page.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/core/text.hpp"
#include "cohort/report/round_page.hpp"

namespace cohort::report {

/// A run of two rounds: three members, the second halted after the first round.
struct SmallRun {
  round::Task task;
  data::Partition partition;
  std::vector<round::RoundRecord> records;
  std::vector<std::optional<round::Rewards>> rewards;

  [[nodiscard]] std::string page(const std::optional<FinalScore>& score = std::nullopt) const {
    return round_page(task, partition, records, rewards, score);
  }
};

inline round::Finding finding(const SmallRun& run, std::int64_t candidate, std::int64_t validation) {
  round::Finding found;
  found.candidate = candidate;
  found.member = run.task.members[static_cast<std::size_t>(candidate)].name;
  found.verdict = round::Verdict::ok;
  found.claim_correct = 17;
  found.claim_samples = 19;
  found.hidden_correct = 211 + candidate;
  found.validation_correct = validation;
  found.links_replayed = {1, 3, 4};
  return found;
}

inline round::RoundRecord round_of(const SmallRun& run, std::int64_t number,
                                   const std::vector<std::int64_t>& candidates) {
  round::RoundRecord record;
  record.round = number;
  record.validation_images = 57;
  record.hidden_images = 400;
  record.incumbent_validation = 31;
  record.merged_validation = 43;
  record.incumbent_hidden = 203;
  record.majority_hidden = 202;
  record.model = sha256(concat("model ", number));
  for (const std::int64_t candidate : candidates) {
    record.assignments.push_back({candidate, {{"schedule.learning_rate", "0.0625"}}, -1});
    record.findings.push_back(finding(run, candidate, 40 + candidate));
    record.failures.emplace_back();
  }
  return record;
}

inline round::Rewards shared(const SmallRun& run, std::int64_t number) {
  round::Rewards rewards;
  rewards.round = number;
  rewards.pool = 1'234'567;
  rewards.paid = 1'234'567;
  for (const round::Member& member : run.task.members)
    rewards.members.push_back({member.name, round::Verdict::ok, 1, {}, ""});
  rewards.members.front().amount = 1'234'567;
  return rewards;
}

inline SmallRun small_run() {
  SmallRun run;
  run.task.rounds = 2;
  run.task.round_steps = 60;
  run.task.link_steps = 15;
  run.task.recipe.model.name = "cnn-small";
  run.task.classes = {"benign", "melanoma"};
  run.task.search = {{"schedule.learning_rate", "log(0.001, 0.3)"}};
  run.task.pool.pool = "1234567";
  run.task.dataset = sha256("data");
  for (const char* name : {"device-01", "device-02", "device-03"}) {
    run.task.members.push_back({name, sha256(name), ""});
    run.partition.parts.push_back({name, std::vector<std::int32_t>(83), std::vector<std::int32_t>(19)});
  }
  run.records = {round_of(run, 1, {0, 1, 2}), round_of(run, 2, {0, 2})};
  run.records[0].halted = {1};
  run.records[0].merged = {0, 2};
  run.records[0].merge_story = {"best member device-03: 42 correct, incumbent 31",
                                "average of device-01, device-03 weighted by samples: 43 correct"};
  run.rewards = {shared(run, 1), std::nullopt};
  return run;
}

inline std::size_t occurrences(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size()))
    ++count;
  return count;
}

/// What is wrong with the nesting of tags; nothing when all that opens closes in order.
inline std::string imbalance(std::string_view html) {
  std::vector<std::string> open;
  for (std::size_t at = html.find('<'); at != std::string_view::npos; at = html.find('<', at + 1)) {
    const std::size_t end = html.find('>', at);
    if (end == std::string_view::npos) return "a tag without an end";
    const std::string_view tag = html.substr(at + 1, end - at - 1);
    if (tag.find('<') != std::string_view::npos) return concat("a tag within a tag: ", tag);
    if (occurrences(tag, "\"") % 2 != 0) return concat("quotes: ", tag);
    const std::string name(tag.substr(0, tag.find(' ')));
    if (tag.starts_with("!") || name == "meta" || tag.ends_with("/")) continue;
    if (!tag.starts_with("/")) {
      open.push_back(name);
    } else if (open.empty() || "/" + open.back() != name) {
      return concat("<", name, "> closes ", open.empty() ? "nothing" : open.back());
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? std::string() : concat(open.back(), " stays open");
}

inline bool contains(std::string_view text, std::string_view what) {
  return text.find(what) != std::string_view::npos;
}

}  // namespace cohort::report
