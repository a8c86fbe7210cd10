// What can be said of a submission by running its model and its training.
#include <algorithm>

#include "cohort/comm/agree.hpp"
#include "cohort/core/json.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/audit.hpp"
#include "cohort/round/hypothesis.hpp"
#include "cohort/train/step.hpp"
#include "round/finding_text.hpp"
#include "round/first_look.hpp"
#include "round/stop.hpp"

namespace cohort::round {
namespace {

/// One submission under examination; the root knows its file, all ranks compute.
class Examination {
 public:
  Examination(Workers& workers, const AuditCase& audit, const AuditSubject& subject, const FirstLook& look,
              bool is_copy)
      : workers_(workers),
        audit_(audit),
        subject_(subject),
        look_(look),
        is_copy_(is_copy),
        part_(audit.partition.parts.at(static_cast<std::size_t>(subject.assignment.candidate))),
        work_{audit.task, audit.round, subject.assignment, audit.dataset, part_, *subject.parent},
        recipe_(work_recipe(work_)),
        model_(nn::build_model(recipe_.model)),
        layout_(nn::layout_state(model_)),
        finding_(look.finding) {}

  Finding run(const Digest& beacon, std::int64_t incumbent_correct) {
    finding_ = shared();
    if (!is_accepted_so_far()) return shared();
    if (is_copy_ && !asks_for_replay()) look_for_proof();
    if (!is_accepted_so_far()) return shared();
    share_submission();
    check_claim();
    if (is_accepted_so_far()) count_hidden();
    if (is_accepted_so_far() && (is_copy_ || asks_for_replay())) replay(beacon);
    if (is_accepted_so_far()) grade(incumbent_correct);
    if (is_accepted_so_far() || finding_.verdict == Verdict::baseline)
      finding_.validation_correct = count_of(audit_.dataset, audit_.common_validation);
    return shared();
  }

 private:
  /// The root's word is everybody's.
  bool is_accepted_so_far() {
    const bool mine = finding_.verdict == Verdict::ok || finding_.verdict == Verdict::ok_unproven;
    return workers_.comm.max(workers_.comm.is_root() && mine ? 1 : 0) > 0;
  }

  void refuse(Verdict verdict, std::string detail) {
    finding_.verdict = verdict;
    finding_.detail = std::move(detail);
  }

  [[nodiscard]] bool asks_for_replay() const { return audit_.task.audit.evidence == Evidence::replay; }

  /// Who trained a model that several handed in shows in the chain alone; the task did not ask for one.
  void look_for_proof() {
    if (!workers_.comm.is_root()) return;
    if (const Objection found =
            object_to_account(look_.submission->header, audit_, subject_, recipe_, layout_))
      refuse_untold(found->second);
  }

  void share_submission() {
    submitted_.parameters = AlignedBuffer<float>(static_cast<std::size_t>(layout_.parameter_count));
    submitted_.statistics = AlignedBuffer<float>(static_cast<std::size_t>(layout_.statistic_count));
    if (workers_.comm.is_root()) {
      submitted_.parameters = copy_of(look_.submission->parameters.span());
      submitted_.statistics = copy_of(look_.submission->statistics.span());
    }
    workers_.comm.broadcast(submitted_.parameters.span());
    workers_.comm.broadcast(submitted_.statistics.span());
  }

  /// -1 and a verdict when there is nothing to count.
  std::int64_t count_of(const data::Dataset& dataset, const std::vector<std::int32_t>& samples) {
    const std::optional<Claim> counted = count_claim(workers_, dataset, samples, model_, layout_, submitted_);
    if (!counted) refuse(Verdict::non_finite, "the model's answers are not finite numbers");
    return counted ? counted->correct : -1;
  }

  void check_claim() {
    const std::optional<Claim> counted =
        count_claim(workers_, audit_.dataset, part_.validation, model_, layout_, submitted_);
    if (!counted) return refuse(Verdict::non_finite, "the model's answers are not finite numbers");
    if (!workers_.comm.is_root()) return;
    const Claim& claimed = look_.submission->header.claim;
    if (counted->correct != claimed.correct || counted->confusion != claimed.confusion)
      refuse(
          Verdict::claim,
          concat("claims ", claimed.correct, " of ", claimed.samples, " correct, counted ", counted->correct,
                 counted->correct == claimed.correct ? " with another confusion matrix" : ""));
  }

