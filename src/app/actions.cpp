#include "actions.hpp"

namespace cohort::app {

std::vector<Action> submission_actions() {
  return {
      {"keygen", "", "Makes a member's secret key, and prints the line of it that is public.",
       "cohort submission keygen --out site-a.key"},
      {"create", "CHECKPOINT", "Signs a trained model and what it claims, for a round of a task.",
       "cohort submission create own/checkpoints/last.h5 --task task.json --key site-a.key --member site-a "
       "--round 1 --claim counted/metrics.json --out site-a.h5"},
      {"open", "FILE", "Shows what a submission says, or hands out the states that a replay starts from.",
       "cohort submission open site-a.h5 --task task.json"},
      {"encode", "FILE", "Writes a submission as one line of text.",
       "cohort submission encode site-a.h5 --task task.json --out site-a.txt"},
      {"decode", "FILE|-", "Makes the same submission out of such a line.",
       "cohort submission decode site-a.txt --task task.json --out again.h5"}};
}

std::vector<Action> reward_actions() {
  return {
      {"share", "AUDIT.json", "Shares a pool by what an audit counted; meant where no action is named.",
       "cohort reward share audited/audit.json --pool 1000000 --out shares"},
      {"verify", "DIR", "Computes a round's shares again, and says whether its files follow from the audit.",
       "cohort reward verify runs/speed/rounds/001"},
      {"proof", "PAYOUT.json ADDRESS", "Prints what a claimant hands to the contract.",
       "cohort reward proof runs/speed/rounds/001/payout.json 0x52908400098527886E0F7030069857D2E4169EE7"},
      {"settle", "RUN", "Folds a run's rounds into its members' stakes and records.",
       "cohort reward settle runs/speed --stake 1000 --standing standing.json"}};
}

}  // namespace cohort::app
