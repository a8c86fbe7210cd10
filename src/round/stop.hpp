// How work that takes long ends before its time, alike on all ranks that do it together.
#pragma once

#include "cohort/comm/communicator.hpp"
#include "cohort/round/candidate.hpp"
#include "cohort/train/step.hpp"

namespace cohort::round {

/// A rank wished to stop: thrown by all ranks of its group at the same place. What was kept until there is
/// whole.
class Stopped : public comm::AgreedError {
 public:
  Stopped() : AgreedError("stopped on request", ExitCode::stopped_with_checkpoint) {}
};

/// Throws Stopped when any rank wishes to stop. Collective over workers.comm.
void stop_if_wished(Workers& workers);

/// One step, with this rank's wishes: to stop as the workers say, and to keep a state behind it. What any
/// rank wishes stands in the result, as the step's own message tells. Collective.
///
/// Throws  as train::Trainee::step.
train::StepResult step_with_wishes(Workers& workers, train::Trainee& trainee, bool wants_to_keep);

/// One step; whether any rank wishes to stop behind it. Collective.
///
/// Throws  as train::Trainee::step.
bool step_and_ask(Workers& workers, train::Trainee& trainee);

}  // namespace cohort::round
