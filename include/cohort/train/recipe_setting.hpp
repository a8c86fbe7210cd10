// A recipe from text, key by key: the inverse of recipe_text.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cohort/train/options.hpp"

namespace cohort::train {

/// Every key of recipe_text, in its order (those that it leaves out where they are not set among them).
std::vector<std::string> recipe_keys();

/// The recipe key for a key or for the command line's short name ("lr", "weight-decay", "weight_decay").
/// Throws UsageError for anything else, with the nearest name.
std::string canonical_key(std::string_view name);

/// Sets one field. `key` is a canonical key, `value` text as recipe_text writes it (any spelling of a
/// number). Throws UsageError naming key, value and what is expected: the whole text must be a value in
/// range.
void apply_setting(Recipe& recipe, std::string_view key, std::string_view value);

/// The recipe of which recipe_text gives these pairs; their order is without effect. Throws UsageError with
/// all problems at once: values that apply_setting refuses, unknown keys, keys given twice or missing.
Recipe recipe_from_text(std::span<const std::pair<std::string, std::string>> pairs);

}  // namespace cohort::train
