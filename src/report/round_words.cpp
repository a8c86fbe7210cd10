#include "report/round_words.hpp"

#include <algorithm>
#include <cctype>

#include "cohort/core/text.hpp"

namespace cohort::report {
namespace {

using round::Verdict;

constexpr std::size_t kMostNames = 8;

std::string_view count_word(std::int64_t count, std::string_view one, std::string_view many) {
  return count == 1 ? one : many;
}

std::string sentence_of(std::string text) {
  if (text.empty()) return text;
  text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
  if (!text.ends_with('.')) text += '.';
  return text;
}

std::string data_sentence(const data::PartitionOptions& partition) {
  switch (partition.rule) {
    case data::PartitionRule::shared:
      return "All members have the same images.";
    case data::PartitionRule::split:
      return "Every member trains on a batch of images of its own.";
    case data::PartitionRule::by_column:
      return concat("Every member holds the images of one value of the column \xE2\x80\x9C", partition.column,
                    "\xE2\x80\x9D.");
  }
  return {};
}

std::string merge_sentence(const round::MergeOptions& merge) {
  const std::string gate =
      merge.gate ? " It must not be worse than the starting model nor than the best member." : "";
  switch (merge.rule) {
    case round::MergeRule::best:
      return "The best accepted model becomes the next round's." + gate;
    case round::MergeRule::average:
      return concat("Accepted models are averaged (weights: ", name_of(merge.weights),
                    ") into the next round's.", gate);
    case round::MergeRule::soup:
      return "Accepted models, best first, join an average for as long as it gets no worse." + gate;
    case round::MergeRule::none:
      return "Nothing is merged: every member goes on with its own model, the best one is the run's.";
  }
  return {};
}

std::string audit_sentence(const round::AuditRules& audit) {
  switch (audit.evidence) {
    case round::Evidence::replay:
      return concat("Every claim is counted again, and of every training the first link, the last",
                    audit.links > 0 ? concat(" and ", audit.links, " drawn by lot") : "",
                    " are computed again.");
    case round::Evidence::claim:
      return "Every claim is counted again; training is taken on trust.";
    case round::Evidence::hidden:
      return "Submissions are judged by images that no member saw; training is taken on trust.";
  }
  return {};
}

}  // namespace

VerdictWords words_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return {"accepted", "Everything that the audit asks for holds."};
    case Verdict::ok_unproven:
      return {"accepted, not replayed",
              "The counts hold; the training was not computed again, so it is paid at a lower rate."};
    case Verdict::format:
      return {"not a submission",
              "The file that was handed in is not a submission and was not read further."};
    case Verdict::size:
      return {"wrong size", "The file or what it holds is larger or smaller than the task says."};
    case Verdict::spec:
      return {"not as assigned",
              "It was made with another model, other data or other settings than the member was assigned."};
    case Verdict::non_finite:
      return {"broken numbers", "The model holds values that are not finite or beyond the task's bound."};
    case Verdict::signature:
      return {"wrong signature", "It is unsigned, or not signed by the member in whose name it came."};
    case Verdict::late:
      return {"not in time",
              "It belongs to another round or task, or nothing was handed in: no pay, no fault."};
    case Verdict::replayed:
      return {"handed in before", "The same submission was handed in before."};
    case Verdict::duplicate:
      return {"a copy", "The model is the starting model or another member's, not the member's own work."};
    case Verdict::claim:
      return {"the claim is wrong", "Counting again gave other numbers than the member claimed."};
    case Verdict::statistics:
      return {"the claim is not credible",
              "On images that no member saw the model is too bad for the claim to be believed."};
    case Verdict::baseline:
      return {"no better than before",
              "Honest work that does not beat the starting model (or always giving the most frequent answer) "
              "on hidden images: it may be merged and is not paid."};
    case Verdict::chain:
      return {"training does not replay",
              "Computing a stretch of the training again led elsewhere, or its saved state is missing."};
    case Verdict::transient:
      return {"could not be audited", "The auditing machine failed; the member may try again at no loss."};
  }
  return {"unknown", "Unknown."};
}

std::string_view tone_of(Verdict verdict) {
  if (verdict == Verdict::ok) return "good";
  if (verdict == Verdict::transient) return "void";
  return is_fault(verdict) ? "bad" : "fair";
}

int severity_of(Verdict verdict) {
  const int fault = is_fault(verdict) ? 300 : 0;
  switch (verdict) {
    case Verdict::ok:
      return 0;
    case Verdict::ok_unproven:
      return 1;
    case Verdict::baseline:
      return 2;
    case Verdict::transient:
      return 3;
    default:
      return 4 + fault + static_cast<int>(verdict);
  }
}

bool has_submission(const round::RoundRecord& record, std::size_t position) {
  return position >= record.failures.size() || record.failures[position].empty();
}

std::string name_of_candidate(const round::Task& task, std::int64_t candidate) {
  const bool is_known = candidate >= 0 && candidate < static_cast<std::int64_t>(task.members.size());
  return is_known ? task.members[static_cast<std::size_t>(candidate)].name : concat("candidate ", candidate);
}

std::string names_of(const round::Task& task, std::span<const std::int64_t> candidates) {
  if (candidates.empty()) return "nobody";
  if (candidates.size() > 2 && candidates.size() == task.members.size())
    return concat("all ", candidates.size(), " members");
  std::string text;
  const std::size_t shown = candidates.size() > kMostNames ? kMostNames - 1 : candidates.size();
  for (std::size_t i = 0; i < shown; ++i) {
    const bool is_last = i + 1 == candidates.size();
    text += concat(i == 0 ? "" : is_last ? " and " : ", ", name_of_candidate(task, candidates[i]));
  }
  return shown == candidates.size() ? text : concat(text, " and ", candidates.size() - shown, " others");
}

std::vector<std::string> merge_sentences(const round::RoundRecord& record) {
  std::vector<std::string> sentences;
  for (const std::string& line : record.merge_story) sentences.push_back(sentence_of(line));
  return sentences;
}

std::string merge_outcome(const round::Task& task, const round::RoundRecord& record) {
  const std::string score =
      concat(record.merged_validation, " of ", record.validation_images,
             " correct on the common validation set, ", record.incumbent_validation, " before");
  if (record.merged.empty()) return concat("The starting model stays: ", score, ".");
  if (record.merged.size() == 1)
    return concat("The round's model is that of ", names_of(task, record.merged), ": ", score, ".");
  return concat("The round's model is made of ", record.merged.size(), " models, from ",
                names_of(task, record.merged), ": ", score, ".");
}

std::vector<std::string> task_sentences(const round::Task& task) {
  std::vector<std::string> sentences;
  sentences.push_back(data_sentence(task.partition));
  sentences.push_back(concat(
      "Each trains ", task.recipe.model.name, " for ", task.round_steps, " ",
      count_word(task.round_steps, "step", "steps"), " a round, ",
      task.search.empty() ? std::string("with the same fixed settings.")
                          : concat("exploring settings of its own (proposed by ", task.explore.proposer,
                                   task.halving.is_on ? ", the weaker ones halted on the way" : "", ").")));
  sentences.push_back(audit_sentence(task.audit));
  sentences.push_back(merge_sentence(task.merge));
  return sentences;
}

explore::Setting setting_words(const explore::Setting& setting) {
  explore::Setting words;
  for (const auto& [key, value] : setting) {
    const std::size_t dot = key.rfind('.');
    const std::string last = dot == std::string::npos ? key : key.substr(dot + 1);
    words.emplace_back(last == "name" && dot != std::string::npos ? key.substr(0, dot) : last, value);
  }
  return words;
}

}  // namespace cohort::report
