#include "cohort/round/filed_round.hpp"

#include <algorithm>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/identity/commitment.hpp"
#include "cohort/round/hidden_set.hpp"
#include "round/assignment_file.hpp"
#include "round/coalitions.hpp"
#include "round/examined.hpp"
#include "round/finding_text.hpp"
#include "round/named_parent.hpp"
#include "round/round_case.hpp"
#include "round/task_problems.hpp"
#include "round/unread_file.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;

RoundRecord read_finished(const fs::path& path) {
  if (!fs::exists(path))
    throw DataError(concat(path.string(),
                           ": no such file; is that round complete? One submission with evidence claim is "
                           "audited without: name the model with --parent"));
  return read_record(path);
}

/// What two audits of one submission say differently.
void differences(const Finding& recorded, const Finding& found, std::vector<std::string>& lines) {
  const Json before = json_of(recorded), now = json_of(found);
  for (const auto& [name, value] : now.as_object())
    if (before.at(name).dump() != value.dump())
      lines.push_back(
          concat(found.member, ": ", name, " recorded ", before.at(name).dump(), ", found ", value.dump()));
}

/// False only where the system is sure; a disk that fails is a matter for the look at the file.
bool may_be_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error) || error;
}

std::vector<Finding> findings_of(std::span<const FirstLook> looks) {
  std::vector<Finding> findings;
  for (const FirstLook& look : looks) findings.push_back(look.finding);
  return findings;
}

/// Those that may be merged; the looks must outlive them.
std::vector<MergeMember> accepted_members(const AuditCase& audit, std::span<const Finding> findings,
                                          std::span<const FirstLook> looks) {
  std::vector<MergeMember> members;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    if (!may_merge(findings[i].verdict)) continue;
    const Submission& submission = *looks[i].submission;
    const data::Part& part = audit.partition.parts.at(static_cast<std::size_t>(findings[i].candidate));
    members.push_back({findings[i].candidate, findings[i].member, submission.parameters.span(),
                       submission.statistics.span(), static_cast<std::int64_t>(part.train.size()),
                       findings[i].validation_correct});
  }
  return members;
}

}  // namespace

FiledRound::FiledRound(fs::path run, std::int64_t round, const data::Dataset& dataset,
                       const data::Dataset* hidden, std::optional<Model> parent)
    : paths_{std::move(run)},
      round_(round),
      dataset_(dataset),
      hidden_(hidden),
      task_(read_task(paths_.task())),
      model_(nn::build_model(task_.recipe.model)),
      layout_(nn::layout_state(model_)) {
  if (round < 1 || round > task_.rounds)
    throw UsageError(concat("round ", round, ": the task has rounds 1 to ", task_.rounds));
  filed_ = filed_partition(task_, dataset_);
  hidden_ = used_hidden_set(task_, hidden_);
  if (parent) {
    require(parent->parameters.size() == static_cast<std::size_t>(layout_.parameter_count) &&
                parent->statistics.size() == static_cast<std::size_t>(layout_.statistic_count),
            "FiledRound: a parent of the task's architecture");
    require_no_other_parent(task_, paths_, round);
  }
  has_named_parent_ = parent.has_value();
  std::vector<RoundRecord> earlier;
  for (std::int64_t r = 1; r < round && !parent; ++r) earlier.push_back(read_finished(paths_.record(r)));
  if (fs::exists(paths_.record(round))) record_ = read_record(paths_.record(round));
  assignments_ = read_assignments(paths_.assignments(round), task_, round);
  if (parent)
    start_.incumbent = std::move(*parent);
  else
    start_ = start_after(std::move(earlier), task_, layout_, paths_, read_here);
  if (hidden_ == nullptr) return;
  const HiddenLedger ledger(ledger_of(paths_.ledger()), *hidden_);
  hidden_images_ = ledger.taken(task_digest(task_), round).value_or(std::vector<std::int32_t>{});
}

const data::Dataset* used_hidden_set(const Task& task, const data::Dataset* there) {
  if (task.hidden == Digest{} || task.audit.evidence == Evidence::claim || there == nullptr) return nullptr;
  if (there->digest() != task.hidden || there->classes() != task.classes)
    throw DataError(concat(there->path().string(), ": is not the task's hidden set"));
  return there;
}

