#include <limits>
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
  // Steps compute in float, so it is the float that must be in range.
  using Float = std::numeric_limits<float>;
  const auto is_fraction = [](double value) {
    return value >= 0 && value < 1 && static_cast<float>(value) < 1;
  };
  const auto is_finite = [](double value) { return value <= double{Float::max()}; };
  const bool has_momentum = options.kind != OptimizerKind::adamw;
  check(is_fraction(options.momentum), "momentum must lie in [0, 1), also as a float");
  check(!has_momentum || !options.nesterov || options.momentum > 0, "nesterov needs a momentum above 0");
  check(is_fraction(options.beta1) && is_fraction(options.beta2),
        "beta1 and beta2 must lie in [0, 1), also as floats");
  // A smaller one is 0 or subnormal as a float: a gradient of 0 would be divided by 0.
  check(is_finite(options.epsilon) && static_cast<float>(options.epsilon) >= Float::min(),
        "epsilon must be a float of at least 1.18e-38 (the smallest normal one), up to 3.4e38");
  check(options.weight_decay >= 0 && is_finite(options.weight_decay),
        "weight_decay must be a float from 0 to 3.4e38");
  check(options.trust > 0 && is_finite(options.trust), "trust must be above 0 and up to 3.4e38");
  check(options.clip_norm >= 0, "clip_norm cannot be negative (0 turns it off)");
  if (!problems.empty()) throw UsageError("optimizer: " + problems);
}

}  // namespace cohort::optim
