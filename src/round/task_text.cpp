// A task as JSON and back. One spelling: the text is what its digest covers.
#include <algorithm>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/task.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/train/recipe_setting.hpp"

namespace cohort::round {
namespace {

constexpr const char* kSchema = "cohort.task/1";
constexpr std::size_t kMostMembers = 1'000'000;

using Pairs = std::vector<std::pair<std::string, std::string>>;

Json object_of(const Pairs& pairs) {
  Json json = Json::object();
  for (const auto& [key, value] : pairs) json.set(key, value);
  return json;
}

Pairs pairs_of(const Json& json) {
  Pairs pairs;
  for (const auto& [key, value] : json.as_object()) pairs.emplace_back(key, value.as_string());
  return pairs;
}

Json numbers(const std::vector<double>& values) {
  Json json = Json::array();
  for (const double value : values) json.push(value);
  return json;
}

std::vector<double> numbers_of(const Json& json) {
  std::vector<double> values;
  for (const Json& value : json.as_array()) values.push_back(value.as_double());
  return values;
}

std::string_view name_of(data::PartitionRule rule) {
  return rule == data::PartitionRule::shared  ? "shared"
         : rule == data::PartitionRule::split ? "split"
                                              : "by_column";
}

data::PartitionRule partition_rule_from_name(const std::string& name) {
  for (const auto rule :
       {data::PartitionRule::shared, data::PartitionRule::split, data::PartitionRule::by_column})
    if (name_of(rule) == name) return rule;
  throw DataError(concat("task: unknown partition rule '", name, "'"));
}

Json partition_json(const data::PartitionOptions& options) {
  return Json::object()
      .set("rule", name_of(options.rule))
      .set("column", options.column)
      .set("train", numbers(options.train))
      .set("validation", numbers(options.validation))
      .set("seed", options.seed);
}

data::PartitionOptions partition_of(const Json& json) {
  return {partition_rule_from_name(json.at("rule").as_string()), json.at("column").as_string(),
          numbers_of(json.at("train")), numbers_of(json.at("validation")), json.at("seed").as_uint()};
}

Json explore_json(const Task& task) {
  return Json::object()
      .set("space", object_of(task.search))
      .set("proposer", task.explore.proposer)
      .set("seed", task.explore.seed)
      .set("grid_points", task.explore.grid_points)
      .set("quantile", task.explore.quantile)
      .set("resample", task.explore.resample)
      .set("halving", task.halving.is_on)
      .set("first_rung", task.halving.first_rung)
      .set("factor", task.halving.factor);
}

void read_explore(const Json& json, Task& task) {
  task.search = pairs_of(json.at("space"));
  task.explore = {json.at("proposer").as_string(), json.at("seed").as_uint(), json.at("grid_points").as_int(),
                  json.at("quantile").as_double(), json.at("resample").as_double()};
  task.halving = {json.at("halving").as_bool(), json.at("first_rung").as_int(), json.at("factor").as_int()};
}

Json merge_json(const MergeOptions& options) {
  return Json::object()
      .set("rule", name_of(options.rule))
      .set("weights", name_of(options.weights))
      .set("statistics", name_of(options.statistics))
      .set("gate", options.gate);
}

MergeOptions merge_of(const Json& json) {
  return {merge_rule_from_name(json.at("rule").as_string()),
          merge_weights_from_name(json.at("weights").as_string()),
          statistics_policy_from_name(json.at("statistics").as_string()), json.at("gate").as_bool()};
}

Json audit_json(const AuditRules& rules) {
  return Json::object()
      .set("evidence", name_of(rules.evidence))
      .set("links", rules.links)
      .set("hidden_images", rules.hidden_images)
      .set("alpha_millionths", rules.alpha_millionths)
      .set("largest_value", rules.largest_value);
}

AuditRules audit_of(const Json& json) {
  return {evidence_from_name(json.at("evidence").as_string()), json.at("links").as_int(),
          json.at("hidden_images").as_int(), json.at("alpha_millionths").as_int(),
          json.at("largest_value").as_double()};
}

Json pool_json(const PoolRules& rules) {
  return Json::object()
      .set("amount", rules.pool)
      .set("rule", rules.rule)
      .set("gamma", rules.gamma)
      .set("unproven_rate", concat(rules.unproven_numerator, "/", rules.unproven_denominator))
      .set("demonstration", rules.is_demonstration);
}

PoolRules pool_of(const Json& json) {
  PoolRules rules;
  rules.pool = json.at("amount").as_string();
  rules.rule = json.at("rule").as_string();
  rules.gamma = static_cast<int>(std::clamp<std::int64_t>(json.at("gamma").as_int(), 0, 100));
  const std::vector<std::string> rate = split(json.at("unproven_rate").as_string(), '/');
  const auto numerator = parse_int(rate.front()), denominator = parse_int(rate.back());
  if (rate.size() != 2 || !numerator || !denominator)
    throw DataError("task: unproven_rate is not a fraction");
  rules.unproven_numerator = *numerator;
  rules.unproven_denominator = *denominator;
  rules.is_demonstration = json.at("demonstration").as_bool();
  return rules;
}

Json members_json(const std::vector<Member>& members) {
  Json json = Json::array();
  for (const Member& member : members)
    json.push(Json::object()
                  .set("name", member.name)
                  .set("key", to_hex(member.key))
                  .set("address", member.address));
  return json;
}

std::vector<Member> members_of(const Json& json) {
  std::vector<Member> members;
  if (json.as_array().size() > kMostMembers) throw DataError("task: too many members");
  for (const Json& member : json.as_array())
    members.push_back({member.at("name").as_string(),
                       identity::public_key_from_hex(member.at("key").as_string()),
                       member.at("address").as_string()});
  return members;
}

Json texts(const std::vector<std::string>& values) {
  Json json = Json::array();
  for (const std::string& value : values) json.push(value);
  return json;
}

}  // namespace

Json to_json(const Task& task) {
  return Json::object()
      .set("schema", kSchema)
      .set("numerics_version", task.numerics_version)
      .set("rounds", task.rounds)
      .set("round_steps", task.round_steps)
      .set("link_steps", task.link_steps)
      .set("schedule_spans_run", task.schedule_spans_run)
      .set("recipe", object_of(train::recipe_text(task.recipe)))
      .set("classes", texts(task.classes))
      .set("partition", partition_json(task.partition))
      .set("explore", explore_json(task))
      .set("merge", merge_json(task.merge))
      .set("audit", audit_json(task.audit))
      .set("pool", pool_json(task.pool))
      .set("dataset", to_hex(task.dataset))
      .set("hidden", to_hex(task.hidden))
      .set("partition_root", to_hex(task.partition_root))
      .set("secret_commitment", to_hex(task.secret_commitment))
      .set("registration_beacon", to_hex(task.registration_beacon))
      .set("members", members_json(task.members));
}

Task task_from_json(const Json& json) {
  if (!json.is_object() || !json.contains("schema") || json.at("schema").as_string() != kSchema)
    throw DataError(concat("not a task of ours (schema ", kSchema, ")"));
  Task task;
  task.numerics_version =
      static_cast<int>(std::clamp<std::int64_t>(json.at("numerics_version").as_int(), 0, 1 << 30));
  task.rounds = json.at("rounds").as_int();
  task.round_steps = json.at("round_steps").as_int();
  task.link_steps = json.at("link_steps").as_int();
  task.schedule_spans_run = json.at("schedule_spans_run").as_bool();
  task.recipe = train::recipe_from_text(pairs_of(json.at("recipe")));
  for (const Json& name : json.at("classes").as_array()) task.classes.push_back(name.as_string());
  task.partition = partition_of(json.at("partition"));
  read_explore(json.at("explore"), task);
  task.merge = merge_of(json.at("merge"));
  task.audit = audit_of(json.at("audit"));
  task.pool = pool_of(json.at("pool"));
  task.dataset = digest_from_hex(json.at("dataset").as_string());
  task.hidden = digest_from_hex(json.at("hidden").as_string());
  task.partition_root = digest_from_hex(json.at("partition_root").as_string());
  task.secret_commitment = digest_from_hex(json.at("secret_commitment").as_string());
  task.registration_beacon = digest_from_hex(json.at("registration_beacon").as_string());
  task.members = members_of(json.at("members"));
  return task;
}

Task read_task(const std::filesystem::path& path) {
  try {
    return task_from_json(Json::parse(store::read_text(path)));
  } catch (const DataError& e) {
    throw DataError(concat("read task ", path.string(), ": ", e.what()));
  }
}

Digest task_digest(const Task& task) {
  Sha256 hash = tagged_sha256("cohort/task/v1");
  hash.update(to_json(task).dump());
  return hash.finish();
}

}  // namespace cohort::round
