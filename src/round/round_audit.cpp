// The second half of a round: every submission is looked at by ranks that did not train it.
#include <algorithm>
#include <map>

#include "cohort/core/text.hpp"
#include "cohort/identity/commitment.hpp"
#include "cohort/round/hidden_set.hpp"
#include "round/across_groups.hpp"
#include "round/finding_text.hpp"
#include "round/round_run.hpp"

namespace cohort::round {
namespace {

Digest salt_of(const Digest& round, const identity::PublicKey& key) {
  return Sha256()
      .update("cohort/run-salt/v1")
      .update(std::string_view("\0", 1))
      .update(std::as_bytes(std::span(round)))
      .update(std::as_bytes(std::span(key)))
      .finish();
}

std::string counts_text(std::int64_t correct, std::int64_t samples) {
  return correct < 0 ? std::string("-") : concat(correct, "/", samples);
}

/// Class that most training samples have; ties go to the lowest.
std::int32_t majority_class(const data::Dataset& dataset) {
  std::vector<std::int64_t> counts(dataset.classes().size());
  for (const std::int32_t sample : dataset.indices(data::Split::train))
    ++counts[static_cast<std::size_t>(dataset.labels()[static_cast<std::size_t>(sample)])];
  return static_cast<std::int32_t>(std::ranges::max_element(counts) - counts.begin());
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
                  std::max<std::int64_t>(0, work.majority_hidden),
                  {}};
  for (const RoundRecord& record : records_)
    for (const Finding& finding : record.findings)
      if (finding.submission != Digest{}) audit.spent.insert(finding.submission);
  return audit;
}

bool RoundRun::audit(RoundWork& work) {
  look(work, case_of(work));
  draw_beacon(work);
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
      finding.verdict = Verdict::spec;
      finding.detail = "nothing was handed in: " + work.failures[i];
    }
    finding = finding_of(Json::parse(world_.broadcast(json_of(finding).dump(), looker_of(i))));
  }
  compare(audit, subjects, work.looks);
  std::map<Digest, int> models;
  for (const FirstLook& first : work.looks)
    if (first.finding.verdict == Verdict::ok) ++models[first.finding.model];
  for (const FirstLook& first : work.looks) work.is_copy.push_back(models[first.finding.model] > 1);
}

void RoundRun::draw_beacon(RoundWork& work) {
  const Digest round = identity::round_digest(task_digest_, static_cast<std::uint64_t>(work.round));
  std::vector<Digest> commitments;
  for (std::size_t i = 0; i < work.looks.size(); ++i) {
    const Finding& finding = work.looks[i].finding;
    if (finding.submission == Digest{}) continue;
    const auto candidate = static_cast<std::size_t>(finding.candidate);
    const identity::PublicKey& key = task_.members.at(candidate).key;
    commitments.push_back(identity::commit(
        {round, key, finding.submission, static_cast<std::uint64_t>(finding.claim_correct),
         static_cast<std::uint64_t>(finding.claim_samples),
         dataset_.subset_digest(partition_.parts.at(candidate).validation), salt_of(round, key)}));
  }
  work.beacon = identity::beacon(coordinator_.secret, round, commitments);
}

void RoundRun::choose_hidden(RoundWork& work) {
  if (hidden_ == nullptr) return;
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
  work.incumbent_hidden =
      count_claim(workers, *hidden_, work.hidden_images, model_, layout_, incumbent_).correct;
  const std::int32_t majority = majority_class(dataset_);
  work.majority_hidden = std::ranges::count_if(work.hidden_images, [&](std::int32_t i) {
    return hidden_->labels()[static_cast<std::size_t>(i)] == majority;
  });
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
                                   work.incumbent_hidden, work.is_copy[i]);
    }
  });
  if (world_.max(is_stopped ? 1 : 0) > 0) return false;
  for (int position = 0; position < count; ++position) {
    const auto i = static_cast<std::size_t>(position);
    const int root = grouping.root_of(grouping.auditor_of(position));
    work.findings[i] = finding_of(Json::parse(world_.broadcast(json_of(work.findings[i]).dump(), root)));
  }
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
