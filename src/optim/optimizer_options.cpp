#include <array>
#include <string>
#include <utility>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/optim/optimizer.hpp"

namespace cohort::optim {
namespace {

constexpr std::array<std::pair<OptimizerKind, const char*>, 3> kNames{
    {{OptimizerKind::sgd, "sgd"}, {OptimizerKind::adamw, "adamw"}, {OptimizerKind::lars, "lars"}}};

}  // namespace

OptimizerKind optimizer_from_name(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& [kind, text] : kNames) {
    if (name == text) return kind;
    names.emplace_back(text);
  }
  const auto near = nearest_name(name, names);
  throw UsageError(concat("optimizer: there is no '", name, "'",
                          near ? concat("; did you mean '", *near, "'?") : std::string(),
                          " (known: sgd, adamw, lars)"));
}

std::string_view name_of(OptimizerKind kind) {
  for (const auto& [each, text] : kNames) {
    if (each == kind) return text;
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
