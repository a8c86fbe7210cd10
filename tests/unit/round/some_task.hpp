// Tasks that nobody trains: for tests of what a task says.
#pragma once

#include "cohort/core/numerics.hpp"
#include "cohort/round/task.hpp"
#include "support/tiny_run.hpp"

namespace cohort::round {

/// A task that uses everything.
inline Task some_task() {
  Task task;
  task.numerics_version = kNumericsVersion;
  task.recipe = tests::tiny_job().recipe;
  task.recipe.model.classes = 3;
  task.recipe.model.input = {3, 20, 20};
  task.rounds = 2;
  task.round_steps = 12;
  task.link_steps = 5;
  task.partition = {data::PartitionRule::by_column, "site", {10, 20}, {0.25}, 3};
  task.search = {{"lr", "log(1e-3, 3e-1)"}, {"optimizer.name", "choice(sgd, adamw)"}};
  task.explore = {"gp", 5, 4, 0.25, 0.5};
  task.halving = {true, 2, 4};
  task.merge = {MergeRule::soup, MergeWeights::validation, StatisticsPolicy::recompute, false};
  task.audit = {Evidence::hidden, 3, 450, 20'000, 1e5};
  task.pool = {"123456789012345678901234567890", "plain", 1, 2, 3, false};
  task.classes = {"akiec", "bcc", "nv"};
  task.dataset = sha256("dataset");
  task.hidden = sha256("hidden");
  task.partition_root = sha256("partition");
  task.secret_commitment = sha256("secret");
  task.registration_beacon = sha256("registration");
  task.members = {{"device-01", sha256("key 1"), "0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359"},
                  {"Zürich \"Süd\"", sha256("key 2"), ""}};
  return task;
}

/// A task that uses nothing that it need not.
inline Task plain_task() {
  Task task;
  task.numerics_version = kNumericsVersion;
  task.recipe = tests::tiny_job().recipe;
  task.recipe.model.classes = 2;
  task.recipe.model.input = {3, 20, 20};
  task.classes = {"benign", "melanoma"};
  task.members = {{"device-01", sha256("key 1"), ""}};
  return task;
}

}  // namespace cohort::round
