#include "cohort/report/round_page.hpp"

#include <algorithm>
#include <array>

#include "cohort/core/text.hpp"
#include "report/html.hpp"
#include "report/page_style.hpp"
#include "report/round_chart.hpp"
#include "report/round_sections.hpp"
#include "report/round_words.hpp"

namespace cohort::report {
namespace {

constexpr std::array kAllVerdicts{
    round::Verdict::ok,        round::Verdict::ok_unproven, round::Verdict::baseline,
    round::Verdict::late,      round::Verdict::transient,   round::Verdict::format,
    round::Verdict::size,      round::Verdict::spec,        round::Verdict::non_finite,
    round::Verdict::signature, round::Verdict::replayed,    round::Verdict::duplicate,
    round::Verdict::claim,     round::Verdict::statistics,  round::Verdict::chain};

/// "; balanced accuracy 70.2 %", or nothing.
std::string balanced_beside(const std::optional<double>& balanced) {
  return balanced ? concat("; balanced accuracy ", percentage(*balanced)) : std::string();
}

std::string plural(std::int64_t count, std::string_view one) {
  return concat(count, " ", one, count == 1 ? "" : "s");
}

std::string title_of(const round::Task& task) {
  return concat(plural(static_cast<std::int64_t>(task.members.size()), "member"), ", ",
                plural(task.rounds, "round"));
}

std::string figure(std::string_view name, std::string_view value, std::string_view beside) {
  return element("div", "", element("dt", "", name) + element("dd", "", value) + element("dd", "", beside));
}

/// The shares of all rounds and what they were taken from.
std::string paid_figure(const RoundsView& view) {
  AmountSum paid, pools;
  bool is_demonstration = false, is_there = false;
  for (std::size_t i = 0; i < view.records.size(); ++i)
    if (const round::Rewards* rewards = view.rewards_of(i)) {
      paid.add(rewards->paid);
      pools.add(rewards->pool);
      is_demonstration = is_demonstration || rewards->options.is_demonstration;
      is_there = true;
    }
  if (!is_there) return {};
  return figure(is_demonstration ? "Would be paid" : "Paid", grouped(paid),
                concat("of ", grouped(pools), is_demonstration ? ", a demonstration" : ""));
}

std::string figures(const RoundsView& view, const std::optional<FinalScore>& final_score) {
  std::string html;
  std::int64_t handed_in = 0, accepted = 0;
  for (const round::RoundRecord& record : view.records)
    for (std::size_t i = 0; i < record.findings.size(); ++i) {
      handed_in += has_submission(record, i) ? 1 : 0;
      accepted += may_merge(record.findings[i].verdict) ? 1 : 0;
    }
  if (!view.records.empty()) {
    const round::RoundRecord& first = view.records.front();
    const round::RoundRecord& last = view.records.back();
    html += figure("Final model, common validation set",
                   percentage(last.merged_validation, last.validation_images),
                   concat(last.merged_validation, " of ", last.validation_images, " correct; ",
                          first.incumbent_validation, " before the first round",
                          balanced_beside(view.balanced_of(view.records.size() - 1))));
  }
  if (final_score)
    html += figure(concat("Final model, ", escaped(final_score->split), " images"),
                   percentage(final_score->correct, final_score->samples),
                   concat(final_score->correct, " of ", final_score->samples, " correct",
                          balanced_beside(final_score->balanced_accuracy)));
  html += figure("Submissions accepted", concat(accepted, " of ", handed_in),
                 concat("in ", plural(static_cast<std::int64_t>(view.records.size()), "round"),
                        ", evidence: ", name_of(view.task.audit.evidence)));
  return element("dl", "class=\"figures\"", html + paid_figure(view));
}

std::string head(const RoundsView& view, const std::optional<FinalScore>& final_score) {
  const round::Task& task = view.task;
  std::string html = element("h1", "", title_of(task));
  std::string sentences;
  for (const std::string& sentence : task_sentences(task)) sentences += escaped(sentence) + " ";
  html += element("p", "", trim(sentences));
  const auto done = static_cast<std::int64_t>(view.records.size());
  if (done < task.rounds)
    html += element("p", "class=\"notice\"",
                    concat("Not finished: ", done == 0 ? std::string("no round") : plural(done, "round"),
                           " of ", task.rounds, done <= 1 ? " is" : " are",
                           " done. The same command continues a run, the next round a federation."));
  return element("header", "", html) + figures(view, final_score);
}

std::string facts(const RoundsView& view) {
  const round::Task& task = view.task;
  std::string html;
  const auto fact = [&](std::string_view name, std::string_view value) {
    html += element("dt", "", name) + element("dd", "", value);
  };
  std::vector<std::string> classes, space;
  for (const std::string& name : task.classes) classes.push_back(foreign(name));
  for (const auto& [key, range] : task.search)
    space.push_back(element("code", "", escaped(concat(key, " = ", range))));
  fact("Candidates", concat(task.members.size()));
  fact("Rounds", concat(view.records.size(), " of ", task.rounds, ", ", plural(task.round_steps, "step"),
                        " each in links of ", task.link_steps));
  fact("Model", concat(escaped(task.recipe.model.name), ", classes ", joined(classes, ", ")));
  fact("Explored", space.empty() ? std::string("nothing, fixed settings") : joined(space, ", "));
  fact("Merge", concat(name_of(task.merge.rule), ", weights ", name_of(task.merge.weights), ", statistics ",
                       name_of(task.merge.statistics), task.merge.gate ? "" : ", no gate"));
  fact("Evidence", name_of(task.audit.evidence));
  fact("Seed", concat(task.recipe.seed));
  fact("Task", shortened(task_digest(task)));
  fact("Data set", shortened(task.dataset));
  fact("Hidden set", shortened(task.hidden));
  fact("Members' data", shortened(task.partition_root));
  if (!view.records.empty()) fact("Final model", shortened(view.records.back().model));
  std::string notes;
  for (const std::string& note : view.partition.notes) notes += element("li", "", escaped(note));
  if (!view.partition.leftover.empty())
    notes += element("li", "", plural(std::ssize(view.partition.leftover), "image") + " nobody got");
  return element("section", "",
                 element("h2", "", "What was run") + element("dl", "class=\"facts\"", html) +
                     (notes.empty() ? "" : element("ul", "class=\"story\"", notes)));
}

std::string course(const RoundsView& view) {
  const std::string chart = round_chart(view.records);
  if (chart.empty()) return {};
  return element("section", "", element("h2", "", "Correct answers on the common validation set") + chart);
}

std::string legend(const RoundsView& view) {
  std::string items;
  for (const round::Verdict verdict : kAllVerdicts) {
    const bool appears = std::ranges::any_of(view.records, [&](const round::RoundRecord& record) {
      return std::ranges::any_of(record.findings, [&](const auto& f) { return f.verdict == verdict; });
    });
    if (appears)
      items += element("dt", "", verdict_chip(verdict)) + element("dd", "", words_of(verdict).sentence);
  }
  std::string html = element("h2", "", "What the words mean");
  if (!items.empty()) html += element("dl", "class=\"legend\"", items);
  html +=
      element("p", "",
              "<b>Claim</b>: correct answers on the member's own validation images, as it says itself. "
              "<b>Hidden</b>: on fresh images that no member ever saw; shares follow from these alone. "
              "<b>Validation</b>: on the validation images of all members together; the merge follows from "
              "these. <b>Link</b>: a stretch of training whose end state is kept, so that it can be computed "
              "again.");
  if (std::ranges::any_of(view.balanced, [](const auto& balanced) { return balanced.has_value(); }))
    html +=
        element("p", "",
                "<b>Balanced accuracy</b>: the share of right answers class by class, then the mean over the "
                "classes. A model that always gives the most frequent answer may look good by its right "
                "answers; by this it gets no more than chance.");
  return element("section", "", html);
}

}  // namespace

std::optional<round::Amount> RoundsView::share_of(std::size_t position, const std::string& member) const {
  const round::Rewards* paid = rewards_of(position);
  if (paid == nullptr) return std::nullopt;
  if (!task.contributors.empty()) return paid->paid;
  const auto found = std::ranges::find(paid->members, member, &round::MemberReward::member);
  return found == paid->members.end() ? std::nullopt : std::optional(found->amount);
}

std::string round_page(const round::Task& task, const data::Partition& partition,
                       std::span<const round::RoundRecord> records,
                       std::span<const std::optional<round::Rewards>> rewards,
                       const std::optional<FinalScore>& final_score,
                       std::span<const std::optional<double>> balanced) {
  const RoundsView view{task, partition, records, rewards, balanced};
  std::string body = head(view, final_score) + course(view);
  if (!records.empty()) body += members_section(view);
  for (std::size_t i = 0; i < records.size(); ++i) body += round_section(view, i);
  body += legend(view) + facts(view);
  body += element(
      "footer", "",
      element("p", "",
              "Made from <code>task.json</code> and the rounds' <code>round.json</code> and "
              "<code>rewards.json</code> in this folder. Shares are computed again, and held against what "
              "the task promised, with <code>cohort reward verify rounds/001</code>."));
  // The policy lets the page load nothing, whatever its text may turn out to hold.
  const std::string top = concat(
      "<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n",
      element("title", "", concat("Cohort: ", title_of(task))), "\n", element("style", "", page_style()));
  return concat("<!DOCTYPE html>\n<html lang=\"en\">\n", element("head", "", top), "\n",
                element("body", "", element("main", "", body)), "\n</html>\n");
}

}  // namespace cohort::report