  void count_hidden() {
    if (audit_.task.audit.evidence == Evidence::claim) return;
    if (audit_.hidden == nullptr || audit_.hidden_images.empty()) return;
    finding_.hidden_correct = count_of(*audit_.hidden, audit_.hidden_images);
    const std::vector<std::int32_t> comparable = comparable_hidden();
    if (finding_.hidden_correct < 0 || finding_.claim_samples == 0 || comparable.empty()) return;
    const std::int64_t correct = comparable.size() == audit_.hidden_images.size()
                                     ? finding_.hidden_correct
                                     : count_of(*audit_.hidden, comparable);
    const auto images = static_cast<std::int64_t>(comparable.size());
    const Significance level{audit_.task.audit.alpha_millionths, 1'000'000,
                             static_cast<std::int64_t>(audit_.partition.parts.size())};
    if (refutes_sample({finding_.claim_correct, finding_.claim_samples}, {correct, images}, level))
      refuse(Verdict::statistics, concat(correct, " of ", images, " hidden images correct refute the claim"));
  }

  /// The hidden images that are like those of the claim: a site's own, where candidates are sites. Patients
  /// of one site differ from another's, so a claim that is true at home need not hold elsewhere.
  [[nodiscard]] std::vector<std::int32_t> comparable_hidden() const {
    const data::PartitionOptions& rule = audit_.task.partition;
    if (rule.rule != data::PartitionRule::by_column) return audit_.hidden_images;
    const std::string& site =
        audit_.dataset.column(rule.column).at(static_cast<std::size_t>(part_.train.front()));
    const std::vector<std::string>& sites = audit_.hidden->column(rule.column);
    std::vector<std::int32_t> own;
    for (const std::int32_t image : audit_.hidden_images)
      if (sites.at(static_cast<std::size_t>(image)) == site) own.push_back(image);
    return own;
  }

  void replay(const Digest& beacon) {
    const std::vector<ChainLink> chain = shared_chain();
    const auto links = static_cast<std::int64_t>(chain.size()) - 1;
    const data::Dataset view = data::view_of(audit_.dataset, part_);
    train::Trainee trainee(workers_.comm, workers_.pool, workers_.table, view, model_, layout_, recipe_);
    if (!asks_for_replay()) return replay_whole(trainee, chain);
    const Digest submission = digest_from_hex(workers_.comm.broadcast(to_hex(finding_.submission)));
    for (const std::int64_t link :
         links_to_replay(beacon, submission, links, audit_.task.audit.links, subject_.doubted_links)) {
      if (!replay_link(trainee, chain, link)) return;
      finding_.links_replayed.push_back(link);
    }
  }

  std::vector<ChainLink> shared_chain() {
    std::vector<ChainLink> chain;
    if (workers_.comm.is_root()) chain = look_.submission->header.chain;
    auto count = static_cast<std::int64_t>(chain.size());
    workers_.comm.broadcast(std::span(&count, 1));
    chain.resize(static_cast<std::size_t>(count));
    workers_.comm.broadcast(std::span(chain));
    return chain;
  }

  /// Whose a copied model is, where the task asks for no states: from the round's start on, which needs none,
  /// as a member who handed in none must not lose to whoever copied its model.
  void replay_whole(train::Trainee& trainee, const std::vector<ChainLink>& chain) {
    trainee.restore(starting_state(recipe_, *subject_.parent));
    for (std::size_t link = 1; link < chain.size(); ++link) {
      if (!train_to(trainee, chain, static_cast<std::int64_t>(link))) return;
      finding_.links_replayed.push_back(static_cast<std::int64_t>(link));
    }
  }

  /// False, and a verdict on the root, when the link does not lead where it says.
  bool replay_link(train::Trainee& trainee, const std::vector<ChainLink>& chain, std::int64_t link) {
    const ChainLink& before = chain[static_cast<std::size_t>(link - 1)];
    train::FullState state = starting_state(recipe_, *subject_.parent);
    comm::agree(workers_.comm, concat("read link ", link - 1, " of ", part_.name), [&] {
      if (link > 1 && workers_.comm.is_root()) read_state(link - 1, before, state);
    });
    if (!is_accepted_so_far()) return false;
    trainee.restore(state);
    return train_to(trainee, chain, link);
  }

