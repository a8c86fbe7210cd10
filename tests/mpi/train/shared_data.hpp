// What the tests of training under mpirun share: one data set on disk, and a few steps taken in one line.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>

#include "cohort/comm/communicator.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/train/step.hpp"
#include "support/tiny_run.hpp"

namespace cohort::tests {

/// A folder that all ranks see, with tiny.h5 in it; made and removed by the root.
class SharedData : public testing::Test {
 protected:
  SharedData()
      : comm_(comm::Communicator::world()),
        folder_(std::filesystem::temp_directory_path() /
                ("cohort-test-train-" + comm_.broadcast(std::to_string(::getpid())))) {
    if (comm_.is_root()) {
      std::filesystem::remove_all(folder_);
      std::filesystem::create_directories(folder_);
      write_tiny_data(folder_ / "tiny.h5");
    }
    wait_for_all();
    dataset_.emplace(data::Dataset::open(folder_ / "tiny.h5"));
  }
  ~SharedData() override {
    wait_for_all();
    std::error_code ignored;
    if (comm_.is_root()) std::filesystem::remove_all(folder_, ignored);
  }

  /// What any rank did before this, every rank sees after it.
  void wait_for_all() { comm_.sum(0); }

  comm::Communicator comm_;
  const std::filesystem::path folder_;
  std::optional<data::Dataset> dataset_;
};

/// A trainee with all that it refers to.
struct Training {
  Training(comm::Communicator& group, const data::Dataset& dataset, const train::Recipe& recipe,
           int threads = 1, std::string_view isa = "auto")
      : comm(group),
        full(train::resolved(recipe, dataset)),
        model(nn::build_model(full.model)),
        layout(nn::layout_state(model)),
        pool(threads),
        trainee(group, pool, kernels::exact_table(isa), dataset, model, layout, full) {}

  /// Takes steps from the initial values.
  Training& run(std::int64_t steps) {
    trainee.initialise();
    return go_on(steps);
  }
  Training& go_on(std::int64_t steps) {
    for (std::int64_t i = 0; i < steps; ++i) trainee.step();
    return *this;
  }
  /// The same text on every rank.
  std::string digest() {
    const train::FullState state = trainee.gather();
    return comm.broadcast(comm.is_root() ? to_hex(train::state_digest(layout, state)) : std::string());
  }

  comm::Communicator& comm;
  const train::Recipe full;
  const nn::Model model;
  const nn::StateLayout layout;
  train::WorkerPool pool;
  train::Trainee trainee;
};

}  // namespace cohort::tests
