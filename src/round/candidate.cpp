#include "cohort/round/candidate.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "cohort/comm/agree.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/stopwatch.hpp"
#include "cohort/core/text.hpp"
#include "cohort/identity/commitment.hpp"
#include "cohort/train/evaluator.hpp"
#include "cohort/train/starting_state.hpp"
#include "cohort/train/step.hpp"
#include "round/candidate_progress.hpp"
#include "round/stop.hpp"
#include "round/unread_file.hpp"
#include "train/run_plan.hpp"

namespace cohort::round {
namespace {

constexpr std::string_view kAdvice = "; try a lower learning rate, a warm-up or optimizer.clip_norm";

/// An audit would refuse what is not.
bool is_within(const Model& model, double largest) {
  for (const auto* values : {&model.parameters, &model.statistics})
    for (const float value : values->span())
      if (!(std::abs(static_cast<double>(value)) <= largest)) return false;
  return true;
}

/// What the candidate sees in training. Requires own data, if any, in the form of the whole data set.
data::Dataset training_view(const CandidateWork& work) {
  if (work.own_data == nullptr) return data::view_of(work.dataset, work.part);
  return data::view_of(*work.own_data, {work.part.name, work.own_data->indices(data::Split::train), {}});
}

/// A candidate in training: everything on every rank, files on the group's root.
class Candidate {
 public:
  Candidate(Workers& workers, const CandidateWork& work, const CandidateFiles& files,
            const identity::SecretKey& key, const Upkeep& upkeep)
      : workers_(workers),
        work_(work),
        files_(files),
        key_(key),
        upkeep_(upkeep),
        view_(training_view(work)),
        recipe_(work_recipe(work)),
        model_(nn::build_model(recipe_.model)),
        layout_(nn::layout_state(model_)),
        round_(identity::round_digest(task_digest(work.task), static_cast<std::uint64_t>(work.round))) {}

  CandidateResult run() {
    const std::string ready = finished_submission();
    if (!ready.empty())
      return {CandidateState::submitted, "", digest_from_hex(ready), work_.task.round_steps};
    train::Trainee trainee(workers_.comm, workers_.pool, workers_.table, view_, model_, layout_, recipe_);
    start(trainee);
    try {
      train(trainee);
      return hand_in(trainee);
    } catch (const Stopped&) {
      return {CandidateState::stopped, "", {}, trainee.steps_done()};
    } catch (const train::DivergedError& e) {
      return {CandidateState::failed, e.what(), {}, trainee.steps_done()};
    }
  }

 private:
  template <typename F>
  void on_root(std::string_view doing, F&& work) {
    comm::agree(workers_.comm, concat(doing, " of ", work_.part.name), [&] {
      if (workers_.comm.is_root()) work();
    });
  }

  /// Digest of the submission when it was handed in before, else empty; the same on every rank.
  std::string finished_submission() {
    std::string digest;
    on_root("look for the submission", [&] {
      if (!std::filesystem::exists(files_.submission)) return;
      const ReadSubmission read = read_submission(files_.submission, layout_);
      if (!read.submission) refuse_unread(files_.submission, read.verdict, read.detail);
      const SubmissionHeader& header = read.submission->header;
      if (header.task != task_digest(work_.task) || header.round != work_.round)
        throw CheckpointError(concat(files_.submission.string(), ": belongs to another task or round"));
      if (header.parent != parent_digest())
        throw CheckpointError(concat(
            files_.submission.string(), ": was trained from another model, sha256:", to_hex(header.parent),
            ", than what the round starts from now, sha256:", to_hex(parent_digest()),
            "; choose another folder, or remove ", files_.submission.string(), " and ",
            files_.progress.string(), " to train anew"));
      digest = to_hex(submission_digest(header));
    });
    return workers_.comm.broadcast(digest);
  }

