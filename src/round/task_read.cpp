// A task from its text: everything that is wrong with it at once.
#include <algorithm>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/store/parsed_text.hpp"
#include "cohort/train/recipe_setting.hpp"
#include "round/json_fields.hpp"
#include "round/task_problems.hpp"
#include "round/task_text.hpp"

namespace cohort::round {
namespace {

constexpr std::size_t kMostMembers = 1'000'000;

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairs_of(const Json& json) {
  Pairs pairs;
  for (const auto& [key, value] : json.as_object()) pairs.emplace_back(key, value.as_string());
  return pairs;
}

data::PartitionRule partition_rule_from_name(const std::string& name) {
  for (const auto rule :
       {data::PartitionRule::shared, data::PartitionRule::split, data::PartitionRule::by_column})
    if (name_of(rule) == name) return rule;
  throw DataError(concat("unknown rule '", name, "'; known are shared, split, by_column"));
}

data::PartitionOptions partition_of(const Json& json, ProblemList& problems) {
  data::PartitionOptions options;
  Fields fields(json, "partition", problems);
  fields.required("rule", into(options.rule, partition_rule_from_name));
  fields.required("column", into(options.column));
  fields.required("train", into(options.train));
  fields.required("validation", into(options.validation));
  fields.required("seed", into(options.seed));
  fields.finish();
  return options;
}

void read_explore(const Json& json, Task& task, ProblemList& problems) {
  Fields fields(json, "explore", problems);
  fields.required("space", [&](const Json& space) { task.search = pairs_of(space); });
  fields.required("proposer", into(task.explore.proposer));
  fields.required("seed", into(task.explore.seed));
  fields.required("grid_points", into(task.explore.grid_points));
  fields.required("quantile", into(task.explore.quantile));
  fields.required("resample", into(task.explore.resample));
  fields.required("halving", into(task.halving.is_on));
  fields.required("first_rung", into(task.halving.first_rung));
  fields.required("factor", into(task.halving.factor));
  fields.finish();
}

MergeOptions merge_of(const Json& json, ProblemList& problems) {
  MergeOptions options;
  Fields fields(json, "merge", problems);
  fields.required("rule", into(options.rule, merge_rule_from_name));
  fields.required("weights", into(options.weights, merge_weights_from_name));
  fields.required("statistics", into(options.statistics, statistics_policy_from_name));
  fields.required("gate", into(options.gate));
  fields.finish();
  return options;
}

AuditRules audit_of(const Json& json, ProblemList& problems) {
  AuditRules rules;
  Fields fields(json, "audit", problems);
  fields.required("evidence", into(rules.evidence, evidence_from_name));
  fields.required("links", into(rules.links));
  fields.required("hidden_images", into(rules.hidden_images));
  fields.required("alpha_millionths", into(rules.alpha_millionths));
  fields.required("largest_value", into(rules.largest_value));
  fields.finish();
  return rules;
}

void read_rate(const Json& json, PoolRules& rules) {
  const std::vector<std::string> rate = split(json.as_string(), '/');
  const auto numerator = parse_int(rate.front()), denominator = parse_int(rate.back());
  if (rate.size() != 2 || !numerator || !denominator) throw DataError("not a fraction");
  rules.unproven_numerator = *numerator;
  rules.unproven_denominator = *denominator;
}

PoolRules pool_of(const Json& json, ProblemList& problems) {
  PoolRules rules;
  Fields fields(json, "pool", problems);
  fields.required("amount", into(rules.pool));
  fields.required("rule", into(rules.rule));
  fields.required("gamma", [&](const Json& gamma) {
    rules.gamma = static_cast<int>(std::clamp<std::int64_t>(gamma.as_int(), 0, 100));
  });
  fields.required("unproven_rate", [&](const Json& rate) { read_rate(rate, rules); });
  fields.required("demonstration", into(rules.is_demonstration));
  fields.finish();
  return rules;
}

void read_member(Fields& fields, Member& member) {
  fields.required("name", into(member.name));
  fields.required("key",
                  [&](const Json& key) { member.key = identity::public_key_from_hex(key.as_string()); });
  fields.required("address", into(member.address));
}

/// `read` fills one element from its fields.
template <typename Element, typename Read>
std::vector<Element> list_of(const Json& json, std::string_view name, ProblemList& problems,
                             const Read& read) {
  std::vector<Element> list;
  if (json.as_array().size() > kMostMembers) throw DataError("too many");
  for (const Json& json_element : json.as_array()) {
    Element element;
    Fields fields(json_element, concat(name, "[", list.size(), "]"), problems);
    read(fields, element);
    fields.finish();
    list.push_back(std::move(element));
  }
  return list;
}

void read_contributor(Fields& fields, Contributor& contributor) {
  read_member(fields, contributor.member);
  fields.required("micro_batches", into(contributor.micro_batches));
}

}  // namespace

Task task_from_json(const Json& json) {
  if (!json.is_object() || !json.contains("schema") || json.at("schema").as_string() != kTaskSchema)
    throw DataError(concat("not a task of ours (schema ", kTaskSchema, ")"));
  Task task;
  ProblemList problems("task");
  Fields fields(json, "", problems);
  fields.required("schema", [](const Json&) {});
  fields.required("numerics_version", [&](const Json& version) {
    task.numerics_version = static_cast<int>(std::clamp<std::int64_t>(version.as_int(), 0, 1 << 30));
  });
  fields.required("rounds", into(task.rounds));
  fields.required("round_steps", into(task.round_steps));
  fields.required("link_steps", into(task.link_steps));
  fields.required("schedule_spans_run", into(task.schedule_spans_run));
  fields.required("recipe",
                  [&](const Json& recipe) { task.recipe = train::recipe_from_text(pairs_of(recipe)); });
  fields.required("classes", [&](const Json& classes) {
    for (const Json& name : classes.as_array()) task.classes.push_back(name.as_string());
  });
  fields.required("partition", [&](const Json& part) { task.partition = partition_of(part, problems); });
  fields.required("explore", [&](const Json& part) { read_explore(part, task, problems); });
  fields.required("merge", [&](const Json& part) { task.merge = merge_of(part, problems); });
  fields.required("audit", [&](const Json& part) { task.audit = audit_of(part, problems); });
  fields.required("pool", [&](const Json& part) { task.pool = pool_of(part, problems); });
  fields.required("dataset", into(task.dataset));
  fields.required("hidden", into(task.hidden));
  fields.required("partition_root", into(task.partition_root));
  fields.required("secret_commitment", into(task.secret_commitment));
  fields.required("registration_beacon", into(task.registration_beacon));
  fields.required("members", [&](const Json& part) {
    task.members = list_of<Member>(part, "members", problems, read_member);
  });
  fields.optional("contributors", [&](const Json& part) {
    task.contributors = list_of<Contributor>(part, "contributors", problems, read_contributor);
  });
  fields.finish();
  problems.refuse();  // what could not be read has no bounds
  for (std::string& problem : rule_problems(task)) problems.add(std::move(problem));
  problems.refuse();
  return task;
}

Task read_task(const std::filesystem::path& path) {
  return store::parsed_json(path, task_from_json);
}

}  // namespace cohort::round
