// A task as JSON. One spelling: the text is what its digest covers.
#include "round/task_text.hpp"

#include "cohort/core/text.hpp"

namespace cohort::round {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Json object_of(const Pairs& pairs) {
  Json::Object members;
  members.reserve(pairs.size());
  for (const auto& [key, value] : pairs) members.emplace_back(key, value);
  return Json::object(std::move(members));
}

Json numbers(const std::vector<double>& values) {
  Json json = Json::array();
  for (const double value : values) json.push(value);
  return json;
}

Json partition_json(const data::PartitionOptions& options) {
  return Json::object()
      .set("rule", name_of(options.rule))
      .set("column", options.column)
      .set("train", numbers(options.train))
      .set("validation", numbers(options.validation))
      .set("seed", options.seed);
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

Json merge_json(const MergeOptions& options) {
  return Json::object()
      .set("rule", name_of(options.rule))
      .set("weights", name_of(options.weights))
      .set("statistics", name_of(options.statistics))
      .set("gate", options.gate);
}

Json audit_json(const AuditRules& rules) {
  return Json::object()
      .set("evidence", name_of(rules.evidence))
      .set("links", rules.links)
      .set("hidden_images", rules.hidden_images)
      .set("alpha_millionths", rules.alpha_millionths)
      .set("largest_value", rules.largest_value);
}

Json pool_json(const PoolRules& rules) {
  return Json::object()
      .set("amount", rules.pool)
      .set("rule", rules.rule)
      .set("gamma", rules.gamma)
      .set("unproven_rate", concat(rules.unproven_numerator, "/", rules.unproven_denominator))
      .set("demonstration", rules.is_demonstration);
}

Json member_json(const Member& member) {
  return Json::object()
      .set("name", member.name)
      .set("key", to_hex(member.key))
      .set("address", member.address);
}

Json members_json(const std::vector<Member>& members) {
  Json json = Json::array();
  for (const Member& member : members) json.push(member_json(member));
  return json;
}

Json contributors_json(const std::vector<Contributor>& contributors) {
  Json json = Json::array();
  for (const Contributor& contributor : contributors)
    json.push(member_json(contributor.member).set("micro_batches", contributor.micro_batches));
  return json;
}

Json texts(const std::vector<std::string>& values) {
  Json json = Json::array();
  for (const std::string& value : values) json.push(value);
  return json;
}

}  // namespace

std::string_view name_of(data::PartitionRule rule) {
  return rule == data::PartitionRule::shared  ? "shared"
         : rule == data::PartitionRule::split ? "split"
                                              : "by_column";
}

Json to_json(const Task& task) {
  Json json = Json::object();
  json.set("schema", kTaskSchema)
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
  if (!task.contributors.empty()) json.set("contributors", contributors_json(task.contributors));
  return json;
}

Digest task_digest(const Task& task) {
  Sha256 hash = tagged_sha256("cohort/task/v1");
  hash.update(to_json(task).dump());
  return hash.finish();
}

}  // namespace cohort::round
