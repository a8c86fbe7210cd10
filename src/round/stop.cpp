#include "round/stop.hpp"

namespace cohort::round {
namespace {

bool wishes(const Workers& workers) {
  return workers.wants_to_stop && workers.wants_to_stop();
}

}  // namespace

void stop_if_wished(Workers& workers) {
  if (workers.comm.max(wishes(workers) ? 1 : 0) > 0) throw Stopped();
}

train::StepResult step_with_wishes(Workers& workers, train::Trainee& trainee, bool wants_to_keep) {
  return trainee.step({wishes(workers), wants_to_keep});
}

bool step_and_ask(Workers& workers, train::Trainee& trainee) {
  return step_with_wishes(workers, trainee, false).wishes.stop;
}

}  // namespace cohort::round
