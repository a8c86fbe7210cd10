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

bool step_and_ask(Workers& workers, train::Trainee& trainee) {
  return trainee.step({wishes(workers), false}).wishes.stop;
}

}  // namespace cohort::round
