#include <algorithm>

#include "cohort/core/text.hpp"
#include "report/html.hpp"
#include "report/round_sections.hpp"
#include "report/round_words.hpp"

namespace cohort::report {
namespace {

/// What one member has after all rounds.
struct Standing {
  std::int64_t rounds = 0, accepted = 0, merged = 0, best = -1, best_of = 0;
  std::int64_t halted_after = 0;  ///< 0: was not halted
  std::optional<round::Verdict> worst;
  AmountSum paid;
};

void take_round(Standing& standing, const RoundsView& view, std::size_t position,
                const round::Finding& finding) {
  const round::RoundRecord& record = view.records[position];
  const auto is_in = [&](const std::vector<std::int64_t>& candidates) {
    return std::ranges::find(candidates, finding.candidate) != candidates.end();
  };
  ++standing.rounds;
  standing.accepted += may_merge(finding.verdict) ? 1 : 0;
  standing.merged += is_in(record.merged) ? 1 : 0;
  if (is_in(record.halted)) standing.halted_after = record.round;
  if (finding.validation_correct > standing.best) {
    standing.best = finding.validation_correct;
    standing.best_of = record.validation_images;
  }
  if (!standing.worst || severity_of(finding.verdict) > severity_of(*standing.worst))
    standing.worst = finding.verdict;
  if (const auto share = view.share_of(position, finding.member)) standing.paid.add(*share);
}

std::vector<Standing> standings_of(const RoundsView& view) {
  std::vector<Standing> standings(view.task.members.size());
  for (std::size_t position = 0; position < view.records.size(); ++position)
    for (const round::Finding& finding : view.records[position].findings)
      if (finding.candidate >= 0 && finding.candidate < static_cast<std::int64_t>(standings.size()))
        take_round(standings[static_cast<std::size_t>(finding.candidate)], view, position, finding);
  return standings;
}

std::string cell(std::string_view column, std::string_view content, std::string_view style = "number") {
  return element("td", concat("class=\"", style, "\" data-label=\"", column, "\""), content);
}

std::string member_row(const round::Member& member, const Standing& standing, bool is_paid) {
  std::string name = foreign(member.name);
  if (standing.halted_after > 0)
    name +=
        " " + element("span", "class=\"chip void\"", concat("halted after round ", standing.halted_after));
  std::string row = element("th", "scope=\"row\"", name);
  row += cell("accepted", concat(standing.accepted, " of ", standing.rounds));
  row += cell("in the model", concat(standing.merged, " of ", standing.rounds));
  row += cell("best validation", counted(standing.best, standing.best_of));
  row += cell("worst verdict",
              standing.worst ? verdict_chip(*standing.worst) + " " +
                                   element("span", "class=\"brief\"", words_of(*standing.worst).brief)
                             : std::string("\xE2\x80\x93"),
              "verdict-cell");
  if (is_paid) row += cell("share, all rounds", grouped(standing.paid));
  row += cell("key", shortened(member.key), "");
  return element("tr", "", row);
}

}  // namespace

void AmountSum::add(const round::Amount& amount) {
  if (is_beyond || round::Amount::largest() - sum < amount)
    is_beyond = true;
  else
    sum += amount;
}

std::string grouped(const AmountSum& sum) {
  return sum.is_beyond ? "more than 2^256 \xE2\x88\x92 1" : grouped(sum.sum);
}

std::string members_section(const RoundsView& view) {
  const bool is_paid =
      std::ranges::any_of(view.rewards, [](const auto& rewards) { return rewards.has_value(); });
  std::string header;
  for (const std::string_view column : {"member", "accepted", "in the model", "best validation",
                                        "worst verdict", "share, all rounds", "key"}) {
    if (!is_paid && column.starts_with("share")) continue;
    const bool is_text = column == "member" || column == "worst verdict" || column == "key";
    header += element("th", is_text ? "scope=\"col\"" : "scope=\"col\" class=\"number\"", column);
  }
  std::string rows;
  const std::vector<Standing> standings = standings_of(view);
  for (std::size_t i = 0; i < standings.size(); ++i)
    rows += member_row(view.task.members[i], standings[i], is_paid);
  return element(
      "section", "",
      element("h2", "", "Members over all rounds") +
          element("div", "class=\"wide\"",
                  element("table", "class=\"cards\"",
                          element("thead", "", element("tr", "", header)) + element("tbody", "", rows))));
}

}  // namespace cohort::report
