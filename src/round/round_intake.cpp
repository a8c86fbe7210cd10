// A round of members in other houses, before its closing: what they hand in, and whether it can be closed.
#include <algorithm>
#include <filesystem>

#include "cohort/core/text.hpp"
#include "cohort/core/words.hpp"
#include "cohort/round/candidate.hpp"
#include "cohort/round/intake.hpp"
#include "round/round_run.hpp"

namespace cohort::round {

namespace fs = std::filesystem;

/// On the root, which holds the folder. Once a round's closing has begun, what is examined is fixed: what
/// came later would change which links and hidden images are chosen, for all.
void RoundRun::open_to_members(std::int64_t round) {
  const bool is_closed = round > std::min(coordinator_.last_round, task_.rounds);
  const bool is_begun = !is_closed && fs::exists(paths_.assignments(round));
  // What is there already may be named again: the command that was interrupted is repeated as it was.
  for (const HandedIn& given : coordinator_.handed_in)
    if ((is_closed || is_begun) && !was_taken_in(paths_, is_closed ? coordinator_.last_round : round, given))
      throw UsageError(concat(given.member, ": ",
                              is_closed ? std::string("the round is closed")
                                        : concat("the closing of round ", round, " has begun"),
                              ", nothing is taken in any more"));
  if (is_closed || is_begun) return;
  take_in_all(round);
  const std::vector<std::string> missing = members_without_submission(round);
  if (missing.size() == task_.members.size())
    throw DataError(concat("nobody has handed anything in for round ", round,
                           "; take in what members have sent with --take NAME=PATH"));
  if (missing.empty() || coordinator_.closes_without_all) return;
  stays_open_ = true;
  log_.info(concat("round ", round, " stays open: ", joined(missing, ", "),
                   missing.size() == 1 ? " has" : " have", " handed nothing in; --close closes it without"));
  status_->end(status("waiting", round));
}

void RoundRun::take_in_all(std::int64_t round) {
  const Model first = initial_model(layout_, task_.recipe.seed);
  const Digest parent = start_.records.empty()
                            ? model_digest(layout_, first.parameters.span(), first.statistics.span())
                            : start_.records.back().model;
  const Intake intake{paths_, task_, layout_, dataset_, partition_, round, parent};
  std::vector<std::string> problems;
  for (const HandedIn& given : coordinator_.handed_in)
    for (std::string& problem : intake_problems(intake, given)) problems.push_back(std::move(problem));
  if (!problems.empty())
    throw DataError(concat("nothing was taken in, round ", round, " stays open: ", joined(problems, "; ")));
  for (const HandedIn& given : coordinator_.handed_in) {
    const std::int64_t states = take_in(intake, given);
    log_.info(concat("took   ", given.member, "'s submission",
                     states > 0 ? concat(" and ", counted(states, "state")) : std::string()));
  }
}

std::vector<std::string> RoundRun::members_without_submission(std::int64_t round) const {
  std::vector<std::string> missing;
  for (const Member& member : task_.members)
    if (!fs::exists(fs::symlink_status(paths_.candidate(round, member.name).submission)))
      missing.push_back(member.name);
  return missing;
}

}  // namespace cohort::round
