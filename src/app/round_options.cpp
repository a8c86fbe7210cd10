#include "round_options.hpp"

#include <algorithm>

#include "cohort/core/text.hpp"
#include "cohort/round/reward_files.hpp"
#include "train_options.hpp"

namespace cohort::app {
namespace {

void declare_course(OptionTable& table, RoundOptions& options) {
  table.begin_group("Rounds (candidates train, are audited and merged)");
  table.integer("rounds", "rounds", options.rounds, between(0, 1'000'000), "0 = one ordinary run");
  table.integer("candidates", "candidates", options.candidates, between(0, 100'000),
                "models in training, whatever the ranks; 0 = one for each value of the column");
  table.path("members", "members", "FILE", options.members,
             "a CSV of name, key and address of those who train elsewhere (cohort contribute): writes their "
             "task to --out and ends");
  table.integer("round-steps", "round_steps", options.task.round_steps, at_least(1),
                "training steps of a round");
  table.integer("link-steps", "link_steps", options.task.link_steps, at_least(1),
                "steps between two states that an audit can replay");
  table.word("schedule-spans", "schedule_spans", {"run", "round"}, options.spans,
             "what the learning rate's course covers");
  table.text("partition", "partition.rule", "RULE", options.data_rule,
             "shared, split (disjoint batches) or by:COLUMN (one candidate per site)");
  table.words(
      "partition-train", "partition.train", "N", options.sizes_train,
      "split: training images of a candidate, or below 1 a share of an even cut; one for all or one each",
      Literal::numbers);
  table.words("partition-validation", "partition.validation", "N", options.sizes_validation,
              "split: validation images of a candidate, in the same way", Literal::numbers);
}

void declare_exploration(OptionTable& table, RoundOptions& options) {
  explore::ExploreOptions& explore = options.task.explore;
  table.begin_group("Exploration");
  table.words("search", "explore.space", "'KEY = RANGE'", options.space,
              "'lr = log(1e-3, 3e-1)', linear(…), integer(…), choice(…); none = fixed parameters");
  table.word("proposer", "explore.proposer", explore::proposer_names(), explore.proposer,
             "how settings are proposed");
  table.integer("explore-seed", "explore.seed", explore.seed, at_least(0), "seed of the proposals");
  table.integer("grid-points", "explore.grid_points", explore.grid_points, between(1, 1000),
                "grid: points per dimension");
  table.number("explore-quantile", "explore.quantile", explore.quantile, fraction_below_one(),
               "population: share replaced by copies of the best");
  table.number("explore-resample", "explore.resample", explore.resample, Range{0, 1, false},
               "population: chance of a fresh draw");
  table.boolean("halving", "explore.halving", options.task.halving.is_on,
                "successive halving at round boundaries");
  table.integer("first-rung", "explore.first_rung", options.task.halving.first_rung, at_least(1),
                "halving: rounds before it");
  table.integer("halving-factor", "explore.factor", options.task.halving.factor, between(2, 1000),
                "halving: one in so many goes on");
}

void declare_merge(OptionTable& table, RoundOptions& options) {
  table.begin_group("Merge");
  table.word("merge", "merge.rule", {"best", "average", "soup", "none"}, options.merge_rule,
             "the next round's model");
  table.word("merge-weights", "merge.weights", {"samples", "uniform", "validation"}, options.merge_weights,
             "average: weights");
  table.word("merge-statistics", "merge.statistics", {"aggregate", "recompute"}, options.merge_statistics,
             "batch norm's running values: pooled, or counted anew");
  table.boolean("merge-gate", "merge.gate", options.task.merge.gate,
                "refuse a merge below the best member or the model before, on the common validation images");
}

void declare_audit(OptionTable& table, RoundOptions& options) {
  round::AuditRules& audit = options.task.audit;
  round::PoolRules& pool = options.task.pool;
  table.begin_group("Audit and rewards");
  table.word("evidence", "audit.evidence", {"replay", "claim", "hidden"}, options.evidence,
             "what an audit asks for");
  table.integer("audit-links", "audit.links", audit.links, at_least(0),
                "links replayed besides the first and last");
  table.integer("hidden-images", "audit.hidden_images", audit.hidden_images, at_least(0),
                "fresh hidden images for each round; 0 = equal parts");
  table
      .path("ledger", "audit.ledger", "FILE", options.ledger,
            "what is spent of the hidden set, one file for all runs that do; none = in the run folder")
      .assign = [&options](const std::vector<std::string>& values) {
    const std::string& file = values.front();  // kept whole: a run may be continued from another folder
    options.ledger = file.empty() ? std::filesystem::path() : std::filesystem::absolute(file);
  };
  table.integer("alpha", "audit.alpha_millionths", audit.alpha_millionths, between(1, 500'000),
                "chance in millionths that a round refutes an honest claim");
  table.number("largest-value", "audit.largest_value", audit.largest_value, above(0),
               "bound of every parameter");
  table.text("pool", "reward.pool", "N", pool.pool, "shared among members each round, a whole number");
  table.word("reward-rule", "reward.rule", {"lower-bound", "plain", "rank", "shapley", "micro-batches"},
             pool.rule, "what members are weighed by");
  table.integer(
      "contributors", "reward.contributors", options.contributors, between(0, 100'000),
      "of one candidate, paid by their micro-batches: so many with even parts of each step; 0 = none");
  table.integer("reward-gamma", "reward.gamma", pool.gamma, between(1, 2),
                "lower-bound: 2 gives the better more");
  table.text("unproven-rate", "reward.unproven_rate", "FRACTION", options.unproven_rate,
             "weight without replay");
  table.boolean("demonstration", "reward.demonstration", pool.is_demonstration,
                "shares are for show: allows fewer than 400 hidden images a round");
}

std::vector<double> sizes(const std::vector<std::string>& words, std::string_view what) {
  std::vector<double> values;
  for (const std::string& word : words) {
    const auto value = parse_double(word);
    if (!value) throw UsageError(concat(what, ": expected a number, got '", word, "'"));
    values.push_back(*value);
  }
  return values;
}

data::PartitionOptions partition_of(const RoundOptions& options) {
  data::PartitionOptions partition;
  if (options.data_rule == "split")
    partition.rule = data::PartitionRule::split;
  else if (options.data_rule.starts_with("by:") && options.data_rule.size() > 3) {
    partition.rule = data::PartitionRule::by_column;
    partition.column = options.data_rule.substr(3);
  } else if (options.data_rule != "shared")
    throw UsageError(
        concat("partition.rule: expected shared, split or by:COLUMN, got '", options.data_rule, "'"));
  partition.train = sizes(options.sizes_train, "partition.train");
  partition.validation = sizes(options.sizes_validation, "partition.validation");
  return partition;
}

std::vector<std::pair<std::string, std::string>> space_of(const std::vector<std::string>& entries) {
  std::vector<std::pair<std::string, std::string>> space;
  for (const std::string& entry : entries) {
    const std::size_t sign = entry.find('=');
    if (sign == std::string::npos)
      throw UsageError(concat("explore.space: expected 'KEY = RANGE', got '", entry, "'"));
    space.emplace_back(trim(entry.substr(0, sign)), trim(entry.substr(sign + 1)));
  }
  return space;
}

/// Of the options whose fields have another value by now than when they were declared.
std::vector<std::string> changed_keys(const OptionTable& table) {
  std::vector<std::string> keys;
  for (const Option& option : table.options())
    if (option.toml && option.toml() != option.default_text) keys.push_back(option.key);
  return keys;
}

}  // namespace

void declare_rounds(OptionTable& table, RoundOptions& options) {
  declare_course(table, options);
  declare_exploration(table, options);
  declare_merge(table, options);
  declare_audit(table, options);
}

std::string keys_of_rounds(const RoundOptions& options) {
  RoundOptions present;
  OptionTable table;
  declare_rounds(table, present);  // remembers the defaults
  present = options;
  return joined(changed_keys(table), ", ");
}

std::string keys_without_rounds(const train::Job& job) {
  train::Job present;
  OptionTable table;
  declare_job(table, present);  // remembers the defaults
  present = job;
  std::vector<std::string> keys = changed_keys(table);
  std::erase_if(keys, [](const std::string& key) {
    return key != "validate_every_epochs" && key != "select_metric" && key != "epochs" && key != "max_steps";
  });
  return joined(keys, ", ");
}

round::Task task_rules(const RoundOptions& options) {
  round::Task task = options.task;
  task.rounds = options.rounds;
  task.schedule_spans_run = options.spans == "run";
  task.partition = partition_of(options);
  task.search = space_of(options.space);
  task.contributors.resize(static_cast<std::size_t>(options.contributors));
  task.merge.rule = round::merge_rule_from_name(options.merge_rule);
  task.merge.weights = round::merge_weights_from_name(options.merge_weights);
  task.merge.statistics = round::statistics_policy_from_name(options.merge_statistics);
  task.audit.evidence = round::evidence_from_name(options.evidence);
  try {
    const round::Fraction rate = round::fraction_from_text(options.unproven_rate);
    task.pool.unproven_numerator = rate.numerator;
    task.pool.unproven_denominator = rate.denominator;
  } catch (const DataError& e) {
    throw UsageError(concat("reward.unproven_rate: ", e.what()));
  }
  return task;
}

}  // namespace cohort::app
