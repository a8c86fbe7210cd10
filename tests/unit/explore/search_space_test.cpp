#include "cohort/explore/search_space.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "cohort/core/error.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/core/text.hpp"

namespace cohort::explore {
namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

Dimension dimension(const std::string& key, const std::string& text) {
  const Entries entries{{key, text}};
  return SearchSpace::parse(entries).dimensions().at(0);
}

std::string refusal(const Entries& entries) {
  try {
    SearchSpace::parse(entries);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

double number(const std::string& text) {
  return parse_double(text).value();
}

TEST(SearchSpace, SortsDimensionsByCanonicalKey) {
  const Entries entries{{"lr", "log(1e-3, 3e-1)"},
                        {"augment.shift", " integer( 0 , 4 ) "},
                        {"optimizer", "choice(sgd, adamw)"},
                        {"smoothing", "linear(0, 0.3)"}};
  const SearchSpace space = SearchSpace::parse(entries);
  ASSERT_EQ(space.dimensions().size(), 4U);
  std::vector<std::string> keys;
  for (const Dimension& one : space.dimensions()) keys.push_back(one.key);
  EXPECT_EQ(keys, (std::vector<std::string>{"augment.shift", "label_smoothing", "optimizer.name",
                                            "schedule.learning_rate"}));
  EXPECT_EQ(space.dimensions()[0].scale, Scale::integer);
  EXPECT_EQ(space.dimensions()[1].high, 0.3);
  EXPECT_EQ(space.dimensions()[2].choices, (std::vector<std::string>{"sgd", "adamw"}));
  EXPECT_EQ(space.dimensions()[3].low, 1e-3);
  EXPECT_TRUE(SearchSpace::parse({}).empty());
}

TEST(SearchSpace, PutsPlacesOnTheirScale) {
  const Dimension rate = dimension("lr", "log(1e-4, 1)");
  EXPECT_EQ(rate.at(0), "1e-04");
  EXPECT_EQ(rate.at(0.25), "0.001");
  EXPECT_EQ(rate.at(0.5), "0.01");
  EXPECT_EQ(rate.at(1), "1.0");
  EXPECT_EQ(rate.at(0.3), "0.00158489");
  const Dimension smoothing = dimension("smoothing", "linear(0.1, 0.3)");
  EXPECT_EQ(smoothing.at(0), "0.1");
  EXPECT_EQ(smoothing.at(0.5), "0.2");
  EXPECT_EQ(smoothing.at(1.0 / 3), "0.166667");
}

TEST(SearchSpace, CutsIntegersAndChoicesIntoEqualParts) {
  const Dimension shift = dimension("augment.shift", "integer(2, 5)");
  const Dimension choice = dimension("schedule", "choice(constant, cosine, step)");
  std::vector<int> shifts(6, 0), choices(3, 0);
  for (int i = 0; i < 1200; ++i) {
    const double place = (i + 0.5) / 1200;
    ++shifts.at(static_cast<std::size_t>(number(shift.at(place))));
    ++choices[static_cast<std::size_t>(
        std::find(choice.choices.begin(), choice.choices.end(), choice.at(place)) - choice.choices.begin())];
  }
  EXPECT_EQ(shifts, (std::vector<int>{0, 0, 300, 300, 300, 300}));
  EXPECT_EQ(choices, (std::vector<int>{400, 400, 400}));
  EXPECT_EQ(shift.at(1), "5");
  EXPECT_EQ(choice.at(1), "step");
  EXPECT_EQ(choice.at(-0.1), "constant");
}

TEST(SearchSpace, FindsThePlaceOfEveryValueItMakes) {
  const Dimension dimensions[] = {dimension("lr", "log(1e-3, 3e-1)"),
                                  dimension("smoothing", "linear(0, 0.3)"),
                                  dimension("augment.shift", "integer(0, 12)"),
                                  dimension("model", "choice(resnet18, cnn-small, resnet34)")};
  RandomSequence random(2, Stream::test_inputs, 0);
  for (const Dimension& one : dimensions) {
    for (int i = 0; i < 500; ++i) {
      const std::string value = one.at(i == 0 ? 0 : i == 1 ? 1 : random.uniform());
      const double place = one.place_of(value);
      EXPECT_GE(place, 0);
      EXPECT_LE(place, 1);
      EXPECT_EQ(one.at(place), value) << one.key;
      if (one.scale == Scale::choice) continue;
      EXPECT_GE(number(value), one.low);
      EXPECT_LE(number(value), one.high);
    }
  }
}

TEST(SearchSpace, RefusesForeignValues) {
  EXPECT_THROW(static_cast<void>(dimension("lr", "log(1e-3, 3e-1)").place_of("0.5")), DataError);
  EXPECT_THROW(static_cast<void>(dimension("lr", "log(1e-3, 3e-1)").place_of("fast")), DataError);
  EXPECT_THROW(static_cast<void>(dimension("augment.shift", "integer(0, 4)").place_of("1.5")), DataError);
  EXPECT_THROW(static_cast<void>(dimension("optimizer", "choice(sgd, adamw)").place_of("lars")), DataError);
}

TEST(SearchSpace, SaysWhatIsWrong) {
  const std::pair<Entries, const char*> cases[] = {
      {{{"learning-rte", "log(1e-3, 1)"}}, "there is no parameter 'learning-rte'"},
      {{{"moment", "linear(0, 0.9)"}}, "did you mean 'momentum'"},
      {{{"seed", "integer(1, 9)"}}, "cannot be explored"},
      {{{"model.classes", "integer(2, 9)"}}, "cannot be explored"},
      {{{"epochs", "integer(5, 50)"}}, "cannot be explored: all candidates train for"},
      {{{"max_steps", "integer(5, 50)"}}, "all candidates train for"},
      {{{"lr", "0.1"}}, "cannot read '0.1'"},
      {{{"lr", "log(1e-3, 1"}}, "cannot read"},
      {{{"lr", "log(1e-3, (1))"}}, "cannot read"},
      {{{"lr", "lg(1e-3, 1)"}}, "did you mean 'log'"},
      {{{"lr", "log(1e-3)"}}, "expected two numbers"},
      {{{"lr", "log(0, 1)"}}, "must lie above 0"},
      {{{"lr", "log(1, 1e-3)"}}, "is not below"},
      {{{"lr", "linear(0.1, 0.1)"}}, "is not below"},
      {{{"lr", "log(1e-3, much)"}}, "'much' is not a number"},
      {{{"augment.shift", "integer(0, 2.5)"}}, "is not an integer"},
      {{{"smoothing", "linear(0, 1.5)"}}, "label_smoothing = '1.5': expected"},
      {{{"batch-size", "linear(32, 128)"}}, "batch_size = '"},
      {{{"optimizer", "choice(sgd, adam)"}}, "optimizer.name = 'adam'"},
      {{{"optimizer", "choice(sgd)"}}, "at least two"},
      {{{"optimizer", "choice(sgd, lars, sgd)"}}, "'sgd' is given twice"},
      {{{"lr", "log(1e-3, 1)"}, {"schedule.learning_rate", "linear(0.1, 1)"}}, "is given twice"},
  };
  for (const auto& [entries, words] : cases)
    EXPECT_NE(refusal(entries).find(words), std::string::npos) << words << " in: " << refusal(entries);
}

TEST(SearchSpace, TellsAllProblemsAtOnce) {
  const std::string words =
      refusal({{"lr", "log(0, 1)"}, {"sed", "integer(1, 2)"}, {"smoothing", "linear(0, 2)"}});
  for (const char* part : {"lr: ", "sed: ", "smoothing: "})
    EXPECT_NE(words.find(part), std::string::npos) << words;
}

}  // namespace
}  // namespace cohort::explore
