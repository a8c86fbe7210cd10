#include "round_options.hpp"

#include <gtest/gtest.h>

#include "cohort/core/text.hpp"
#include "train_options.hpp"

namespace cohort::app {
namespace {

using Arguments = std::vector<std::string>;

/// What an ordinary run says of these options.
std::string keys_of(const Arguments& arguments) {
  RoundOptions options;
  OptionTable table;
  declare_rounds(table, options);
  table.apply(arguments, {});
  return keys_of_rounds(options);
}

TEST(KeysOfRounds, AreNoneOfAnOrdinaryJob) {
  EXPECT_EQ(keys_of({}), "");
  EXPECT_EQ(keys_of({"--merge", "average", "--link-steps", concat(round::Task().link_steps)}), "")
      << "what is given as it is anyway";
}

TEST(KeysOfRounds, NameGroupAndOption) {
  EXPECT_EQ(
      keys_of({"--link-steps", "3", "--schedule-spans", "round", "--partition-train", "7", "--merge-gate",
               "off", "--audit-links", "5", "--first-rung", "4", "--reward-gamma", "2"}),
      "link_steps, schedule_spans, partition.train, explore.first_rung, merge.gate, audit.links, "
      "reward.gamma");
}

/// A value that the option takes and that is not its default.
std::string other_value(const Option& option) {
  std::vector<std::string> values = split(option.placeholder, '|');
  values.insert(values.end(), {"2", "3", "0.125"});
  for (const std::string& value : values) try {
      option.assign({value});
      if (option.toml() != option.default_text) return value;
    } catch (const UsageError&) {
      // another one
    }
  throw std::logic_error(concat("no value for ", option.key));
}

TEST(KeysOfRounds, LeaveNoOptionOut) {
  RoundOptions options;
  OptionTable table;
  declare_rounds(table, options);
  for (const Option& option : table.options())
    EXPECT_EQ(keys_of({"--" + option.flag, other_value(option)}), option.key);
}

/// What a run of rounds says of these options.
std::string keys_without(const Arguments& arguments) {
  train::Job job;
  OptionTable table;
  declare_job(table, job);
  table.apply(arguments, {});
  return keys_without_rounds(job);
}

TEST(KeysWithoutRounds, AreThoseOfAnOrdinaryCourse) {
  EXPECT_EQ(keys_without({}), "");
  EXPECT_EQ(
      keys_without({"--epochs", "3", "--max-steps", "5", "--validate-every", "2", "--select-metric", "loss"}),
      "validate_every_epochs, select_metric, epochs, max_steps");
  EXPECT_EQ(keys_without({"--epochs", "15"}), "") << "as it is anyway";
  EXPECT_EQ(keys_without({"--require", "accuracy>=0.5", "--checkpoint-interval", "3", "--log-interval", "3",
                          "--max-memory", "2GiB", "--max-time", "1h", "--lr", "0.5", "--threads", "2"}),
            "")
      << "all of these rounds honour";
}

}  // namespace
}  // namespace cohort::app
