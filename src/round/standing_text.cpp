// standing.json to and from text.
#include <algorithm>
#include <map>

#include "cohort/core/text.hpp"
#include "cohort/round/reward_files.hpp"
#include "cohort/round/standing.hpp"
#include "round/json_fields.hpp"

namespace cohort::round {
namespace {

constexpr std::string_view kSchema = "cohort.standing/1";

Json to_json(const StandingTerms& terms) {
  return Json::object()
      .set("stake", terms.stake.to_decimal())
      .set("cost", terms.cost.to_decimal())
      .set("reward", terms.reward.to_decimal())
      .set("least_rate", to_text(terms.least_rate));
}

Json to_json(const LostStake& lost) {
  const Slash parts = slash(lost.stake);
  return Json::object()
      .set("member", lost.member)
      .set("key", to_hex(lost.key))
      .set("verdict", name_of(lost.verdict))
      .set("stake", lost.stake.to_decimal())
      .set("challenger", parts.challenger.to_decimal())
      .set("auditor", parts.auditor.to_decimal())
      .set("burned", parts.burned.to_decimal());
}

Json to_json(const FoldedRound& folded) {
  Json lost = Json::array();
  for (const LostStake& stake : folded.lost) lost.push(to_json(stake));
  return Json::object()
      .set("task", to_hex(folded.task))
      .set("round", folded.round)
      .set("audit", to_hex(folded.audit))
      .set("lost", std::move(lost));
}

Json to_json(const MemberStanding& member, const StandingTerms& terms) {
  return Json::object()
      .set("member", member.member)
      .set("key", to_hex(member.key))
      .set("rounds", member.rounds)
      .set("faults", member.faults)
      .set("score", member.score)
      .set("deposited", member.deposited.to_decimal())
      .set("lost", member.lost.to_decimal())
      .set("stake", member.stake().to_decimal())
      .set("next_audit_rate", to_text(next_audit_rate(member, terms)))
      .set("next_stake", next_stake(member, terms).to_decimal());
}

auto into_count(std::int64_t& field) {
  return [&field](const Json& json) {
    field = json.as_int();
    if (field < 0) throw DataError(concat("is ", field, ", expected 0 or more"));
  };
}

/// Follows from the other members: what stands there is compared with the whole text at the end.
void follows(const Json&) {}

void read_terms(const Json& json, StandingTerms& terms, ProblemList& problems) {
  Fields fields(json, "terms", problems);
  fields.required("stake", into(terms.stake));
  fields.required("cost", into(terms.cost));
  fields.required("reward", into(terms.reward));
  fields.required("least_rate",
                  [&](const Json& rate) { terms.least_rate = fraction_from_text(rate.as_string()); });
  fields.finish();
}

LostStake read_lost(const Json& json, const std::string& place, ProblemList& problems) {
  LostStake lost;
  Fields fields(json, place, problems);
  fields.required("member", into(lost.member));
  fields.required("key", into(lost.key));
  fields.required("verdict", into(lost.verdict, verdict_from_name));
  fields.required("stake", into(lost.stake));
  for (const char* part : {"challenger", "auditor", "burned"}) fields.required(part, follows);
  fields.finish();
  return lost;
}

FoldedRound read_round(const Json& json, const std::string& place, ProblemList& problems) {
  FoldedRound folded;
  Fields fields(json, place, problems);
  fields.required("task", into(folded.task));
  fields.required("round", into_count(folded.round));
  fields.required("audit", into(folded.audit));
  fields.required("lost", [&](const Json& all) {
    for (const Json& lost : all.as_array())
      folded.lost.push_back(read_lost(lost, concat(place, ".lost[", folded.lost.size(), "]"), problems));
  });
  fields.finish();
  return folded;
}

MemberStanding read_member(const Json& json, const std::string& place, ProblemList& problems) {
  MemberStanding member;
  Fields fields(json, place, problems);
  fields.required("member", into(member.member));
  fields.required("key", into(member.key));
  fields.required("rounds", into_count(member.rounds));
  fields.required("faults", into_count(member.faults));
  fields.required("score", into_count(member.score));
  fields.required("deposited", into(member.deposited));
  fields.required("lost", into(member.lost));
  for (const char* name : {"stake", "next_audit_rate", "next_stake"}) fields.required(name, follows);
  fields.finish();
  return member;
}

/// What no sequence of rounds gives.
void check(const Standing& standing, ProblemList& problems) {
  std::map<identity::PublicKey, Amount> lost;
  std::map<Digest, std::int64_t> rounds;
  for (const FoldedRound& folded : standing.rounds) {
    if (folded.round != ++rounds[folded.task])
      problems.add(concat("round ", folded.round, " of task ", to_hex(folded.task), " is out of its order"));
    for (const LostStake& stake : folded.lost)
      problems.collect("lost", [&] { lost[stake.key] += stake.stake; });
  }
  const auto count = static_cast<std::int64_t>(standing.rounds.size());
  for (std::size_t i = 0; i < standing.members.size(); ++i) {
    const MemberStanding& member = standing.members[i];
    if (i > 0 && member.key <= standing.members[i - 1].key)
      problems.add(concat(member.member, ": keys are not ascending, or one stands twice"));
    if (member.lost != lost[member.key] || member.lost > member.deposited)
      problems.add(
          concat(member.member, ": lost ", member.lost.to_decimal(), " is not what its rounds cost it"));
    if (member.rounds > count || member.faults > member.rounds || member.score > member.rounds)
      problems.add(concat(member.member, ": more rounds, faults or score than there were rounds"));
  }
}

}  // namespace

std::string standing_text(const Standing& standing) {
  Json rounds = Json::array(), members = Json::array();
  for (const FoldedRound& folded : standing.rounds) rounds.push(to_json(folded));
  for (const MemberStanding& member : standing.members) members.push(to_json(member, standing.terms));
  return Json::object()
             .set("schema", kSchema)
             .set("task", to_hex(standing.task))
             .set("terms", to_json(standing.terms))
             .set("rounds", std::move(rounds))
             .set("members", std::move(members))
             .dump(2) +
         "\n";
}

Standing standing_from_text(std::string_view text) {
  const Json json = Json::parse(text);
  if (!json.contains("schema") || json.at("schema").as_string() != kSchema)
    throw DataError(concat("not a standing of members: its schema is not ", kSchema));
  Standing standing;
  ProblemList problems("standing");
  Fields fields(json, "", problems);
  fields.required("schema", follows);
  fields.required("task", into(standing.task));
  fields.required("terms", [&](const Json& terms) { read_terms(terms, standing.terms, problems); });
  fields.required("rounds", [&](const Json& rounds) {
    for (const Json& round : rounds.as_array())
      standing.rounds.push_back(read_round(round, concat("rounds[", standing.rounds.size(), "]"), problems));
  });
  fields.required("members", [&](const Json& members) {
    for (const Json& member : members.as_array())
      standing.members.push_back(
          read_member(member, concat("members[", standing.members.size(), "]"), problems));
  });
  fields.finish();
  problems.refuse();
  check(standing, problems);
  problems.refuse();
  try {
    if (standing_text(standing) != text)
      throw DataError("standing: stakes, rates or spelling are not those that follow from its counts");
  } catch (const UsageError& e) {  // terms that no command line would have been let through with
    throw DataError(concat("standing: ", e.what()));
  }
  return standing;
}

}  // namespace cohort::round