  void start(train::Trainee& trainee) {
    train::FullState state = starting_state(recipe_, work_.parent);
    on_root("start", [&] {
      std::filesystem::create_directories(files_.links);
      const ChainLink first = first_link(state);
      if (const auto found = read_progress(files_.progress, round_)) {
        progress_ = *found;
        if (progress_.chain.empty() || progress_.chain.front().chain != first.chain)
          throw CheckpointError(
              concat(files_.progress.string(),
                     ": was begun from another model than what the round starts from now, or "
                     "with another key; choose another folder, or remove it to train anew"));
        if (progress_.newest().step > 0) take_up(state);
        return;
      }
      progress_.round = round_;
      progress_.chain = {first};
      save_progress(files_.progress, progress_);
    });
    trainee.restore(state);
  }

  [[nodiscard]] Digest parent_digest() const {
    return model_digest(layout_, work_.parent.parameters.span(), work_.parent.statistics.span());
  }

  [[nodiscard]] ChainLink first_link(const train::FullState& start) const {
    const identity::PublicKey key = key_.public_key();
    const Digest state = train::state_digest(layout_, start);
    const Digest seed = identity::identity_seed(round_, key, work_.task.registration_beacon);
    return {0, state, chain_start(round_, key, seed, parent_digest(), state)};
  }

  void take_up(train::FullState& state) {
    ReadLink found = read_link(files_.links, layout_, state, progress_.newest().state);
    if (found.verdict != Verdict::ok)
      refuse_unread(link_path(files_.links, progress_.newest().state), found.verdict, found.detail,
                    concat("; remove ", files_.progress.string(), " to train this candidate's round again"));
    state = std::move(found.state);
  }

  /// Throws Stopped, with the state of that step kept.
  void train(train::Trainee& trainee) {
    Stopwatch since_kept;
    bool has_kept = false;
    while (trainee.steps_done() < work_.task.round_steps) {
      const bool is_due = train::checkpoint_due(since_kept.elapsed_s(), upkeep_.keep_interval_s, has_kept);
      const train::StepResult result = step_with_wishes(workers_, trainee, is_due);
      const std::int64_t step = trainee.steps_done();
      if (upkeep_.after_step) upkeep_.after_step(result, step);
      const bool is_last = step == work_.task.round_steps;
      const bool is_link = is_last || step % work_.task.link_steps == 0;
      if (is_link || result.wishes.stop || result.wishes.checkpoint) {
        keep(trainee, is_link);
        since_kept.restart();
        has_kept = true;
      }
      if (result.wishes.stop && !is_last) throw Stopped();
    }
  }

  void keep(train::Trainee& trainee, bool is_link) {
    const train::FullState state = trainee.gather();
    on_root("keep a state", [&] {
      ChainLink link{state.step, train::state_digest(layout_, state), {}};
      save_link(files_.links, layout_, state, link.state);
      const std::optional<ChainLink> former = progress_.stop;
      if (is_link) {
        link.chain = chain_next(progress_.chain.back().chain, link.step, link.state);
        progress_.chain.push_back(link);
        progress_.stop.reset();
      } else {
        progress_.stop = link;
      }
      save_progress(files_.progress, progress_);
      if (former) forget(*former);
    });
  }

  /// A state between links serves until the next one is kept: no audit asks for it.
  void forget(const ChainLink& former) const {
    std::error_code ignored;
    std::filesystem::remove(link_path(files_.links, former.state), ignored);
  }

  /// What a kill between a state and its entry in the chain has left.
  void forget_orphans() const {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(files_.links, ignored)) {
      const auto is_it = [&](const ChainLink& link) {
        return link_path(files_.links, link.state) == entry.path();
      };
      if (std::ranges::none_of(progress_.chain, is_it)) std::filesystem::remove(entry.path(), ignored);
    }
  }

  CandidateResult hand_in(train::Trainee& trainee) {
    Model trained = validated_model(trainee);
    const std::int64_t steps = trainee.steps_done();
    const double largest = work_.task.audit.largest_value;
    if (!is_within(trained, largest))
      return {CandidateState::failed,
              concat("training diverged: after step ", steps, " a weight is not finite or beyond ",
                     format_shortest(largest), kAdvice),
              {},
              steps};
    const std::optional<Claim> claim =
        count_claim(workers_, work_.dataset, work_.part.validation, model_, layout_, trained);
    if (!claim)
      return {CandidateState::failed,
              concat("training diverged: after step ", steps,
                     " the model's answers to its validation images are not finite numbers", kAdvice),
              {},
              steps};
    return {CandidateState::submitted, "", save(std::move(trained), *claim), steps};
  }

