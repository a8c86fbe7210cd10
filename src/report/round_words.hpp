// Verdicts, rules and merge stories in plain words.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/round/rounds.hpp"

namespace cohort::report {

/// The verdict in a few words ("the claim is wrong") and in a sentence for those who have never seen it.
struct VerdictWords {
  std::string_view brief, sentence;
};
VerdictWords words_of(round::Verdict verdict);

/// "good", "fair", "bad" or "void": classes of the page's style.
std::string_view tone_of(round::Verdict verdict);

/// Order from nothing to complain of to the worst: of several verdicts the page shows the largest.
int severity_of(round::Verdict verdict);

/// Whether a submission was there to be audited.
bool has_submission(const round::RoundRecord& record, std::size_t position);

/// Name of a candidate: the task's, or its number where the task has no such member.
std::string name_of_candidate(const round::Task& task, std::int64_t candidate);

/// "device-01, device-02 and device-03", "nobody".
std::string names_of(const round::Task& task, std::span<const std::int64_t> candidates);

/// The merge's own lines with members' names in place of numbers.
std::vector<std::string> merge_sentences(const round::RoundRecord& record);
/// What became the round's model, in one sentence.
std::string merge_outcome(const round::Task& task, const round::RoundRecord& record);

/// What the task asks of everybody, a sentence each.
std::vector<std::string> task_sentences(const round::Task& task);

/// Short keys: ("learning_rate", "0.03"), ("optimizer", "sgd").
explore::Setting setting_words(const explore::Setting& setting);

}  // namespace cohort::report
