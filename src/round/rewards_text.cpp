// rewards.json to and from text.
#include <algorithm>

#include "cohort/core/text.hpp"
#include "cohort/round/reward_files.hpp"
#include "round/json_fields.hpp"

namespace cohort::round {
namespace {

constexpr std::string_view kSchema = "cohort.rewards/1";

std::string root_text(const Rewards& rewards) {
  const auto tree = payout_of(rewards);
  return tree ? "0x" + to_hex(tree->root()) : "";
}

Json to_json(const MemberReward& member) {
  return Json::object()
      .set("member", member.member)
      .set("verdict", name_of(member.verdict))
      .set("weight", member.weight.to_decimal())
      .set("amount", member.amount.to_decimal())
      .set("address", member.address);
}

Json to_json(const RewardOptions& options) {
  return Json::object()
      .set("name", name_of(options.rule))
      .set("gamma", options.gamma)
      .set("unproven_rate", to_text(options.unproven_rate));
}

void read_options(const Json& json, RewardOptions& options, ProblemList& problems) {
  Fields fields(json, "rule", problems);
  fields.required("name", [&](const Json& name) {
    try {
      options.rule = reward_rule_from_name(name.as_string());
    } catch (const UsageError& e) {
      throw DataError(e.what());
    }
  });
  fields.required("gamma", [&](const Json& gamma) {
    if (gamma.as_int() != 1 && gamma.as_int() != 2) throw DataError("expected 1 or 2");
    options.gamma = static_cast<int>(gamma.as_int());
  });
  fields.required("unproven_rate",
                  [&](const Json& rate) { options.unproven_rate = fraction_from_text(rate.as_string()); });
  fields.finish();
}

MemberReward read_member(const Json& json, const std::string& place, ProblemList& problems) {
  MemberReward member;
  Fields fields(json, place, problems);
  fields.required("member", into(member.member));
  fields.required("verdict", into(member.verdict, verdict_from_name));
  fields.required("weight", into(member.weight));
  fields.required("amount", into(member.amount));
  fields.required("address", [&](const Json& address) {
    member.address = address.as_string();
    if (!member.address.empty()) static_cast<void>(address_from_text(member.address));
  });
  fields.finish();
  return member;
}

}  // namespace

Fraction fraction_from_text(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto is_number = [](std::string_view part) {
    return !part.empty() && part.size() <= 9 &&
           std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  const std::string_view top = text.substr(0, slash);
  const std::string_view bottom = slash == std::string_view::npos ? "1" : text.substr(slash + 1);
  if (!is_number(top) || !is_number(bottom) || *parse_int(bottom) == 0)
    throw DataError(concat("'", text.substr(0, 40), "' is not a fraction as 1/2"));
  return {*parse_int(top), *parse_int(bottom)};
}

std::string rewards_text(const Rewards& rewards) {
  Json members = Json::array();
  for (const MemberReward& member : rewards.members) members.push(to_json(member));
  return Json::object()
             .set("schema", kSchema)
             .set("task", to_hex(rewards.task))
             .set("round", rewards.round)
             .set("audit", to_hex(rewards.audit))
             .set("demonstration", rewards.options.is_demonstration)
             .set("rule", to_json(rewards.options))
             .set("baseline_correct", rewards.baseline)
             .set("pool", rewards.pool.to_decimal())
             .set("paid", rewards.paid.to_decimal())
             .set("carried", rewards.carried.to_decimal())
             .set("merkle_root", root_text(rewards))
             .set("members", std::move(members))
             .dump(2) +
         "\n";
}

Rewards rewards_from_text(std::string_view text) {
  const Json json = Json::parse(text);
  if (!json.contains("schema") || json.at("schema").as_string() != kSchema)
    throw DataError(concat("not a list of rewards: its schema is not ", kSchema));
  Rewards rewards;
  ProblemList problems("rewards");
  Fields fields(json, "", problems);
  fields.required("schema", [](const Json&) {});
  fields.required("task", into(rewards.task));
  fields.required("round", into(rewards.round));
  fields.required("audit", into(rewards.audit));
  fields.required("demonstration", into(rewards.options.is_demonstration));
  fields.required("rule", [&](const Json& rule) { read_options(rule, rewards.options, problems); });
  fields.required("baseline_correct", [&](const Json& count) { rewards.baseline = count.as_int(); });
  fields.required("pool", into(rewards.pool));
  fields.required("paid", into(rewards.paid));
  fields.required("carried", into(rewards.carried));
  fields.required("merkle_root", [](const Json& root) { static_cast<void>(root.as_string()); });
  fields.required("members", [&](const Json& members) {
    for (const Json& member : members.as_array())
      rewards.members.push_back(
          read_member(member, concat("members[", rewards.members.size(), "]"), problems));
  });
  fields.finish();
  problems.refuse();
  return rewards;
}

}  // namespace cohort::round
