// The second half of a round: every submission is looked at by ranks that did not train it.
#include <algorithm>

#include "cohort/core/text.hpp"
#include "cohort/round/hidden_set.hpp"
#include "round/across_groups.hpp"
#include "round/examined.hpp"
#include "round/finding_text.hpp"
#include "round/kept_finding.hpp"
#include "round/round_run.hpp"
#include "round/stop.hpp"

namespace cohort::round {

AuditSubject RoundRun::subject_of(const RoundWork& work, std::size_t position) const {
  const Assignment& assignment = work.assignments[position];
  const CandidateFiles files = paths_.candidate(work.round, name_of_candidate(assignment.candidate));
  return start_.subject(assignment, files);
}

AuditCase RoundRun::case_of(const RoundWork& work) const {
  return {task_,
          work.round,
          dataset_,
          partition_,
          work.common_validation,
          hidden_,
          work.hidden_images,
          std::max<std::int64_t>(0, work.baseline.majority),
          start_.spent()};
}

bool RoundRun::audit(RoundWork& work) {
  note({"auditing"});
  look(work, case_of(work));
  draw(work);
  choose_hidden(work);
  if (all_stop()) return false;
  do {
    if (!examine_all(work, case_of(work))) return false;
  } while (leaves_doubts(work));
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
    if (!work.failures[i].empty())
      finding = nothing_handed_in(task_, work.assignments[i].candidate, work.failures[i]);
    finding = finding_of(Json::parse(world_.broadcast(json_of(finding).dump(), looker_of(i))));
  }
  std::vector<Finding> found;
  for (const FirstLook& first : work.looks) found.push_back(first.finding);
  comm::agree(world_, concat("audit in round ", work.round), [&] { require_audited(found); });
  compare(audit, subjects, work.looks);
}

/// First what is examined is on record, then follows what of it.
void RoundRun::draw(RoundWork& work) {
  on_root(concat("record what is examined in round ", work.round), [&] {
    const AuditCase audit = case_of(work);
    work.beacon =
        draw_beacon(audit, coordinator_.secret,
                    hold_to_first(paths_.examined(work.round), audit, work.looks, KeepExamined::yes));
  });
  work.beacon = digest_from_hex(world_.broadcast(to_hex(work.beacon)));
  for (FirstLook& look : work.looks)
    look.finding = finding_of(Json::parse(world_.broadcast(json_of(look.finding).dump())));
  work.is_copy = copies_among(work.looks);
}

void RoundRun::choose_hidden(RoundWork& work) {
  if (hidden_ == nullptr || task_.audit.evidence == Evidence::claim) return;
  std::vector<std::int32_t> images;
  on_root("choose hidden images", [&] {
    // By what the run folder says now: a ledger that has gone meanwhile is not begun anew.
    const std::filesystem::path file = ledger_of(paths_.ledger(), coordinator_.ledger);
    refuse_spent_hidden_set(file);
    HiddenLedger ledger(file, *hidden_);
    images = ledger.take(task_digest_, work.round, hidden_per_round(task_, hidden_->size()),
                         link_seed(work.beacon, task_.hidden));
  });
  auto count = static_cast<std::int64_t>(images.size());
  world_.broadcast(std::span(&count, 1));
  images.resize(static_cast<std::size_t>(count));
  world_.broadcast(std::span(images));
  work.hidden_images = std::move(images);

  Workers workers = workers_of(world_);
  work.baseline =
      count_baseline(workers, dataset_, *hidden_, work.hidden_images, model_, layout_, start_.incumbent);
}

