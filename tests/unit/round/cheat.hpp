// A candidate's round done by hand, honestly or with one link of other training, everything signed and
// chained as it should be.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "cohort/core/numerics.hpp"
#include "cohort/identity/commitment.hpp"
#include "tiny_round.hpp"

namespace cohort::round {

/// What is done in one link instead of the assigned training.
struct Cheat {
  std::int64_t link = 0;  ///< 0 = honest
  std::function<void(train::Recipe&)> change = [](train::Recipe&) {};
};

inline train::FullState train_link(TinyRound& tiny, std::size_t i, const train::Recipe& recipe,
                                   const train::FullState& start, std::int64_t until) {
  Workers workers = tiny.workers();
  const data::Dataset view = data::view_of(tiny.dataset, tiny.partition.parts.at(i));
  train::Trainee trainee(workers.comm, workers.pool, workers.table, view, tiny.model, tiny.layout, recipe);
  trainee.restore(start);
  while (trainee.steps_done() < until) trainee.step();
  return trainee.gather();
}

/// The chain over given states, under the candidate's key and seed.
inline std::vector<ChainLink> chained(const TinyRound& tiny, std::size_t i,
                                      const std::vector<std::pair<std::int64_t, Digest>>& states) {
  const Digest round = identity::round_digest(task_digest(tiny.task), 1);
  const identity::PublicKey key = tiny.task.members.at(i).key;
  std::vector<ChainLink> chain;
  for (const auto& [step, state] : states)
    chain.push_back(
        {step, state,
         chain.empty()
             ? chain_start(
                   round, key, identity::identity_seed(round, key, tiny.task.registration_beacon),
                   model_digest(tiny.layout, tiny.parent.parameters.span(), tiny.parent.statistics.span()),
                   state)
             : chain_next(chain.back().chain, step, state)});
  return chain;
}

/// Fills in what follows from a model and its chain: digests and a true claim.
inline Submission around(TinyRound& tiny, std::size_t i, const Model& trained, std::vector<ChainLink> chain) {
  Workers workers = tiny.workers();
  Submission submission;
  submission.parameters = copy_of(trained.parameters.span());
  submission.statistics = copy_of(trained.statistics.span());
  SubmissionHeader& header = submission.header;
  header.numerics_version = kNumericsVersion;
  header.task = task_digest(tiny.task);
  header.round = 1;
  header.member = tiny.task.members.at(i).name;
  header.key = tiny.task.members.at(i).key;
  header.parent = model_digest(tiny.layout, tiny.parent.parameters.span(), tiny.parent.statistics.span());
  header.model = model_digest(tiny.layout, trained.parameters.span(), trained.statistics.span());
  header.claim = count_claim(workers, tiny.dataset, tiny.partition.parts.at(i).validation, tiny.model,
                             tiny.layout, trained)
                     .value();
  header.recipe = train::recipe_text(work_recipe(tiny.work(i)));
  header.chain = std::move(chain);
  return submission;
}

/// Trains link by link and keeps the states where the candidate would.
inline Submission done_by_hand(TinyRound& tiny, std::size_t i, const Cheat& cheat = {}) {
  const train::Recipe recipe = work_recipe(tiny.work(i));
  train::FullState state = starting_state(recipe, tiny.parent);
  std::vector<std::pair<std::int64_t, Digest>> states{{0, train::state_digest(tiny.layout, state)}};
  for (std::int64_t link = 1; link <= kTinyLinks; ++link) {
    train::Recipe used = recipe;
    if (link == cheat.link) cheat.change(used);
    state = train_link(tiny, i, used, state, link * kTinyLinkSteps);
    states.emplace_back(state.step, train::state_digest(tiny.layout, state));
    save_link(tiny.files(i).links, tiny.layout, state, states.back().second);
  }
  return around(tiny, i, {copy_of(state.parameters.span()), copy_of(state.statistics.span())},
                chained(tiny, i, states));
}

}  // namespace cohort::round
