#include "cohort/round/dispute.hpp"

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/train/step.hpp"
#include "round/first_look.hpp"

namespace cohort::round {
namespace {

class Settlement {
 public:
  Settlement(Workers& workers, const AuditCase& audit, const AuditSubject& subject)
      : workers_(workers),
        audit_(audit),
        subject_(subject),
        part_(audit.partition.parts.at(static_cast<std::size_t>(subject.assignment.candidate))),
        recipe_(work_recipe(
            {audit.task, audit.round, subject.assignment, audit.dataset, part_, *subject.parent})),
        model_(nn::build_model(recipe_.model)),
        layout_(nn::layout_state(model_)) {}

  Dispute run(const Account& first, const Account& second) {
    std::vector<std::string> problems;
    const Submission one = read(first, problems), other = read(second, problems);
    if (!problems.empty()) throw DataError(concat("settle a dispute: ", joined(problems, "; ")));
    const std::vector<ChainLink>&a = one.header.chain, &b = other.header.chain;
    Dispute found;
    found.first_is_signed = is_signed(one);
    found.second_is_signed = is_signed(other);
    found.models_differ = one.header.model != other.header.model;
    found.links = static_cast<std::int64_t>(a.size()) - 1;
    found.link = first_divergence(found.links, [&](std::int64_t link) {
      ++found.comparisons;
      return a[static_cast<std::size_t>(link)].chain == b[static_cast<std::size_t>(link)].chain;
    });
    if (found.link == 0) return found;
    const auto link = static_cast<std::size_t>(found.link);
    found.from_step = a[link - 1].step;
    found.to_step = a[link].step;
    found.first = a[link].state;
    found.second = b[link].state;
    found.replayed = replay(a[link - 1], found.to_step, first, second);
    found.ruling = found.replayed == found.first    ? Ruling::first
                   : found.replayed == found.second ? Ruling::second
                                                    : Ruling::neither;
    return found;
  }

 private:
  Submission read(const Account& account, std::vector<std::string>& problems) const {
    ReadSubmission found = read_submission(account.submission, layout_);
    const auto object = [&](Verdict verdict, const std::string& detail) {
      problems.push_back(concat(account.submission.string(), ": ", name_of(verdict), ": ", detail));
    };
    if (found.verdict == Verdict::transient)
      throw Error(concat("settle a dispute: ", account.submission.string(), ": ", found.detail));
    if (!found.submission)
      object(found.verdict, found.detail);
    else if (const auto against =
                 object_to_account(found.submission->header, audit_, subject_, recipe_, layout_))
      object(against->first, against->second);
    return std::move(found.submission).value_or(Submission{});
  }

  /// The digest of the state to which the training from `before` leads; none when it diverges.
  std::optional<Digest> replay(const ChainLink& before, std::int64_t to_step, const Account& first,
                               const Account& second) {
    const train::FullState start = starting_state(recipe_, *subject_.parent);
    const data::Dataset view = data::view_of(audit_.dataset, part_);
    train::Trainee trainee(workers_.comm, workers_.pool, workers_.table, view, model_, layout_, recipe_);
    if (before.step == 0)
      trainee.restore(start);
    else
      trainee.restore(state_before(before, start, first, second));
    try {
      while (trainee.steps_done() < to_step) trainee.step();
    } catch (const train::DivergedError&) {
      return std::nullopt;
    }
    return train::state_digest(layout_, trainee.gather());
  }

  /// Both accounts name the same state, so it does not matter whose file it is.
  train::FullState state_before(const ChainLink& before, const train::FullState& like, const Account& first,
                                const Account& second) const {
    std::vector<std::string> problems;
    bool may_be_there = false;
    for (const Account* account : {&first, &second}) {
      if (account->links.empty()) continue;
      ReadLink link = read_link(account->links, layout_, like, before.state);
      if (link.verdict == Verdict::ok && link.state.step == before.step) return std::move(link.state);
      may_be_there = may_be_there || link.verdict == Verdict::transient;
      problems.push_back(concat(link_path(account->links, before.state).string(), ": ",
                                link.verdict == Verdict::ok
                                    ? concat("is of step ", link.state.step, " instead of ", before.step)
                                    : link.detail));
    }
    const std::string message =
        concat("settle a dispute: read the state after step ", before.step, ": ", joined(problems, "; "));
    if (may_be_there) throw Error(message);
    throw DataError(concat(message, "; ask either side for it (cohort submission open --links)"));
  }

  Workers& workers_;
  const AuditCase& audit_;
  const AuditSubject& subject_;
  const data::Part& part_;
  const train::Recipe recipe_;
  const nn::Model model_;
  const nn::StateLayout layout_;
};

}  // namespace

Dispute settle(Workers& workers, const AuditCase& audit, const AuditSubject& subject, const Account& first,
               const Account& second) {
  require(workers.comm.ranks() == 1, "settle: one rank alone reads and replays");
  return Settlement(workers, audit, subject).run(first, second);
}

}  // namespace cohort::round
