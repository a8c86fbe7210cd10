// The folder of a run of one round that is not done, audited from its files.
#pragma once

#include <gmock/gmock.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "cheat.hpp"
#include "cohort/round/filed_round.hpp"
#include "cohort/round/hidden_set.hpp"
#include "cohort/store/atomic_file.hpp"

namespace cohort::round {

/// A run folder before its first record: the task, what was handed in, and the hidden images taken.
class FiledRoundTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    Task rules = tiny_task();
    rules.audit.links = 0;
    shared_ = std::make_unique<TinyRound>("filed", rules);
    shared_->parent = initial_model(shared_->layout, shared_->task.recipe.seed);
    for (std::size_t i = 0; i < 3; ++i) ASSERT_EQ(shared_->train(i).state, CandidateState::submitted);
    rules_ = shared_->task;
    std::filesystem::rename(shared_->folder("run"), shared_->folder("clean"));
  }
  static void TearDownTestSuite() { shared_.reset(); }

  void SetUp() override {
    tiny_.task = rules_;
    std::filesystem::remove_all(run_);
    std::filesystem::copy(tiny_.folder("clean"), run_, std::filesystem::copy_options::recursive);
    write_task(to_json(tiny_.task));
  }
  void write_task(const Json& task) const { store::write_text_atomically(paths_.task(), task.dump() + "\n"); }
  /// Counts are all that is asked for.
  void ask_for_claims() const {
    tiny_.task.audit.evidence = Evidence::claim;
    tiny_.task.pool.pool.clear();
    write_task(to_json(tiny_.task));
  }
  void take_hidden() const {
    HiddenLedger(paths_.ledger(), tiny_.hidden).take(task_digest(tiny_.task), 1, 30, sha256("seed"));
  }
  FiledRound filed(const data::Dataset* hidden) const { return {run_, 1, tiny_.dataset, hidden}; }
  FiledAudit audit(const FiledRound& round, const std::optional<ForeignSubmission>& foreign = {}) const {
    Workers workers = tiny_.workers();
    return round.audit(workers, foreign);
  }

  static inline std::unique_ptr<TinyRound> shared_;
  static inline Task rules_;
  TinyRound& tiny_ = *shared_;
  const std::filesystem::path run_ = tiny_.folder("run");
  const RoundPaths paths_{run_};
};

}  // namespace cohort::round
