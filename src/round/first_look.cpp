// What can be said of a submission without running its model.
#include "round/first_look.hpp"

#include <cmath>

#include "cohort/core/numerics.hpp"
#include "cohort/core/text.hpp"
#include "cohort/identity/commitment.hpp"

namespace cohort::round {
namespace {

Objection object(Verdict verdict, std::string detail) {
  return std::make_pair(verdict, std::move(detail));
}

const data::Part& part_of(const AuditCase& audit, const AuditSubject& subject) {
  return audit.partition.parts.at(static_cast<std::size_t>(subject.assignment.candidate));
}

const Member& member_of(const AuditCase& audit, const AuditSubject& subject) {
  return audit.task.members.at(static_cast<std::size_t>(subject.assignment.candidate));
}

CandidateWork work_of(const AuditCase& audit, const AuditSubject& subject) {
  return {audit.task,     audit.round, subject.assignment, audit.dataset, part_of(audit, subject),
          *subject.parent};
}

Objection check_member(const SubmissionHeader& header, const Member& member) {
  if (header.member == member.name && header.key == member.key) return std::nullopt;
  return object(Verdict::signature, concat("names a member or key that is not ", member.name, "'s"));
}

Objection check_signature(const Submission& submission, const Member& member) {
  if (auto found = check_member(submission.header, member)) return found;
  if (!submission.signature) return object(Verdict::signature, "is not signed");
  const Digest digest = submission_digest(submission.header);
  if (!identity::verify(member.key, std::as_bytes(std::span(digest)), *submission.signature))
    return object(Verdict::signature, concat("the signature is not by ", member.name, "'s key"));
  return std::nullopt;
}

Objection check_is_new(const SubmissionHeader& header, const AuditCase& audit) {
  if (!audit.spent.contains(submission_digest(header))) return std::nullopt;
  return object(Verdict::replayed, concat("was handed in before, in round ", header.round));
}

Objection check_place(const SubmissionHeader& header, const AuditCase& audit) {
  if (header.task != task_digest(audit.task)) return object(Verdict::late, "belongs to another task");
  if (header.round != audit.round)
    return object(Verdict::late, concat("belongs to round ", header.round, ", this is round ", audit.round));
  return std::nullopt;
}

Objection check_chain_form(const SubmissionHeader& header, const Task& task) {
  const std::int64_t links = links_of(task);
  if (static_cast<std::int64_t>(header.chain.size()) != links + 1)
    return object(Verdict::spec,
                  concat("its chain has ", header.chain.size(), " entries instead of ", links + 1));
  for (std::int64_t i = 0; i <= links; ++i)
    if (header.chain[static_cast<std::size_t>(i)].step != std::min(i * task.link_steps, task.round_steps))
      return object(Verdict::spec, concat("link ", i, " ends at another step than the task says"));
  return std::nullopt;
}

Objection check_specification(const SubmissionHeader& header, const AuditCase& audit,
                              const AuditSubject& subject, const train::Recipe& recipe,
                              const nn::StateLayout& layout) {
  if (header.numerics_version != audit.task.numerics_version)
    return object(Verdict::spec, concat("numerics_version ", header.numerics_version, " instead of ",
                                        audit.task.numerics_version));
  const auto differences =
      train::recipe_differences(train::recipe_text(recipe), header.recipe, {"assigned ", "submitted "});
  if (!differences.empty())
    return object(Verdict::spec, concat("other hyper-parameters than assigned: ", differences.front()));
  if (header.parent !=
      model_digest(layout, subject.parent->parameters.span(), subject.parent->statistics.span()))
    return object(Verdict::spec, "starts from another model than the round's");
  const data::Part& part = part_of(audit, subject);
  if (header.claim.data != audit.dataset.subset_digest(part.validation) ||
      header.claim.samples != static_cast<std::int64_t>(part.validation.size()))
    return object(Verdict::spec, "its claim refers to other images than its validation part");
  const auto classes = static_cast<std::size_t>(recipe.model.classes);
  if (header.claim.confusion.size() != classes * classes)
    return object(Verdict::spec, concat("its claim counts other classes than the task's ", classes));
  return std::nullopt;
}

Objection check_values(const Submission& submission, double largest) {
  for (const auto* values : {&submission.parameters, &submission.statistics})
    for (const float value : values->span())
      if (!(std::abs(static_cast<double>(value)) <= largest))
        return object(Verdict::non_finite,
                      concat("a parameter is not finite or beyond ", format_shortest(largest)));
  return std::nullopt;
}

/// The chain's hashes follow from its states, the first of which everybody can compute.
Objection check_chain_hashes(const SubmissionHeader& header, const AuditCase& audit,
                             const AuditSubject& subject, const train::Recipe& recipe,
                             const nn::StateLayout& layout) {
  const Digest round = identity::round_digest(header.task, static_cast<std::uint64_t>(audit.round));
  const Digest first = train::state_digest(layout, starting_state(recipe, *subject.parent));
  Digest expected = chain_start(round, header.key,
                                identity::identity_seed(round, header.key, audit.task.registration_beacon),
                                header.parent, first);
  if (header.chain[0].state != first || header.chain[0].chain != expected)
    return object(Verdict::chain,
                  "its chain does not start from the round's model under the member's own seed");
  for (std::size_t i = 1; i < header.chain.size(); ++i) {
    expected = chain_next(expected, header.chain[i].step, header.chain[i].state);
    if (header.chain[i].chain != expected)
      return object(Verdict::chain, concat("link ", i, " does not follow from the one before"));
  }
  return std::nullopt;
}

/// What can be said without a look at the values. Without replay nothing vouches for a chain, so none is
/// asked for.
Objection check_header(const Submission& submission, const AuditCase& audit, const AuditSubject& subject,
                       const train::Recipe& recipe, const nn::StateLayout& layout) {
  const SubmissionHeader& header = submission.header;
  if (auto found = check_signature(submission, member_of(audit, subject))) return found;
  if (auto found = check_is_new(header, audit)) return found;
  if (auto found = check_place(header, audit)) return found;
  if (auto found = check_specification(header, audit, subject, recipe, layout)) return found;
  return audit.task.audit.evidence == Evidence::replay ? check_chain_form(header, audit.task) : std::nullopt;
}

Objection check_contents(const Submission& submission, const AuditCase& audit, const AuditSubject& subject,
                         const train::Recipe& recipe, const nn::StateLayout& layout) {
  if (auto found = check_values(submission, audit.task.audit.largest_value)) return found;
  if (audit.task.audit.evidence != Evidence::replay) return std::nullopt;
  return check_chain_hashes(submission.header, audit, subject, recipe, layout);
}

void refuse(Finding& finding, Verdict verdict, std::string detail) {
  finding.verdict = verdict;
  finding.detail = std::move(detail);
}

}  // namespace

Objection object_to_account(const SubmissionHeader& header, const AuditCase& audit,
                            const AuditSubject& subject, const train::Recipe& recipe,
                            const nn::StateLayout& layout) {
  if (auto found = check_member(header, member_of(audit, subject))) return found;
  if (auto found = check_place(header, audit)) return found;
  if (auto found = check_specification(header, audit, subject, recipe, layout)) return found;
  if (auto found = check_chain_form(header, audit.task)) return found;
  return check_chain_hashes(header, audit, subject, recipe, layout);
}

FirstLook look_at(const AuditCase& audit, const AuditSubject& subject) {
  FirstLook look;
  look.finding.candidate = subject.assignment.candidate;
  look.finding.member = member_of(audit, subject).name;
  const train::Recipe recipe = work_recipe(work_of(audit, subject));
  const nn::StateLayout layout = nn::layout_state(nn::build_model(recipe.model));
  ReadSubmission read = read_submission(subject.submission, layout);
  if (read.verdict != Verdict::ok) {
    refuse(look.finding, read.verdict, read.detail);
    return look;
  }
  const SubmissionHeader& header = read.submission->header;
  look.finding.submission = submission_digest(header);
  look.finding.model = header.model;
  look.finding.verdict = Verdict::ok;
  auto found = check_header(*read.submission, audit, subject, recipe, layout);
  if (!found) {  // only now do the counts have the bounds that a record of the audit asks for
    look.finding.claim_correct = header.claim.correct;
    look.finding.claim_samples = header.claim.samples;
    if (audit.task.audit.evidence == Evidence::replay)
      look.finding.micro_batches = audit.task.round_steps * (recipe.batch_size / recipe.micro_batch);
    found = check_contents(*read.submission, audit, subject, recipe, layout);
  }
  if (found)
    refuse(look.finding, found->first, std::move(found->second));
  else
    look.submission = std::move(read.submission);
  return look;
}

void compare(const AuditCase& audit, std::span<const AuditSubject> subjects, std::span<FirstLook> looks) {
  for (std::size_t i = 0; i < looks.size(); ++i) {
    Finding& finding = looks[i].finding;
    if (finding.verdict != Verdict::ok) continue;
    const nn::StateLayout layout =
        nn::layout_state(nn::build_model(work_recipe(work_of(audit, subjects[i])).model));
    if (finding.model ==
        model_digest(layout, subjects[i].parent->parameters.span(), subjects[i].parent->statistics.span()))
      refuse(finding, Verdict::duplicate, "is the round's starting model, untrained");
  }
}

}  // namespace cohort::round