FiledPartition filed_partition(const Task& task, const data::Dataset& dataset) {
  if (const std::string problem = numerics_problem(task); !problem.empty())
    throw DataError(concat(problem, "; use a program of that version"));
  if (dataset.digest() != task.dataset)
    throw DataError(concat(dataset.path().string(), ": is not the task's data set: sha256:",
                           to_hex(dataset.digest()), " instead of ", to_hex(task.dataset)));
  if (dataset.classes() != task.classes || dataset.image_shape() != task.recipe.model.input)
    throw DataError(concat(dataset.path().string(),
                           ": its classes or their order, or its image size, are not the task's"));
  const bool is_by_column = task.partition.rule == data::PartitionRule::by_column;
  data::Partition parts;
  try {
    parts =
        data::partition(dataset, is_by_column ? 0 : static_cast<int>(task.members.size()), task.partition);
  } catch (const UsageError& e) {
    throw DataError(concat("the task's partition: ", e.what()));
  }
  if (data::partition_digest(dataset, parts) != task.partition_root ||
      parts.parts.size() != task.members.size())
    throw DataError(
        "the task's partition does not follow from its data set (earlier versions cut shares such as 0.29, "
        "and images with equal pixels, in another way)");
  for (std::size_t i = 0; i < parts.parts.size(); ++i) parts.parts[i].name = task.members[i].name;
  std::vector<std::int32_t> training = pooled_training(parts), validation = common_validation(parts);
  return {std::move(parts), std::move(training), std::move(validation)};
}

AuditCase FiledRound::make_case() const {
  return {task_,   round_,         dataset_, filed_.partition, filed_.common_validation,
          hidden_, hidden_images_, 0,        start_.spent()};
}

std::vector<AuditSubject> FiledRound::subjects(const std::optional<ForeignSubmission>& foreign) const {
  std::vector<AuditSubject> all;
  for (const Assignment& assignment : assignments_) {
    const std::string& member = task_.members.at(static_cast<std::size_t>(assignment.candidate)).name;
    if (foreign && foreign->member != member) continue;
    CandidateFiles files = paths_.candidate(round_, member);
    if (foreign && !foreign->submission.empty()) files.submission = foreign->submission;
    if (foreign && !foreign->links.empty()) files.links = foreign->links;
    all.push_back(start_.subject(assignment, files));
  }
  if (all.empty())
    throw UsageError(concat("round ", round_, " has no member '", foreign ? foreign->member : "", "'"));
  return all;
}

Digest FiledRound::choose_beacon(const AuditCase& audit, std::span<const Digest> commitments, bool is_foreign,
                                 std::string& origin) const {
  if (!is_foreign && record_) {
    origin = "as in the round's record";
    return record_->beacon;
  }
  const Coordinator local = local_coordinator(task_.recipe.seed, task_.members.size());
  // Anybody can compute the local secret: it chooses links for the run's own candidates, never for strangers.
  const bool is_own = identity::secret_commitment(local.secret) == task_.secret_commitment &&
                      std::ranges::equal(task_.members, local.keys, {}, &Member::key,
                                         [](const identity::SecretKey& key) { return key.public_key(); });
  if (!is_foreign && is_own) {
    origin = "of the run's own coordinator";
    return draw_beacon(audit, local.secret, commitments);
  }
  origin = "drawn now, at random";
  return draw_beacon(audit, identity::random_digest(), commitments);
}

/// Where hidden images are asked for, verdicts without them would say too much.
void FiledRound::require_hidden_images() const {
  if (task_.hidden == Digest{} || task_.audit.evidence == Evidence::claim) return;
  if (hidden_ == nullptr)
    throw DataError(
        concat("audit of round ", round_, ": the task names a hidden set, sha256:", to_hex(task_.hidden),
               ", which is expected at ", fs::path(dataset_.path()).replace_extension(".hidden.h5").string(),
               " and not there; without it nothing would be tested on it"));
  if (hidden_images_.empty())
    throw DataError(concat(paths_.ledger().string(), ": has no hidden images of round ", round_,
                           record_ ? ", although the round is done; was the file lost or replaced?"
                                   : "; the run takes them when it audits the round, so let it go on first"));
}

