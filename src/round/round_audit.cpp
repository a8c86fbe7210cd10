// The second half of a round: every submission is looked at by ranks that did not train it.
#include <algorithm>

#include "cohort/core/text.hpp"
#include "cohort/round/hidden_set.hpp"
#include "round/across_groups.hpp"
#include "round/finding_text.hpp"
#include "round/round_run.hpp"

namespace cohort::round {
namespace {

std::string counts_text(std::int64_t correct, std::int64_t samples) {
  return correct < 0 ? std::string("-") : concat(correct, "/", samples);
}

}  // namespace

AuditSubject RoundRun::subject_of(const RoundWork& work, std::size_t position) const {
  const Assignment& assignment = work.assignments[position];
  const CandidateFiles files = paths_.candidate(work.round, name_of_candidate(assignment.candidate));
  return {assignment, files.submission, files.links, &parent_of(assignment)};
}

AuditCase RoundRun::case_of(const RoundWork& work) const {
  AuditCase audit{task_,
                  work.round,
                  dataset_,
                  partition_,
                  work.common_validation,
                  hidden_,
                  work.hidden_images,
                  std::max<std::int64_t>(0, work.baseline.majority),
                  {}};
  for (const RoundRecord& record : records_)
    for (const Finding& finding : record.findings)
      if (finding.submission != Digest{}) audit.spent.insert(finding.submission);
  return audit;
}

bool RoundRun::audit(RoundWork& work) {
  look(work, case_of(work));
  work.beacon = draw_beacon(case_of(work), coordinator_.secret, work.looks);
  choose_hidden(work);
  if (all_stop()) return false;
  if (!examine_all(work, case_of(work))) return false;
  say_audited(work);
  return true;
}

void RoundRun::look(RoundWork& work, const AuditCase& audit) {
  const auto count = work.assignments.size();
  const Grouping grouping(world_.ranks(), static_cast<int>(count));
  work.looks.resize(count);
  std::vector<AuditSubject> subjects;
  for (std::size_t i = 0; i < count; ++i) subjects.push_back(subject_of(work, i));
  const auto looker_of = [&](std::size_t i) {
    return grouping.root_of(grouping.auditor_of(static_cast<int>(i)));
  };
  comm::agree(world_, concat("look at the submissions of round ", work.round), [&] {
    for (std::size_t i = 0; i < count; ++i)
      if (looker_of(i) == world_.rank() && work.failures[i].empty())
        work.looks[i] = look_at(audit, subjects[i]);
  });
  for (std::size_t i = 0; i < count; ++i) {
    Finding& finding = work.looks[i].finding;
    if (!work.failures[i].empty()) {
      finding.candidate = work.assignments[i].candidate;
      finding.member = name_of_candidate(finding.candidate);
      finding.verdict = Verdict::late;  // an honest run may diverge: no pay, no fault
      finding.detail = "nothing was handed in: " + work.failures[i];
    }
    finding = finding_of(Json::parse(world_.broadcast(json_of(finding).dump(), looker_of(i))));
  }
  std::vector<Finding> found;
  for (const FirstLook& first : work.looks) found.push_back(first.finding);
  comm::agree(world_, concat("audit in round ", work.round), [&] { require_audited(found); });
  compare(audit, subjects, work.looks);
  work.is_copy = copies_among(work.looks);
}

void RoundRun::choose_hidden(RoundWork& work) {
  if (hidden_ == nullptr || task_.audit.evidence == Evidence::claim) return;
  std::vector<std::int32_t> images;
  on_root("choose hidden images", [&] {
    HiddenLedger ledger(paths_.ledger(), *hidden_);
    images = ledger.take(task_digest_, work.round, hidden_per_round(task_, hidden_->size()),
                         link_seed(work.beacon, task_.hidden));
  });
  auto count = static_cast<std::int64_t>(images.size());
  world_.broadcast(std::span(&count, 1));
  images.resize(static_cast<std::size_t>(count));
  world_.broadcast(std::span(images));
  work.hidden_images = std::move(images);

  Workers workers{world_, pool_, table_};
  work.baseline =
      count_baseline(workers, dataset_, *hidden_, work.hidden_images, model_, layout_, incumbent_);
}

bool RoundRun::examine_all(RoundWork& work, const AuditCase& audit) {
  const auto count = static_cast<int>(work.assignments.size());
  const Grouping grouping(world_.ranks(), count);
  const int mine = grouping.group_of_rank(world_.rank());
  comm::Communicator group = world_.split(mine);
  Workers workers{group, pool_, table_};
  work.findings.resize(work.assignments.size());
  bool is_stopped = false;
  across_groups(world_, group, concat("audit in round ", work.round), [&] {
    for (int position = 0; position < count && !is_stopped; ++position) {
      if (grouping.auditor_of(position) != mine) continue;
      const auto i = static_cast<std::size_t>(position);
      is_stopped = group.max(wants_to_stop() ? 1 : 0) > 0;
      if (!is_stopped)
        work.findings[i] = examine(workers, audit, subject_of(work, i), work.looks[i], work.beacon,
                                   work.baseline.incumbent, work.is_copy[i]);
    }
  });
  if (world_.max(is_stopped ? 1 : 0) > 0) return false;
  for (int position = 0; position < count; ++position) {
    const auto i = static_cast<std::size_t>(position);
    const int root = grouping.root_of(grouping.auditor_of(position));
    work.findings[i] = finding_of(Json::parse(world_.broadcast(json_of(work.findings[i]).dump(), root)));
  }
  comm::agree(world_, concat("audit in round ", work.round), [&] { require_audited(work.findings); });
  return true;
}

void RoundRun::say_audited(const RoundWork& work) {
  for (std::size_t i = 0; i < work.findings.size(); ++i) {
    const Finding& finding = work.findings[i];
    std::string setting;
    for (const auto& [key, value] : work.assignments[i].setting)
      setting += concat("  ", key.substr(key.rfind('.') + 1), " ", value);
    log_.info(concat(
        "  ", finding.member, "  claim ", counts_text(finding.claim_correct, finding.claim_samples),
        "  hidden ",
        counts_text(finding.hidden_correct, static_cast<std::int64_t>(work.hidden_images.size())), "  ",
        name_of(finding.verdict), finding.detail.empty() ? "" : concat(" (", finding.detail, ")"), setting));
  }
}

}  // namespace cohort::round
