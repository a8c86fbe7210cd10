// cohort reward: who gets how much of a round's pool, from an audit; whether files say what follows from it;
// what a claimant needs; what members' records come to.
#include <algorithm>

#include "cohort/core/text.hpp"
#include "cohort/round/reward_files.hpp"
#include "command.hpp"
#include "paths.hpp"
#include "reward_actions.hpp"
#include "shell_words.hpp"

namespace cohort::app {
namespace {
namespace fs = std::filesystem;

/// Shares are a round's: who names the folder of a run is told which rounds it has.
void refuse_run_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder / "audit.json", error)) return;
  std::vector<std::string> rounds;
  for (const auto& entry : fs::directory_iterator(folder / "rounds", error))
    if (fs::exists(entry.path() / "rewards.json", error)) rounds.push_back(shell_word(entry.path()));
  std::ranges::sort(rounds);
  if (rounds.empty()) return;
  throw DataError(concat("verify ", folder.string(), ": shares are those of a round; name ",
                         rounds.size() == 1 ? "" : concat("one of ", rounds.front(), " to "), rounds.back()));
}

class Reward : public Command {
 public:
  void declare(OptionTable& table) override {
    table.begin_group("Shares of a round", {"share"});
    table
        .path("task", "", "FILE", task_,
              "what was promised; without it task.json of the run that the round lies in")
        .only({"share", "verify"})
        .common();
    table
        .text("pool", "", "N", pool_,
              "what is shared, a whole number of the smallest unit, below 2^256; without it the task's")
        .common();
    table
        .word("rule", "", {"lower-bound", "plain", "rank", "shapley", "micro-batches"}, rule_,
              "what members are weighed by; without it as the task says, or lower-bound")
        .common();
    table
        .word("gamma", "", {"1", "2"}, gamma_, "lower-bound: 2 gives the better more; else as the task, or 1")
        .common();
    table
        .text("unproven-rate", "", "FRACTION", unproven_rate_,
              "weight of a contribution that was not replayed against one that was; else as the task, or 1/2")
        .common();
    table
        .toggle("demonstration", "", share_.is_demonstration,
                concat("allow fewer than ", round::kLeastHiddenImages, " hidden images; not to be paid"))
        .common();
    table
        .toggle("own-terms", "", share_.has_own_terms,
                "share by these options even where the task says otherwise")
        .common();
    table.path("out", "", "DIR", out_, "write audit.json, rewards.json and payout.json there").common();
    table.begin_group("Standing of members", {"settle"});
    table.path("standing", "", "FILE", standing_, "file to fold rounds into; without it RUN/standing.json")
        .common();
    table.text("stake", "", "N", stake_, "new file: what each member puts down when it joins").common();
    table
        .text("cost", "", "N", cost_, "new file: what a round's work costs, to say which stake deters cheats")
        .common();
    table.text("reward", "", "N", reward_, "new file: what a member can count on for a round").common();
    table
        .text("least-rate", "", "FRACTION", least_rate_,
              "new file: how often even the best are audited, 1/20 or more")
        .common();
    table
        .words("deposit", "", "NAME=N", deposits_,
               "what a member has put down in all, after these rounds; repeatable")
        .common();
    table
        .toggle("new-task", "", settle_.takes_new_task,
                "fold a run of another task after those that the file has")
        .common();
  }

  void check(std::span<const std::string> arguments) override {
    action_ = arguments.front();
    const std::size_t count = action_ == "proof" ? 2 : 1;
    expect_arguments(arguments.subspan(1), count, count,
                     action_ == "share"   ? "AUDIT.json, or one of verify, proof and settle before it"
                     : action_ == "proof" ? "PAYOUT.json and an address"
                                          : concat("one folder after '", action_, "'"));
    path_ = arguments[1];
    std::vector<std::string> problems;
    if (action_ == "proof") read("address", arguments.back(), account_, &round::address_from_text, problems);
    if (action_ == "settle") read_settle_options(problems);
    if (action_ == "share") read_share_options(problems);
    if (!problems.empty()) throw UsageError(joined(problems, "; "));
  }

  ExitCode run(Context& context) override {
    if (action_ == "verify") refuse_run_folder(path_);
    require_readable(inputs());
    if (action_ == "proof")
      prove_payout(path_, account_, context.log);
    else if (action_ == "settle")
      settle_run(path_, standing_.empty() ? path_ / "standing.json" : standing_, settle_, context.log);
    else if (action_ == "verify")
      verify_shares(path_, task_of(task_, path_), context.log);
    else
      share_pool(path_, task_of(task_, path_.parent_path()), share_, out_, context.log);
    return ExitCode::finished;
  }

 private:
  [[nodiscard]] std::vector<fs::path> inputs() const {
    if (action_ == "verify") return {path_ / "audit.json", path_ / "rewards.json", task_};
    if (action_ == "settle") return {path_ / "task.json"};
    return {path_, task_};
  }

  /// `value` from a text that is not empty; what is wrong with it goes to the problems.
  template <typename Value, typename From>
  static void read(const std::string& what, const std::string& text, Value& value, const From& from,
                   std::vector<std::string>& problems) {
    if (text.empty()) return;
    try {
      value = from(text);
    } catch (const Error& e) {
      problems.push_back(concat(what, ": ", e.what()));
    }
  }

  void read_share_options(std::vector<std::string>& problems) {
    if (pool_.empty() && fs::exists(path_) && task_of(task_, path_.parent_path()).empty())
      problems.emplace_back("--pool is missing: how much is to be shared?");
    read("--pool", pool_, share_.pool, &round::Amount::from_decimal, problems);
    read("--rule", rule_, share_.rule, &round::reward_rule_from_name, problems);
    read("--unproven-rate", unproven_rate_, share_.unproven_rate, &round::fraction_from_text, problems);
    if (!gamma_.empty()) share_.gamma = gamma_ == "2" ? 2 : 1;
  }

  void read_settle_options(std::vector<std::string>& problems) {
    read("--stake", stake_, settle_.stake, &round::Amount::from_decimal, problems);
    read("--cost", cost_, settle_.cost, &round::Amount::from_decimal, problems);
    read("--reward", reward_, settle_.reward, &round::Amount::from_decimal, problems);
    read("--least-rate", least_rate_, settle_.least_rate, &round::fraction_from_text, problems);
    for (const std::string& given : deposits_) {
      const std::size_t equals = given.rfind('=');
      if (equals == std::string::npos || equals == 0 || equals + 1 == given.size()) {
        problems.push_back(concat("--deposit: '", given, "' is not NAME=N"));
        continue;
      }
      round::Amount total;
      read("--deposit", given.substr(equals + 1), total, &round::Amount::from_decimal, problems);
      settle_.deposits.emplace_back(given.substr(0, equals), total);
    }
  }

  std::string action_;  ///< "share", "verify", "settle" or "proof"
  fs::path path_, task_, out_, standing_;
  std::string pool_, rule_, gamma_, unproven_rate_, stake_, cost_, reward_, least_rate_;
  std::vector<std::string> deposits_;
  round::Address account_{};
  ShareOptions share_;
  SettleOptions settle_;
};
}  // namespace

std::unique_ptr<Command> make_reward() {
  return std::make_unique<Reward>();
}

}  // namespace cohort::app