/// Why the run of a round that is done has nothing of a candidate; empty when it has, or is not done.
std::string FiledRound::failure_of(std::int64_t candidate) const {
  if (!record_) return {};
  const auto found = std::ranges::find(record_->assignments, candidate, &Assignment::candidate);
  if (found == record_->assignments.end()) return {};
  return record_->failures.at(static_cast<std::size_t>(found - record_->assignments.begin()));
}

std::vector<FirstLook> FiledRound::look_at_all(const AuditCase& audit, std::span<const AuditSubject> subjects,
                                               bool is_foreign) const {
  std::vector<FirstLook> looks;
  for (const AuditSubject& subject : subjects)
    if (is_foreign || may_be_there(subject.submission)) {
      FirstLook look = look_at(audit, subject);
      if (look.finding.verdict == Verdict::transient) look.finding.detail += why_unread(subject.submission);
      looks.push_back(std::move(look));
    } else {
      const std::int64_t candidate = subject.assignment.candidate;
      looks.push_back({nothing_handed_in(task_, candidate, failure_of(candidate)), std::nullopt});
    }
  return looks;
}

FiledAudit FiledRound::audit(Workers& workers, const std::optional<ForeignSubmission>& foreign) const {
  require(workers.comm.ranks() == 1, "FiledRound::audit: one rank alone reads and draws");
  require_hidden_images();
  AuditCase audit = make_case();
  std::vector<AuditSubject> all = subjects(foreign);
  const std::size_t examined = all.size();
  if (foreign)  // the others are only looked at, to find copies of their models
    for (AuditSubject& other : subjects(std::nullopt))
      if (other.assignment.candidate != all.front().assignment.candidate && may_be_there(other.submission))
        all.push_back(std::move(other));
  std::vector<FirstLook> looks = look_at_all(audit, all, foreign.has_value());
  if (foreign && has_named_parent_ && looks.front().finding.verdict == Verdict::spec)
    require_named_start(all.front().submission, layout_, start_.incumbent);
  require_audited(findings_of(looks));  // the others' too: a file that cannot be read hides a copy
  compare(audit, all, looks);
  const KeepExamined keep = foreign || !record_ ? KeepExamined::yes : KeepExamined::no;
  const std::vector<Digest> commitments =
      hold_to_first(paths_.examined(round_), audit, std::span(looks).first(examined), keep);
  const std::vector<bool> copies = copies_among(looks);
  FiledAudit result;
  const Digest beacon = choose_beacon(audit, commitments, foreign.has_value(), result.beacon);
  HiddenBaseline baseline;
  if (hidden_ != nullptr)
    baseline = count_baseline(workers, dataset_, *hidden_, hidden_images_, model_, layout_, start_.incumbent);
  audit.majority_correct = std::max<std::int64_t>(0, baseline.majority);
  for (std::size_t i = 0; i < examined; ++i) {
    all[i].doubted_links = doubted_links(paths_.examined(round_), audit, looks[i].finding);
    if (keep == KeepExamined::yes) doubt_links(paths_.examined(round_), audit, looks[i], beacon);
    result.findings.push_back(
        examine(workers, audit, all[i], looks[i], beacon, baseline.incumbent, copies[i]));
    if (keep == KeepExamined::yes) trust_replayed_links(paths_.examined(round_), audit, result.findings[i]);
  }
  require_audited(result.findings);
  result.record = audit_record(audit, start_.digest(layout_), baseline, result.findings);
  result.record.is_partial = foreign.has_value();
  if (!foreign)
    result.record.coalitions = count_coalitions(workers, audit, model_, layout_, baseline,
                                                accepted_members(audit, result.findings, looks));
  if (!foreign && record_ && !counted_on(paths_.round(round_) / "audit.json", result.record.hidden.digest))
    result.differences.push_back("round: its own audit counted other hidden images; was the ledger changed?");
  if (!foreign && record_)
    for (std::size_t i = 0; i < all.size() && i < record_->findings.size(); ++i)
      differences(record_->findings[i], result.findings[i], result.differences);
  return result;
}

Dispute FiledRound::dispute(Workers& workers, const ForeignSubmission& first, const Account& second) const {
  const AuditSubject subject = subjects(first).front();
  return settle(workers, make_case(), subject, {subject.submission, subject.links}, second);
}

}  // namespace cohort::round