bool RoundRun::examine_all(RoundWork& work, const AuditCase& audit) {
  const auto count = static_cast<int>(work.assignments.size());
  const Grouping grouping(world_.ranks(), count);
  const int mine = grouping.group_of_rank(world_.rank());
  comm::Communicator group = world_.split(mine);
  Workers workers = workers_of(group);
  stop_.listen(group.is_root() && grouping.groups() > 1);
  work.findings.resize(work.assignments.size());
  std::vector<std::size_t> turns;
  for (int position = 0; position < count; ++position)
    if (grouping.auditor_of(position) == mine) turns.push_back(static_cast<std::size_t>(position));
  bool is_stopped = false;
  std::int64_t reused = 0;
  across_groups(world_, group, stop_, concat("audit in round ", work.round), [&] {
    try {
      for (std::size_t turn = 0; turn < turns.size(); ++turn) {
        note({"auditing", work.looks[turns[turn]].finding.member, static_cast<std::int64_t>(turn) + 1,
              static_cast<std::int64_t>(turns.size())});
        reused += examine_one(workers, audit, work, turns[turn]);
      }
      note({"waiting"});
    } catch (const Stopped&) {
      is_stopped = true;
    }
  });
  reused = world_.sum(reused);
  if (reused > 0) log_.info(concat("  audit  ", reused, " of ", count, " submissions were audited before"));
  if (world_.max(is_stopped ? 1 : 0) > 0) return false;
  for (int position = 0; position < count; ++position) {
    const auto i = static_cast<std::size_t>(position);
    const int root = grouping.root_of(grouping.auditor_of(position));
    work.findings[i] = finding_of(Json::parse(world_.broadcast(json_of(work.findings[i]).dump(), root)));
  }
  comm::agree(world_, concat("audit in round ", work.round), [&] { require_audited(work.findings); });
  return true;
}

/// Whether `cohort audit` has doubted links of a member since the member was examined here. Who is accepted
/// is examined again then; what is found later counts from the next round's record on.
bool RoundRun::leaves_doubts(const RoundWork& work) {
  bool result = false;
  on_root(concat("read which links are doubted in round ", work.round), [&] {
    const AuditCase audit = case_of(work);
    for (const Finding& finding : work.findings)
      result |= !settles(finding, doubted_links(paths_.examined(work.round), audit, finding));
  });
  return world_.max(result ? 1 : 0) > 0;
}

/// Takes over what an earlier start found, or finds and keeps it; 1 on the group's root for the former.
std::int64_t RoundRun::examine_one(Workers& workers, const AuditCase& audit, RoundWork& work,
                                   std::size_t position) {
  comm::Communicator& group = workers.comm;
  Finding& finding = work.findings[position];
  const std::filesystem::path path = paths_.finding(work.round, work.looks[position].finding.member);
  AuditSubject subject = subject_of(work, position);
  // Read now and not with the beacon: hours may lie between, in which `cohort audit` finds a link bad.
  Json known = Json::object().set("doubted", Json::array()).set("kept", Json());
  comm::agree(group, "look for a finding", [&] {
    if (!group.is_root()) return;
    const Finding& look = work.looks[position].finding;
    const std::vector<std::int64_t> doubted = doubted_links(paths_.examined(work.round), audit, look);
    Json links = Json::array();
    for (const std::int64_t link : doubted) links.push(link);
    known.set("doubted", std::move(links));
    if (const auto kept = kept_finding(path, work.beacon, look, doubted)) known.set("kept", json_of(*kept));
  });
  known = Json::parse(group.broadcast(known.dump()));
  if (!known.at("kept").is_null()) {
    finding = finding_of(known.at("kept"));
    return group.is_root() ? 1 : 0;
  }
  for (const Json& link : known.at("doubted").as_array()) subject.doubted_links.push_back(link.as_int());
  stop_if_wished(workers);
  finding = examine(workers, audit, subject, work.looks[position], work.beacon, work.baseline.incumbent,
                    work.is_copy[position]);
  if (finding.verdict == Verdict::transient) stop_if_wished(workers);  // who ends a job may end its readers
  comm::agree(group, "keep a finding", [&] {
    if (group.is_root()) keep_finding(path, work.beacon, finding);
  });
  return 0;
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