  Digest save(Model trained, const Claim& claim) {
    std::string digest;
    on_root("hand in the submission", [&] {
      Submission submission;
      SubmissionHeader& header = submission.header;
      header.numerics_version = kNumericsVersion;
      header.task = task_digest(work_.task);
      header.round = work_.round;
      header.member = work_.task.members.at(static_cast<std::size_t>(work_.assignment.candidate)).name;
      header.key = key_.public_key();
      header.parent = parent_digest();
      header.model = model_digest(layout_, trained.parameters.span(), trained.statistics.span());
      header.claim = claim;
      header.recipe = train::recipe_text(recipe_);
      header.chain = progress_.chain;
      submission.parameters = std::move(trained.parameters);
      submission.statistics = std::move(trained.statistics);
      sign(submission, key_);
      std::filesystem::create_directories(files_.submission.parent_path());
      save_submission(files_.submission, layout_, submission);
      forget_orphans();
      digest = to_hex(submission_digest(header));
    });
    return digest_from_hex(workers_.comm.broadcast(digest));
  }

  Model validated_model(train::Trainee& trainee) {
    std::vector<float> parameters, statistics;
    trainee.validated_weights(parameters, statistics);
    return {copy_of(parameters), copy_of(statistics)};
  }

  Workers& workers_;
  const CandidateWork& work_;
  const CandidateFiles& files_;
  const identity::SecretKey& key_;
  const Upkeep& upkeep_;
  const data::Dataset view_;
  const train::Recipe recipe_;
  const nn::Model model_;
  const nn::StateLayout layout_;
  const Digest round_;
  CandidateProgress progress_;  ///< on the root
};

}  // namespace

train::Recipe work_recipe(const CandidateWork& work) {
  const Member& member = work.task.members.at(static_cast<std::size_t>(work.assignment.candidate));
  return train::resolved(member_recipe(work.task, work.round, member, work.assignment.setting),
                         training_view(work));
}

train::FullState starting_state(const train::Recipe& recipe, const Model& parent) {
  return train::starting_state(recipe, {parent.parameters.span(), parent.statistics.span()});
}

std::optional<Claim> count_claim(Workers& workers, const data::Dataset& dataset,
                                 const std::vector<std::int32_t>& samples, const nn::Model& model,
                                 const nn::StateLayout& layout, const Model& trained) {
  Claim claim;
  claim.data = dataset.subset_digest(samples);
  claim.confusion.assign(static_cast<std::size_t>(model.classes) * static_cast<std::size_t>(model.classes),
                         0);
  if (samples.empty()) return claim;
  stop_if_wished(workers);
  const std::vector<float> logits = train::predict_logits(
      workers.comm, workers.pool, workers.table, dataset, samples, dataset.normalization(), model, layout,
      trained.parameters.span(), trained.statistics.span());
  // All ranks hold all logits, so all come to the same end.
  if (!std::ranges::all_of(logits, [](float value) { return std::isfinite(value); })) return std::nullopt;
  std::vector<std::int32_t> truth;
  for (const std::int32_t sample : samples)
    truth.push_back(dataset.labels()[static_cast<std::size_t>(sample)]);
  const train::Metrics metrics =
      comm::agree(workers.comm, "count", [&] { return train::score(model.classes, logits, truth); });
  claim.correct = metrics.correct;
  claim.samples = metrics.samples;
  claim.confusion = metrics.confusion.counts;
  return claim;
}

std::int64_t count_correct(Workers& workers, const data::Dataset& dataset,
                           const std::vector<std::int32_t>& samples, const nn::Model& model,
                           const nn::StateLayout& layout, const Model& trained) {
  const std::optional<Claim> counted = count_claim(workers, dataset, samples, model, layout, trained);
  return counted ? counted->correct : 0;
}

CandidateResult train_candidate(Workers& workers, const CandidateWork& work, const CandidateFiles& files,
                                const identity::SecretKey& key, const Upkeep& upkeep) {
  return Candidate(workers, work, files, key, upkeep).run();
}

}  // namespace cohort::round
