#include "option_table.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "job_file.hpp"
#include "train_options.hpp"

namespace cohort::app {
namespace {
using Arguments = std::vector<std::string>;

std::filesystem::path write_job(const std::string& text) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "option_table_test.toml";
  std::ofstream(path) << text;
  return path;
}

/// The message of the UsageError that `work` must throw.
template <typename F>
std::string refusal(F&& work) {
  try {
    work();
  } catch (const UsageError& e) {
    return e.what();
  }
  ADD_FAILURE() << "nothing was refused";
  return "";
}

std::string refusal_of(const Arguments& arguments, const std::string& toml = "") {
  train::Job job;
  OptionTable table;
  declare_job(table, job);
  const std::vector<JobEntry> entries =
      toml.empty() ? std::vector<JobEntry>() : read_job_file(write_job(toml));
  return refusal([&] { table.apply(arguments, entries); });
}

TEST(OptionTable, PrefersTheCommandLineToTheFileToTheDefault) {
  train::Job job;
  OptionTable table;
  declare_job(table, job);
  const auto file = read_job_file(write_job("seed = 5\nepochs = 2\n[optimizer]\nname = \"adamw\"\n"));
  EXPECT_TRUE(table.apply(Arguments{"--epochs", "7.5"}, file).empty());
  EXPECT_EQ(job.recipe.seed, 5U);
  EXPECT_EQ(job.recipe.epochs, 7.5);
  EXPECT_EQ(job.recipe.optimizer.kind, optim::OptimizerKind::adamw);
  EXPECT_EQ(job.recipe.batch_size, 128);
}

TEST(OptionTable, WritesAJobFileThatReadsBackTheSame) {
  train::Job job;
  OptionTable table;
  declare_job(table, job);
  const Arguments arguments{"--data",         "a \"b\"\\c.h5", "--lr",         "0.1",
                            "--max-time",     "1:30:00",       "--max-memory", "2GiB",
                            "--augment-flip", "off",           "--sampler",    "balanced"};
  table.apply(arguments, {});
  const std::string text = table.to_toml();
  train::Job again;
  OptionTable other;
  declare_job(other, again);
  other.apply({}, read_job_file(write_job(text)));
  EXPECT_EQ(other.to_toml(), text);
  EXPECT_EQ(again.execution.data, "a \"b\"\\c.h5");
  EXPECT_EQ(again.execution.max_time_s, 5400);
  EXPECT_EQ(again.execution.max_memory_bytes, std::uint64_t{2} << 30);
  EXPECT_FALSE(again.recipe.augment.flip);
  EXPECT_EQ(train::recipe_text(again.recipe), train::recipe_text(job.recipe));
}

TEST(OptionTable, SaysWhoHasAnOptionThatItLacks) {
  int rounds = 0;
  OptionTable table;
  table.integer("round", "", rounds, at_least(1), "");
  const auto elsewhere = [](std::string_view flag) { return concat(", which ", flag, "ers take"); };
  EXPECT_EQ(refusal([&] {
              table.apply(Arguments{"--rounds", "3"}, {}, elsewhere);
            }),
            "unknown option '--rounds', which roundsers take; did you mean '--round'?");
}

TEST(OptionTable, TakesAValueThatNobodyMayGiveForNoDefault) {
  int round = 0, threads = 0;
  OptionTable table;
  EXPECT_FALSE(table.integer("round", "", round, at_least(1), "the first without it").has_default);
  EXPECT_TRUE(table.integer("threads", "", threads, at_least(0), "0 = all").has_default);
}

TEST(OptionTable, KnowsEveryKeyOfTheRecipe) {
  train::Job job;
  OptionTable table;
  declare_job(table, job);
  for (const auto& [key, value] : train::recipe_text(job.recipe)) {
    if (key == "model.classes" || key == "model.input") continue;  // the data set decides them
    EXPECT_NE(table.to_toml().find("\n" + key.substr(key.rfind('.') + 1) + " = "), std::string::npos) << key;
    const bool is_known = std::any_of(table.options().begin(), table.options().end(),
                                      [&key = key](const Option& option) { return option.key == key; });
    EXPECT_TRUE(is_known) << key;
  }
}

TEST(OptionTable, ReportsAllProblemsOfBothSources) {
  const std::string message = refusal_of({"--lr", "-0.1", "--bach-size", "3", "--optimizer", "sdg"},
                                         "seed = \"x\"\n[optimiser]\nlr = 1\n[schedule]\ngamma = 2\n");
  for (const char* words : {"6 problems", "unknown option '--bach-size'; did you mean '--batch-size'?",
                            "--lr: expected a number above 0",
                            "--optimizer: expected one of sgd, adamw, lars, got 'sdg'; did you mean 'sgd'?",
                            ".toml:1: seed: expected a whole number, got \"x\"",
                            ".toml:3: unknown key 'optimiser.lr'; did you mean 'schedule.learning_rate'?",
                            ".toml:5: schedule.gamma: expected a number above 0 and at most 1, got '2'"})
    EXPECT_NE(message.find(words), std::string::npos) << words << "\nin: " << message;
}

TEST(OptionTable, RefusesAbbreviationsAndRepetitions) {
  EXPECT_NE(refusal_of({"--epoch", "3"}).find("unknown option '--epoch'"), std::string::npos);
  EXPECT_EQ(refusal_of({"--seed", "1", "--seed", "2"}), "--seed: given 2 times");
  EXPECT_NE(refusal_of({"--out"}).find("'--out' is missing"), std::string::npos);
}

TEST(OptionTable, RefusesNumbersOfTheWrongKind) {
  EXPECT_NE(refusal_of({"--batch-size", "1.5"}).find("a whole number"), std::string::npos);
  EXPECT_NE(refusal_of({"--epochs", "nan"}).find("a number"), std::string::npos);
  EXPECT_NE(refusal_of({"--epochs", "inf"}).find("a number"), std::string::npos);
  EXPECT_NE(refusal_of({"--epochs", "0"}).find("above 0"), std::string::npos);
  EXPECT_NE(refusal_of({"--seed", "-1"}).find("at least 0"), std::string::npos);
  EXPECT_NE(refusal_of({"--threads", "99999999999"}).find("whole number"), std::string::npos);
  EXPECT_NE(refusal_of({"--max-time", "soon"}).find("--max-time: "), std::string::npos);
}

TEST(OptionTable, RefusesNumbersThatDoNotFit) {
  for (const std::string literal :
       {"99999999999999999999", "18446744073709551615", "9_223_372_036_854_775_808", "0xFFFFFFFFFFFFFFFF",
        "0o7777777777777777777777", "-9223372036854775809",
        "0b11111111111111111111111111111111111111111111111111111111111111111"}) {
    const std::string message = refusal_of({}, concat("epochs = 2\nseed = ", literal, "\n"));
    EXPECT_NE(message.find(".toml:2: seed: expected a whole number"), std::string::npos)
        << literal << ": " << message;
  }
  const std::string up_to = refusal_of({}, "seed = 18446744073709551615\n");
  EXPECT_NE(up_to.find("up to 9223372036854775807, got '18446744073709551615'"), std::string::npos) << up_to;
  for (const std::string literal : {"1e400", "-1e400", "1_0.0e4_00"}) {
    const std::string message = refusal_of({}, concat("epochs = ", literal, "\n"));
    EXPECT_NE(message.find(".toml:1: epochs: expected a number, got"), std::string::npos)
        << literal << ": " << message;
  }
  EXPECT_NE(refusal_of({"--seed", "99999999999999999999"}).find("a whole number up to"), std::string::npos);
}

TEST(OptionTable, ReadsEveryWayToWriteANumber) {
  train::Job job;
  OptionTable table;
  declare_job(table, job);
  for (const auto& [literal, value] : {std::pair<std::string, std::uint64_t>{"1_000", 1000},
                                       {"+7", 7},
                                       {"0xff", 255},
                                       {"0o17", 15},
                                       {"0b101", 5},
                                       {"9223372036854775807", 9223372036854775807ULL}}) {
    table.apply(Arguments{}, read_job_file(write_job(concat("  seed =\t", literal, " # \"seed\" = 3\n"))));
    EXPECT_EQ(job.recipe.seed, value) << literal;
  }
  for (const std::string literal : {"+1_0.5", "105e-1", "0.105E+2"}) {
    table.apply(Arguments{}, read_job_file(write_job(concat("\"epochs\" = ", literal))));
    EXPECT_EQ(job.recipe.epochs, 10.5) << literal;
  }
}

TEST(OptionTable, ReturnsWhatIsNoOptionInOrder) {
  train::Job job;
  OptionTable table;
  declare_job(table, job);
  EXPECT_EQ(table.apply(Arguments{"first", "--seed", "1", "second"}, {}), (Arguments{"first", "second"}));
  EXPECT_EQ(table.peek(Arguments{"--seed", "1", "first"}, ""), "first");
  EXPECT_EQ(table.peek(Arguments{"--seed=4", "first"}, "seed"), "4");
}

TEST(JobFile, NamesFileAndLineOfAMistake) {
  const std::string message = refusal([] { read_job_file(write_job("seed = 1\nepochs = \n")); });
  EXPECT_NE(message.find(".toml:2: not valid TOML"), std::string::npos) << message;
  const std::string twice = refusal([] { read_job_file(write_job("seed = 1\nseed = 2\n")); });
  EXPECT_NE(twice.find("already exists"), std::string::npos) << twice;
  EXPECT_NE(refusal([] { read_job_file("nowhere.toml"); }).find("no such file"), std::string::npos);
}

TEST(OptionTable, KnowsWhatAnActionDoesNotTake) {
  OptionTable table;
  std::string key, links, out, pool = "1";
  table.begin_group("Hand in", {"create", "keygen"});
  table.text("key", "", "FILE", key, "");
  table.text("links", "", "LIST", links, "").only({"open"});
  table.text("pool", "", "N", pool, "");
  table.begin_group("Other");
  table.text("out", "", "FILE", out, "");
  table.apply(Arguments{"open", "--key", "a", "--links", "3", "--out", "b"}, {});
  EXPECT_EQ(table.given_but_foreign_to("open"), Arguments{"--key"});
  EXPECT_EQ(table.given_but_foreign_to("keygen"), Arguments{"--links"});
  EXPECT_EQ(table.given_but_foreign_to("verify"), (Arguments{"--key", "--links"}));
}

}  // namespace
}  // namespace cohort::app
