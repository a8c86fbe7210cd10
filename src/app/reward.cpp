// cohort reward: who gets how much of a round's pool, from an audit; and whether files say what follows from
// it.
#include "cohort/round/reward.hpp"

#include <optional>

#include "cohort/core/text.hpp"
#include "cohort/round/reward_files.hpp"
#include "command.hpp"
#include "tables.hpp"

namespace cohort::app {
namespace {
namespace fs = std::filesystem;

constexpr const char* kWhat = "AUDIT.json, or 'verify' and a folder";

/// "33.3333 %" of the pool, cut off: the amounts beside it are exact.
std::string share_text(const round::Amount& amount, const round::Amount& pool) {
  const std::string parts = round::multiply_divide(amount, 1'000'000, pool).quotient.to_decimal();
  return concat(format_fixed(static_cast<double>(*parse_int(parts)) / 1e4, 4), "%");
}

class Reward : public Command {
 public:
  void declare(OptionTable& table) override {
    table.begin_group("Rewards");
    table
        .text("pool", "", "N", pool_text_, "what is shared, a whole number of the smallest unit, below 2^256")
        .common();
    table
        .word("rule", "", {"lower-bound", "plain", "rank", "shapley", "micro-batches"}, rule_,
              "what members are weighed by")
        .common();
    table.integer("gamma", "", options_.gamma, between(1, 2), "lower-bound: 2 gives the better more")
        .common();
    table
        .text("unproven-rate", "", "FRACTION", unproven_rate_,
              "weight of a contribution that was not replayed against one that was")
        .common();
    table
        .toggle("demonstration", "", options_.is_demonstration,
                concat("allow fewer than ", round::kLeastHiddenImages, " hidden images; not to be paid"))
        .common();
    table.path("out", "", "DIR", out_, "write audit.json, rewards.json and payout.json there").common();
  }

  void check(std::span<const std::string> arguments) override {
    verifies_ = !arguments.empty() && arguments.front() == "verify";
    expect_arguments(arguments, verifies_ ? 2 : 1, verifies_ ? 2 : 1, kWhat);
    path_ = arguments.back();
    if (verifies_) {
      if (!pool_text_.empty() || !out_.empty())
        throw UsageError(
            "reward verify takes pool and rule from DIR/rewards.json, so neither --pool nor --out");
      return;
    }
    std::vector<std::string> problems;
    const auto read = [&](const char* flag, auto&& from) {
      try {
        from();
      } catch (const DataError& e) {
        problems.push_back(concat(flag, ": ", e.what()));
      }
    };
    if (pool_text_.empty())
      problems.emplace_back("--pool is missing: how much is to be shared?");
    else
      read("--pool", [&] { pool_ = round::Amount::from_decimal(pool_text_); });
    read("--unproven-rate", [&] { options_.unproven_rate = round::fraction_from_text(unproven_rate_); });
    options_.rule = round::reward_rule_from_name(rule_);
    if (options_.gamma != 1 && options_.rule != round::RewardRule::lower_bound)
      problems.push_back(concat("--gamma: rule ", rule_, " has none"));
    if (!problems.empty()) throw UsageError(joined(problems, "; "));
  }

  ExitCode run(Context& context) override {
    if (verifies_) return verify(context.log);
    const round::AuditRecord record = round::read_audit(path_);
    const round::Rewards rewards = round::compute_rewards(record, pool_, options_);
    if (!out_.empty()) round::write_rewards(out_, record, rewards);
    show(record, rewards, context.log);
    if (!out_.empty()) context.log.result(concat("written to ", out_.string()));
    return ExitCode::finished;
  }

 private:
  ExitCode verify(Log& log) const {
    const auto [computed, differences] = round::verify_rewards(path_);
    constexpr std::size_t most = 10;
    if (!differences.empty()) {
      std::vector<std::string> shown(
          differences.begin(),
          differences.begin() + static_cast<std::ptrdiff_t>(std::min(most, differences.size())));
      if (differences.size() > most) shown.push_back(concat("and ", differences.size() - most, " more"));
      throw DataError(concat("verify ", path_.string(), ": ", joined(shown, "; ")));
    }
    log.result(concat("verified: all ", computed.members.size(), " rewards follow from the audit"));
    log.result(concat("audit  sha256:", to_hex(computed.audit), "  (compare with the published one)"));
    if (const auto tree = payout_of(computed)) log.result(concat("root   0x", to_hex(tree->root())));
    return ExitCode::finished;
  }

  static void show(const round::AuditRecord& record, const round::Rewards& rewards, Log& log) {
    log.result(concat("round ", rewards.round, ", rule ", name_of(rewards.options.rule), ", pool ",
                      rewards.pool.to_decimal(), ", to beat ", rewards.baseline, " of ",
                      record.hidden.samples, " hidden images"));
    report::Table table{{"member", "verdict", "hidden", "weight", "share", "amount", "address"}, {}};
    for (std::size_t i = 0; i < rewards.members.size(); ++i) {
      const round::MemberReward& member = rewards.members[i];
      const std::int64_t correct = record.entries[i].hidden_correct;
      table.rows.push_back({member.member, std::string(name_of(member.verdict)),
                            correct < 0 ? "-" : std::to_string(correct), member.weight.to_decimal(),
                            share_text(member.amount, rewards.pool), member.amount.to_decimal(),
                            member.address.empty() ? "-" : member.address});
    }
    log.result(table_text(table));
    log.result(concat("audit  sha256:", to_hex(rewards.audit)));
    if (!rewards.carried.is_zero())
      log.result(concat("nobody beat the baseline: ", rewards.carried.to_decimal(), " is carried over"));
    if (const auto tree = payout_of(rewards))
      log.result(concat("root   0x", to_hex(tree->root()), ", ", tree->values().size(), " can claim"));
    std::size_t without = 0;
    for (const round::MemberReward& member : rewards.members)
      if (member.address.empty() && !member.amount.is_zero()) ++without;
    if (without > 0)
      log.result(
          concat(without, " with a share but no address: listed, but not in the payout that can be claimed"));
    if (rewards.options.is_demonstration) log.result("a demonstration: these shares are not to be paid");
  }

  bool verifies_ = false;
  fs::path path_, out_;
  std::string pool_text_, rule_ = "lower-bound", unproven_rate_ = "1/2";
  round::Amount pool_;
  round::RewardOptions options_;
};
}  // namespace

std::unique_ptr<Command> make_reward() {
  return std::make_unique<Reward>();
}

}  // namespace cohort::app
