#include "cohort/round/reward_files.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include "cohort/core/error.hpp"
#include "cohort/core/json.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/rounds.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/store/parsed_text.hpp"
#include "round/run_audit.hpp"

namespace cohort::round {
namespace {
namespace fs = std::filesystem;

constexpr const char* kAudit = "audit.json";
constexpr const char* kRecord = "round.json";
constexpr const char* kRewards = "rewards.json";
constexpr const char* kPayout = "payout.json";

void refuse_other(const fs::path& path, const std::string& text) {
  if (fs::exists(path) && store::read_text(path) != text)
    throw Error(concat("write ", path.string(), ": another one is there; choose another folder"));
}

void write_new(const fs::path& path, const std::string& text) {
  if (!fs::exists(path)) store::write_text_atomically(path, text);
}

class Comparison {
 public:
  void field(std::string_view place, const std::string& found, const std::string& computed) {
    if (found != computed)
      differences_.push_back(concat(place, " ", found.empty() ? "(none)" : found, ", computed ",
                                    computed.empty() ? "(none)" : computed));
  }
  void field(std::string_view place, const Amount& found, const Amount& computed) {
    field(place, found.to_decimal(), computed.to_decimal());
  }
  void add(std::string difference) { differences_.push_back(std::move(difference)); }
  void add(const std::vector<std::string>& all) {
    differences_.insert(differences_.end(), all.begin(), all.end());
  }
  std::vector<std::string> take() { return std::move(differences_); }
  [[nodiscard]] bool is_empty() const { return differences_.empty(); }

 private:
  std::vector<std::string> differences_;
};

void compare_members(Comparison& comparison, const Rewards& found, const Rewards& computed) {
  std::map<std::string, const MemberReward*> by_name;
  for (const MemberReward& member : found.members)
    if (!by_name.emplace(member.member, &member).second)
      comparison.add(concat(member.member, ": listed twice"));
  for (const MemberReward& expected : computed.members) {
    const auto at = by_name.find(expected.member);
    if (at == by_name.end()) {
      comparison.add(concat(expected.member, ": not listed"));
      continue;
    }
    const MemberReward& member = *at->second;
    const auto place = [&](std::string_view field) { return concat(expected.member, ": ", field); };
    comparison.field(place("verdict"), std::string(name_of(member.verdict)),
                     std::string(name_of(expected.verdict)));
    comparison.field(place("weight"), member.weight, expected.weight);
    comparison.field(place("amount"), member.amount, expected.amount);
    comparison.field(place("address"), member.address, expected.address);
    by_name.erase(at);
  }
  for (const auto& [name, member] : by_name) comparison.add(concat(name, ": listed, but not in the audit"));
}

/// What two trees pay otherwise; load has seen to the hashes.
void compare_trees(Comparison& comparison, const PayoutTree& found, const PayoutTree& expected) {
  std::map<Address, Amount> amounts;
  for (const PayoutValue& value : found.values()) amounts[value.account] = value.amount;
  for (const PayoutValue& value : expected.values()) {
    const auto at = amounts.find(value.account);
    if (at == amounts.end())
      comparison.add(concat("payout.json: ", to_text(value.account), " is missing"));
    else
      comparison.field(concat("payout.json: ", to_text(value.account)), at->second, value.amount);
  }
  if (found.root() != expected.root())
    comparison.add(
        concat("payout.json: root 0x", to_hex(found.root()), ", computed 0x", to_hex(expected.root())));
}

void compare_payout(Comparison& comparison, const fs::path& path, const Rewards& computed) {
  const auto expected = payout_of(computed);
  if (!expected) {
    if (fs::exists(path)) comparison.add("payout.json: there is one, but nothing can be claimed");
    return;
  }
  if (!fs::exists(path)) {
    comparison.add("payout.json: missing");
    return;
  }
  const std::string text = store::read_text(path);
  Comparison trees;
  try {
    compare_trees(trees, PayoutTree::load(text), *expected);
    // Whoever claims reads more than the tree.
    if (trees.is_empty() && Json::parse(text).dump() != Json::parse(expected->dump()).dump())
      trees.add(
          "payout.json: pays what is computed, but holds other members, or spells or orders them "
          "otherwise");
  } catch (const DataError& e) {
    trees.add(concat("payout.json: ", e.what()));
  }
  comparison.add(trees.take());
}

}  // namespace

void write_rewards(const fs::path& folder, const AuditRecord& record, const Rewards& rewards) {
  const std::string audit = audit_text(record), text = rewards_text(rewards);
  const auto tree = payout_of(rewards);
  const std::string payout = tree ? tree->dump() + "\n" : "";
  refuse_other(folder / kRewards, text);
  refuse_other(folder / kPayout, payout);
  // The audit may stand there in another spelling.
  if (fs::exists(folder / kAudit) && audit_text(read_audit(folder / kAudit)) != audit)
    throw Error(
        concat("write ", (folder / kAudit).string(), ": another audit is there; choose another folder"));
  fs::create_directories(folder);
  write_new(folder / kAudit, audit);
  if (tree) write_new(folder / kPayout, payout);
  write_new(folder / kRewards, text);
}

std::vector<std::string> differences_from_round(const fs::path& folder, const AuditRecord& record,
                                                const std::optional<Task>& task) {
  const auto place = round_of_folder(folder);
  std::vector<std::string> lines;
  if (place && place->round != record.round)
    lines.push_back(concat("audit.json is of round ", record.round, ", its folder of round ", place->round));
  const fs::path run_record = place ? RoundPaths{place->run}.record(place->round) : folder / kRecord;
  std::ranges::move(differences_from_run(run_record, record, task), std::back_inserter(lines));
  return lines;
}

RewardCheck verify_rewards(const fs::path& folder, const std::optional<Task>& task) {
  const AuditRecord record = read_audit(folder / kAudit);
  const std::string text = store::read_text(folder / kRewards);
  const Rewards found = store::parsed_text(folder / kRewards, rewards_from_text);
  Rewards computed = [&] {
    try {
      return compute_rewards(record, found.pool, found.options);
    } catch (const UsageError& e) {  // options that no computation would have taken
      throw DataError(concat("verify ", (folder / kRewards).string(), ": ", e.what()));
    }
  }();
  const RewardTerms terms{found.pool, found.options};
  Comparison comparison;
  if (task) {
    comparison.add(differences(record, *task));
    comparison.add(differences(terms, terms_of(*task)));
  }
  comparison.add(differences_from_round(folder, record, task));
  comparison.field("audit", to_hex(found.audit), to_hex(computed.audit));
  comparison.field("task", to_hex(found.task), to_hex(computed.task));
  comparison.field("round", std::to_string(found.round), std::to_string(computed.round));
  comparison.field("baseline_correct", std::to_string(found.baseline), std::to_string(computed.baseline));
  comparison.field("paid", found.paid, computed.paid);
  comparison.field("carried", found.carried, computed.carried);
  compare_members(comparison, found, computed);
  const Json now = Json::parse(text), again = Json::parse(rewards_text(computed));
  comparison.field("merkle_root", now.at("merkle_root").as_string(), again.at("merkle_root").as_string());
  if (now.at("demonstration").as_bool() != again.at("demonstration").as_bool())
    comparison.add("demonstration: the audit is one");
  compare_payout(comparison, folder / kPayout, computed);
  // Whatever none of the lines above names.
  if (comparison.is_empty() && now.dump() != again.dump())
    comparison.add("rewards.json: members stand in another order");
  return {terms, std::move(computed), comparison.take()};
}

}  // namespace cohort::round
