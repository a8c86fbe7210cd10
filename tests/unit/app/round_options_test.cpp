#include "round_options.hpp"

#include <gtest/gtest.h>

#include "cohort/core/text.hpp"

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

}  // namespace
}  // namespace cohort::app