  /// From the state before a link to the one behind it.
  bool train_to(train::Trainee& trainee, const std::vector<ChainLink>& chain, std::int64_t link) {
    const ChainLink& after = chain[static_cast<std::size_t>(link)];
    try {
      while (trainee.steps_done() < after.step)
        if (step_and_ask(workers_, trainee)) throw Stopped();
    } catch (const train::DivergedError& e) {
      refuse_replay(concat("link ", link, " diverges in replay"));
      return false;
    }
    judge_link(trainee, after, link, link == static_cast<std::int64_t>(chain.size()) - 1);
    return is_accepted_so_far();
  }

  /// A state that says it has more steps behind it than the chain would leave none to replay.
  void read_state(std::int64_t link, const ChainLink& entry, train::FullState& state) {
    ReadLink found = read_link(subject_.links, layout_, state, entry.state);
    if (found.verdict == Verdict::ok && found.state.step == entry.step)
      state = std::move(found.state);
    else if (found.verdict == Verdict::ok)
      refuse_replay(concat("the state after link ", link, " is of step ", found.state.step,
                           ", the chain says ", entry.step));
    else if (found.verdict == Verdict::transient)
      refuse(found.verdict, found.detail);
    else
      refuse_replay(concat("the state after link ", link, " is missing or damaged: ", found.detail));
  }

  void judge_link(train::Trainee& trainee, const ChainLink& after, std::int64_t link, bool is_last) {
    const train::FullState state = trainee.gather();
    if (workers_.comm.is_root() && train::state_digest(layout_, state) != after.state)
      refuse_replay(concat("link ", link, " leads to another state than claimed"));
    if (!is_last) return;
    std::vector<float> parameters, statistics;
    trainee.validated_weights(parameters, statistics);
    if (workers_.comm.is_root() && finding_.verdict == Verdict::ok &&
        model_digest(layout_, parameters, statistics) != finding_.model)
      refuse_replay("the model is not the one that its last link leads to");
  }

  /// One of them may well be the owner.
  void refuse_untold(const std::string& why) {
    refuse(Verdict::duplicate,
           concat("another member handed in the same model, and nobody can tell whose it is: no order of "
                  "commitments is on record, and its chain proves nothing: ",
                  why));
  }

  void refuse_replay(std::string detail) {
    if (is_copy_)
      refuse(Verdict::duplicate,
             concat("the same model as another member's, and not this member's own work: ", detail));
    else
      refuse(Verdict::chain, std::move(detail));
  }

  void grade(std::int64_t incumbent_correct) {
    if (!asks_for_replay()) {
      finding_.verdict = Verdict::ok_unproven;
      finding_.detail = is_copy_
                            ? "another member handed in the same model; the links replayed show whose it is"
                            : "training was not replayed";
    }
    if (finding_.hidden_correct < 0) return;
    const std::int64_t baseline = std::max(audit_.majority_correct, incumbent_correct);
    if (finding_.hidden_correct <= baseline)
      refuse(Verdict::baseline, concat(finding_.hidden_correct, " of ", audit_.hidden_images.size(),
                                       " hidden images correct, the baseline has ", baseline));
  }

  /// The root's finding, on all ranks.
  Finding shared();

  Workers& workers_;
  const AuditCase& audit_;
  const AuditSubject& subject_;
  const FirstLook& look_;
  const bool is_copy_;
  const data::Part& part_;
  const CandidateWork work_;
  const train::Recipe recipe_;
  const nn::Model model_;
  const nn::StateLayout layout_;
  Finding finding_;
  Model submitted_;
};

Finding Examination::shared() {
  return finding_of(Json::parse(workers_.comm.broadcast(json_of(finding_).dump())));
}

}  // namespace

std::string counts_text(std::int64_t correct, std::int64_t samples) {
  return correct < 0 ? std::string("-") : concat(correct, "/", samples);
}

Finding examine(Workers& workers, const AuditCase& audit, const AuditSubject& subject, const FirstLook& look,
                const Digest& beacon, std::int64_t incumbent_correct, bool is_copy) {
  return Examination(workers, audit, subject, look, is_copy).run(beacon, incumbent_correct);
}

}  // namespace cohort::round
