#include "actions.hpp"
#include "cohort/core/text.hpp"
#include "command.hpp"

namespace cohort::app {

const std::vector<Subcommand>& subcommands() {
  static const std::vector<Subcommand> all{
      {"synth", "synth --out DIR [options]", "Draws a sample of skin lesions with masks and labels.",
       "cohort synth --out sample --seed 0", false, false, false, make_synth},
      {"import", "import SOURCE --out FILE.h5 [options]",
       "Packs a folder or CSV of labelled images into one file: checked, resized, split by patient and "
       "lesion.",
       "cohort import ham10000/HAM10000_metadata.csv --out ham.h5 --size 64", false, false, false,
       make_import},
      {"train", "train [JOB.toml] --data FILE.h5 --out DIR [options]",
       "Trains a classifier, or continues where the same command stopped.",
       "mpirun -n 4 cohort train jobs/ham10000-28.toml --data ham.h5 --out runs/ham --lr 0.05", true, true,
       true, make_train},
      {"evaluate", "evaluate RUN|CHECKPOINT [--data FILE.h5] [options]",
       "Scores a trained model on images that it was not trained on.",
       "mpirun -n 4 cohort evaluate runs/ham --split test --out runs/ham/test", true, false, false,
       make_evaluate},
      {"predict", "predict RUN|CHECKPOINT IMAGE|DIR... [options]", "Classifies image files.",
       "cohort predict runs/ham photo.jpg", true, false, false, make_predict},
      {"inspect", "inspect FILE|RUN [options]", "Says what a checkpoint or packed data set holds.",
       "cohort inspect runs/ham/checkpoints/last.h5 --digest", false, false, false, make_inspect},
      {"contribute", "contribute TASK.json --member NAME --key FILE --data FILE.h5 --out DIR [options]",
       "Trains one member's part of a round in its own house, ready to be handed in.",
       "mpirun -n 4 cohort contribute task.json --member site-a --key site-a.key --data sample.h5 --out mine",
       true, true, false, make_contribute},
      {"coordinate", "coordinate RUN --round N [--take NAME=PATH...] [options]",
       "Takes in what members trained elsewhere, and closes their round: audit, merge, shares.",
       "cohort coordinate fed --round 1 --take site-a=inbox/site-a --take site-b=inbox/site-b", true, true,
       false, make_coordinate},
      {"submission", "submission create|open|encode|decode|keygen [FILE] [options]",
       "Makes, shows and carries contributions to a round; believes nothing that a stranger's file says.",
       "cohort submission open device-03.h5 --task task.json", false, false, false, make_submission, false,
       submission_actions()},
      {"audit",
       "audit RUN --round N [--submission FILE --member NAME [--parent MODEL.h5]] [--against FILE] [options]",
       "Examines what was handed in to a round, or settles a dispute about it, from its files alone.",
       "cohort audit runs/speed --round 1 --out again", false, false, false, make_audit},
      {"merge",
       "merge RUN --round N --out MODEL.h5 | SUBMISSION.h5... --task TASK.json --data FILE.h5 --out MODEL.h5 "
       "[options]",
       "Merges what a round accepted into the next round's model, or submissions from files alone.",
       "cohort merge runs/speed --round 1 --out merged.h5", false, false, false, make_merge},
      {"reward", "reward [share] AUDIT.json | verify DIR | proof PAYOUT.json ADDRESS | settle RUN [options]",
       "Shares a round's pool by audited counts, checks such shares, and keeps members' stakes and records.",
       "cohort reward verify runs/speed/rounds/001", false, false, false, make_reward, false,
       reward_actions(), "share"},
      {"status", "status RUN [options]", "Says how far a run is, or waits until a score is reached.",
       "cohort status runs/ham --wait-for 'balanced_accuracy>=0.8' --timeout 1h", false, false, false,
       make_status},
      {"checks", "checks [options]", "Shows versions, processors and limits: paste it into an issue.",
       "cohort checks", false, false, false, make_checks, true},
  };
  return all;
}

void expect_arguments(std::span<const std::string> arguments, std::size_t least, std::size_t most,
                      const std::string& what) {
  if (arguments.size() < least) throw UsageError(concat("expected ", what, "; see --help"));
  if (arguments.size() > most)
    throw UsageError(concat("unexpected argument '", arguments[most], "'; expected ",
                            most == 0 ? std::string("only options") : what));
}

}  // namespace cohort::app
