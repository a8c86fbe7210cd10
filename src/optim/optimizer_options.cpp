#include <string>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/optim/optimizer.hpp"

namespace cohort::optim {

std::string_view name_of(OptimizerKind kind) {
  switch (kind) {
    case OptimizerKind::sgd:
      return "sgd";
    case OptimizerKind::adamw:
      return "adamw";
    case OptimizerKind::lars:
      return "lars";
  }
  return "";
}

std::vector<std::string_view> slot_names(OptimizerKind kind) {
  if (kind == OptimizerKind::adamw) return {"m", "v"};
  return {"momentum"};
}

void check_optimizer(const OptimizerOptions& options) {
  std::string problems;
  const auto check = [&](bool ok, const char* text) {
    if (!ok) problems += concat(problems.empty() ? "" : "; ", text);
  };
  const auto is_fraction = [](double value) { return value >= 0 && value < 1; };
  const bool has_momentum = options.kind != OptimizerKind::adamw;
  check(is_fraction(options.momentum), "momentum must lie in [0, 1)");
  check(!has_momentum || !options.nesterov || options.momentum > 0, "nesterov needs a momentum above 0");
  check(is_fraction(options.beta1) && is_fraction(options.beta2), "beta1 and beta2 must lie in [0, 1)");
  check(options.epsilon > 0, "epsilon must be above 0");
  check(options.weight_decay >= 0, "weight_decay cannot be negative");
  check(options.trust > 0, "trust must be above 0");
  check(options.clip_norm >= 0, "clip_norm cannot be negative (0 turns it off)");
  if (!problems.empty()) throw UsageError("optimizer: " + problems);
}

}  // namespace cohort::optim
