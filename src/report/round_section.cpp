#include <algorithm>

#include "cohort/core/text.hpp"
#include "report/html.hpp"
#include "report/round_sections.hpp"
#include "report/round_words.hpp"

namespace cohort::report {
namespace {

using round::Finding;
using round::RoundRecord;

constexpr std::string_view kDash = "\xE2\x80\x93";

/// A cell that names its column where the table is shown as cards.
std::string cell(std::string_view column, std::string_view content, std::string_view style = "") {
  return element("td", concat("class=\"", style, "\" data-label=\"", column, "\""), content);
}

std::string data_cell(const RoundsView& view, const Finding& finding) {
  const auto candidate = static_cast<std::size_t>(finding.candidate);
  if (finding.candidate < 0 || candidate >= view.partition.parts.size())
    return cell("train + validation", kDash, "number");
  const data::Part& part = view.partition.parts[candidate];
  return cell("train + validation", concat(part.train.size(), " + ", part.validation.size()), "number");
}

std::string setting_cell(const RoundsView& view, const round::Assignment& assignment) {
  std::string words;
  for (const auto& [key, value] : setting_words(assignment.setting))
    words += element("span", "class=\"pair\"", element("small", "", escaped(key)) + " " + escaped(value));
  if (words.empty()) words = "fixed";
  // Where models are merged everybody starts from the round's; records of earlier versions may name a donor.
  if (assignment.donor >= 0 && view.task.merge.rule == round::MergeRule::none)
    words += element("small", "",
                     concat("from the model of ", foreign(name_of_candidate(view.task, assignment.donor))));
  return cell("setting", words, "setting");
}

std::string verdict_cell(const RoundRecord& record, std::size_t position) {
  const Finding& finding = record.findings[position];
  std::string reason = element("span", "class=\"brief\"", words_of(finding.verdict).brief);
  if (!finding.detail.empty())
    reason += element("span", "class=\"detail\"", foreign(finding.detail));
  else if (!has_submission(record, position))
    reason += element("span", "class=\"detail\"", foreign(record.failures[position]));
  return cell("verdict", verdict_chip(finding.verdict) + " " + reason, "verdict-cell");
}

std::string links_cell(const RoundsView& view, const Finding& finding) {
  if (finding.links_replayed.empty()) return cell("links replayed", kDash, "number");
  const std::int64_t links = round::links_of(view.task);
  std::vector<std::string> numbers;
  for (const std::int64_t link : finding.links_replayed) numbers.push_back(concat(link));
  const auto replayed = static_cast<std::int64_t>(numbers.size());
  return cell("links replayed",
              replayed == links
                  ? concat("all ", links)
                  : concat(joined(numbers, ", "), " ", element("small", "", concat("of ", links))),
              "number");
}

std::string share_cell(const std::optional<round::Amount>& amount, const round::Amount& pool) {
  if (!amount) return cell("share", kDash, "number");
  if (amount->is_zero() || pool.is_zero()) return cell("share", "0", "number nothing");
  // The quotient is at most 1000, so its last 8 bytes hold it.
  const round::Amount permille = multiply_divide(*amount, 1000, pool).quotient;
  const auto share = parse_int(permille.to_decimal()).value_or(0);
  return cell("share",
              concat(grouped(*amount), " ", element("small", "", percentage(share, 1000)),
                     element("span", "class=\"bar\"",
                             concat("<span style=\"width:", format_fixed(static_cast<double>(share) / 10, 1),
                                    "%\"></span>"))),
              "number share");
}

std::string member_row(const RoundsView& view, std::size_t position, std::size_t i) {
  const RoundRecord& record = view.records[position];
  const Finding& finding = record.findings[i];
  const bool is_merged = std::ranges::find(record.merged, finding.candidate) != record.merged.end();
  const bool is_halted = std::ranges::find(record.halted, finding.candidate) != record.halted.end();
  std::string name = foreign(finding.member);
  if (is_halted) name += " " + element("span", "class=\"chip void\"", "halted");
  std::string row = element("th", "scope=\"row\"", name) + data_cell(view, finding);
  if (!view.task.search.empty()) row += setting_cell(view, record.assignments[i]);
  row += cell("claim", counted(finding.claim_correct, finding.claim_samples), "number");
  if (record.hidden_images > 0)
    row += cell("hidden", counted(finding.hidden_correct, record.hidden_images), "number");
  row += cell("validation", counted(finding.validation_correct, record.validation_images), "number");
  row += verdict_cell(record, i) + links_cell(view, finding);
  row += cell("in the model", is_merged ? element("span", "class=\"yes\"", "yes") : std::string("no"),
              is_merged ? "" : "nothing");
  if (const round::Rewards* rewards = view.rewards_of(position))
    row += share_cell(view.share_of(position, finding.member), rewards->pool);
  return element("tr", "", row);
}

std::string header_row(const RoundsView& view, std::size_t position) {
  const RoundRecord& record = view.records[position];
  std::string row;
  const auto column = [&](std::string_view words, bool is_number, std::string_view hint) {
    row += element(
        "th", concat("scope=\"col\"", is_number ? " class=\"number\"" : "", " title=\"", hint, "\""), words);
  };
  column("member", false, "who trained");
  column("data", true, "images to train on + to validate with");
  if (!view.task.search.empty()) column("setting", false, "what the member tried");
  column("claim", true, "correct answers on the member's own validation images, as counted again");
  if (record.hidden_images > 0) column("hidden", true, "correct answers on images that no member saw");
  column("validation", true, "correct answers on the common validation set");
  column("verdict", false, "what the audit found");
  column("links replayed", true, "stretches of the training that were computed again");
  column("in the model", false, "whether it is part of the round's model");
  if (view.rewards_of(position) != nullptr) column("share", true, "part of the round's pool");
  return element("thead", "", element("tr", "", row));
}

std::string merge_part(const RoundsView& view, std::size_t position) {
  const RoundRecord& record = view.records[position];
  std::string outcome = escaped(merge_outcome(view.task, record));
  if (const auto balanced = view.balanced_of(position))
    outcome += concat(" Balanced accuracy ", percentage(*balanced), ".");
  std::string html = element("p", "class=\"outcome\"", outcome);
  std::string items;
  for (const std::string& sentence : merge_sentences(record)) items += element("li", "", escaped(sentence));
  if (!items.empty()) html += element("ul", "class=\"story\"", items);
  if (!record.halted.empty())
    html += element("p", "",
                    concat(escaped(names_of(view.task, record.halted)),
                           record.halted.size() == 1 ? " is" : " are", " halted after this round."));
  return html;
}

std::string hidden_sentence(const RoundRecord& record) {
  if (record.hidden_images <= 0) return "No hidden image was counted: nobody is paid.";
  return concat("Of ", record.hidden_images, " fresh hidden images the starting model knows ",
                record.incumbent_hidden, ", always giving the most frequent answer ", record.majority_hidden,
                ".");
}

std::string pool_sentence(const RoundsView& view, std::size_t position) {
  if (view.task.pool.pool.empty()) return "There is no pool in this run.";
  const round::Rewards* rewards = view.rewards_of(position);
  if (rewards == nullptr)
    return concat("Nothing is paid: the pool of ", grouped(round::Amount::from_decimal(view.task.pool.pool)),
                  " is carried over.");
  std::string text = concat("Of the pool of ", grouped(rewards->pool), ", ", grouped(rewards->paid),
                            rewards->options.is_demonstration ? " would be" : " is", " paid by the rule ",
                            name_of(rewards->options.rule));
  if (!rewards->carried.is_zero()) text += concat("; ", grouped(rewards->carried), " carried over");
  text += rewards->options.is_demonstration ? " (a demonstration: nothing is due)." : ".";
  if (view.task.contributors.empty()) return text;
  std::vector<std::string> shares;
  for (const round::MemberReward& reward : rewards->members)
    shares.push_back(concat(foreign(reward.member), " ", grouped(reward.amount)));
  return concat(text, " The candidate's contributors share it by their micro-batches: ", joined(shares, ", "),
                ".");
}

}  // namespace

std::string verdict_chip(round::Verdict verdict) {
  return element("span", concat("class=\"chip ", tone_of(verdict), "\""), name_of(verdict));
}

std::string round_section(const RoundsView& view, std::size_t position) {
  const RoundRecord& record = view.records[position];
  std::string rows;
  for (std::size_t i = 0; i < record.findings.size(); ++i) rows += member_row(view, position, i);
  const std::string table =
      element("div", "class=\"wide\"",
              element("table", "class=\"cards\"", header_row(view, position) + element("tbody", "", rows)));
  const std::string digests =
      concat("model ", shortened(record.model), " \xC2\xB7 beacon ", shortened(record.beacon));
  return element("section", "class=\"round\"",
                 element("h2", "", concat("Round ", record.round)) + merge_part(view, position) + table +
                     element("p", "", concat(hidden_sentence(record), " ", pool_sentence(view, position))) +
                     element("p", "class=\"digests\"", digests));
}

}  // namespace cohort::report
