#include "cohort/round/hidden_set.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <thread>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "support/tiny_run.hpp"

namespace cohort::round {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// A row of a data set, told by the byte that fills its pixels.
struct Row {
  const char* id;
  const char* lesion;
  const char* patient;
  std::uint8_t shade;
  data::Split split = data::Split::hidden;
};

data::Dataset packed_rows(const std::filesystem::path& path, const std::vector<Row>& rows) {
  data::PackOptions options;
  options.image = {3, 2, 2};
  options.classes = {"bcc"};
  options.normalization = {{0.4, 0.45, 0.5}, {0.2, 0.25, 0.3}};
  options.import_command = "made by a test";
  data::PackedSample sample;
  data::write_packed(path, options, static_cast<std::int64_t>(rows.size()),
                     [&](std::int64_t index) -> const data::PackedSample& {
                       const Row& row = rows[static_cast<std::size_t>(index)];
                       sample.id = row.id;
                       sample.lesion = row.lesion;
                       sample.patient = row.patient;
                       sample.split = row.split;
                       sample.pixels.assign(12, row.shade);
                       return sample;
                     });
  return data::Dataset::open(path, true);
}

class HiddenSet : public testing::Test {
 protected:
  HiddenSet() {
    tests::write_tiny_data(folder_.path() / "hidden.h5", {0, 0, 30, 9});
    tests::write_tiny_data(folder_.path() / "other.h5", {0, 0, 30, 10});
  }
  [[nodiscard]] data::Dataset open(const char* name) const {
    return data::Dataset::open(folder_.path() / name);
  }

  tests::TemporaryFolder folder_{"hidden-set"};
  std::filesystem::path ledger_ = folder_.path() / "ledger.json";
  Digest task_ = sha256("task"), seed_ = sha256("seed");
};

TEST_F(HiddenSet, IsHiddenFromItsMainFile) {
  const data::Dataset main =
      packed_rows(folder_.path() / "set.h5", {{"a", "lesion_1", "patient_1", 1, data::Split::train},
                                              {"b", "", "", 2, data::Split::validation},
                                              {"c", "lesion_3", "", 3, data::Split::test}});
  const auto hidden = [&](const std::vector<Row>& rows) {
    return packed_rows(folder_.path() / "set.hidden.h5", rows);
  };
  // Nothing known is nothing shared, and a lesion's name may be a patient's.
  EXPECT_NO_THROW(require_hidden(
      hidden({{"d", "", "", 4}, {"e", "patient_1", "lesion_3", 5}, {"f", "b", "a", 6}}), main));
  const auto refuses = [&](const std::vector<Row>& rows, const std::string& words) {
    EXPECT_THAT([&] { require_hidden(hidden(rows), main); },
                ThrowsMessage<DataError>(AllOf(HasSubstr("set.hidden.h5: is not hidden from "),
                                               HasSubstr(words), HasSubstr("come from one import"))))
        << words;
  };
  const Row fresh{"x", "lesion_9", "patient_9", 9};
  refuses({fresh, {"d", "", "", 4, data::Split::train}}, "1 image of another split than hidden (d)");
  refuses({fresh, {"b", "", "", 4}}, "1 image of the same id in both files (b)");
  refuses({fresh, {"d", "lesion_3", "", 4}, {"e", "lesion_3", "", 5}}, "1 lesion in both files (lesion_3)");
  refuses({fresh, {"d", "", "patient_1", 4}}, "1 patient in both files (patient_1)");
  refuses({fresh, {"e", "", "", 3}, {"d", "", "", 2}}, "2 images of equal pixels in both files (d, e)");
}

TEST_F(HiddenSet, IsNotTheMainFileItself) {
  const data::Dataset main = open("hidden.h5");
  EXPECT_THAT([&] { require_hidden(main, main); },
              ThrowsMessage<DataError>(
                  AllOf(HasSubstr("30 images of another split than hidden (image_1000, image_1001, "
                                  "image_1002, ...); 30 images of the same id"),
                        HasSubstr("30 lesions in both files"), HasSubstr("30 images of equal pixels"))));
}

TEST_F(HiddenSet, GivesEachRoundImagesOfItsOwn) {
  const data::Dataset hidden = open("hidden.h5");
  std::set<std::int32_t> all;
  std::vector<std::vector<std::int32_t>> taken;
  for (std::int64_t round = 1; round <= 3; ++round) {
    HiddenLedger ledger(ledger_, hidden);  // read anew each time
    taken.push_back(ledger.take(task_, round, 10, seed_));
    EXPECT_EQ(taken.back().size(), 10U);
    EXPECT_TRUE(std::ranges::is_sorted(taken.back()));
    all.insert(taken.back().begin(), taken.back().end());
    EXPECT_EQ(ledger.unspent(), 30 - 10 * round);
  }
  EXPECT_EQ(all.size(), 30U);
  EXPECT_NE(taken[0], (std::vector<std::int32_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  HiddenLedger again(ledger_, hidden);
  for (std::int64_t round = 1; round <= 3; ++round)  // the same round, whatever the seed and count now
    EXPECT_EQ(again.take(task_, round, 5, sha256("another seed")),
              taken[static_cast<std::size_t>(round - 1)]);
}

TEST_F(HiddenSet, DrawsByTheSeed) {
  const data::Dataset hidden = open("hidden.h5");
  const auto take = [&](const char* name, const char* seed) {
    return HiddenLedger(folder_.path() / name, hidden).take(task_, 1, 10, sha256(seed));
  };
  EXPECT_EQ(take("a.json", "x"), take("b.json", "x"));
  EXPECT_NE(take("c.json", "y"), take("a.json", "x"));
}

TEST_F(HiddenSet, RefusesWhenUsedUp) {
  const data::Dataset hidden = open("hidden.h5");
  HiddenLedger ledger(ledger_, hidden);
  ledger.take(task_, 1, 21, seed_);
  EXPECT_THAT([&] { ledger.take(task_, 2, 10, seed_); },
              ThrowsMessage<DataError>(HasSubstr("needs 10 fresh images, but 9 of 30 are unspent")));
  EXPECT_THAT([&] { ledger.take(sha256("another task"), 1, 10, seed_); },
              ThrowsMessage<DataError>(HasSubstr("9 of 30 are unspent")));
  EXPECT_THROW(ledger.take(task_, 2, 0, seed_), DataError);
  EXPECT_EQ(ledger.unspent(), 9);
  EXPECT_EQ(ledger.take(task_, 2, 9, seed_).size(), 9U);
}

TEST_F(HiddenSet, IsFoundWithoutSpending) {
  const data::Dataset hidden = open("hidden.h5");
  HiddenLedger ledger(ledger_, hidden);
  EXPECT_FALSE(ledger.taken(task_, 1));
  const std::vector<std::int32_t> images = ledger.take(task_, 1, 10, seed_);
  EXPECT_EQ(ledger.taken(task_, 1), images);
  EXPECT_FALSE(ledger.taken(task_, 2));
  EXPECT_FALSE(ledger.taken(sha256("another task"), 1));
}

TEST_F(HiddenSet, IsSpentOnceByRunsThatGoOnAtTheSameTime) {
  const data::Dataset hidden = open("hidden.h5");
  std::vector<std::vector<std::int32_t>> taken(6);
  std::vector<HiddenLedger> ledgers(taken.size(), HiddenLedger(ledger_, hidden));  // all read the same
  std::vector<std::thread> runs;
  for (std::size_t i = 0; i < taken.size(); ++i)
    runs.emplace_back([&, i] { taken[i] = ledgers[i].take(sha256(concat("task ", i)), 1, 5, seed_); });
  for (std::thread& run : runs) run.join();
  std::set<std::int32_t> all;
  for (const auto& images : taken) all.insert(images.begin(), images.end());
  EXPECT_EQ(all.size(), 30U);
  const HiddenLedger after(ledger_, hidden);
  EXPECT_EQ(after.unspent(), 0);
  for (std::size_t i = 0; i < taken.size(); ++i)
    EXPECT_EQ(after.taken(sha256(concat("task ", i)), 1), taken[i]);
}

TEST_F(HiddenSet, IsNotHeldByWhoMayOnlyReadIt) {
  HiddenLedger(ledger_, open("hidden.h5")).take(task_, 1, 10, seed_);
  namespace fs = std::filesystem;
  const fs::perms lock = fs::status(folder_.path() / ".ledger.json.lock").permissions();
  const auto has = [&](fs::perms right) { return (lock & right) != fs::perms::none; };
  EXPECT_TRUE(has(fs::perms::owner_write));
  EXPECT_EQ(has(fs::perms::group_read), has(fs::perms::group_write));
  EXPECT_EQ(has(fs::perms::others_read), has(fs::perms::others_write));
}

TEST_F(HiddenSet, HasOneLedgerForSeveralRuns) {
  const data::Dataset hidden = open("hidden.h5");
  const auto first = folder_.path() / "first.json", second = folder_.path() / "second.json";
  EXPECT_EQ(ledger_of(first), first);
  for (const auto& own : {first, second}) {
    EXPECT_EQ(ledger_of(own, ledger_), ledger_);
    share_ledger(own, ledger_of(own, ledger_), hidden);
    EXPECT_EQ(ledger_of(own), ledger_) << "what the run has been told once it knows";
    EXPECT_EQ(ledger_of(own, ledger_), ledger_);
    EXPECT_EQ(ledger_of(own, first), ledger_) << "another run's stands for its ledger";
  }
  HiddenLedger(ledger_of(first), hidden).take(task_, 1, 10, seed_);
  EXPECT_EQ(HiddenLedger(ledger_of(second), hidden).unspent(), 20);
  EXPECT_THAT([&] { ledger_of(second, folder_.path() / "other.json"); },
              ThrowsMessage<CheckpointError>(HasSubstr("ledger.json, not by")));
  EXPECT_THAT([&] { HiddenLedger(first, hidden); }, ThrowsMessage<DataError>(HasSubstr("not a ledger")));
  std::filesystem::remove(ledger_);  // what is spent is not forgotten
  EXPECT_THAT([&] { ledger_of(first); },
              ThrowsMessage<Error>(AllOf(HasSubstr("first.json: names "), HasSubstr("is not there"))));
}

TEST_F(HiddenSet, KeepsALedgerThatARunHas) {
  const data::Dataset hidden = open("hidden.h5");
  HiddenLedger(ledger_, hidden).take(task_, 1, 10, seed_);
  EXPECT_EQ(ledger_of(ledger_, ledger_), ledger_);
  share_ledger(ledger_, ledger_, hidden);
  EXPECT_EQ(HiddenLedger(ledger_, hidden).unspent(), 20);
  EXPECT_THROW(ledger_of(ledger_, folder_.path() / "other.json"), CheckpointError);
  const auto second = folder_.path() / "second.json";
  share_ledger(second, ledger_of(second, ledger_), hidden);
  EXPECT_EQ(HiddenLedger(ledger_of(second), hidden).unspent(), 20);
  EXPECT_THAT(
      [&] { share_ledger(folder_.path() / "third.json", folder_.path() / "none" / "l.json", hidden); },
      ThrowsMessage<Error>(HasSubstr("none")));
}

TEST_F(HiddenSet, RefusesForeignLedgers) {
  HiddenLedger(ledger_, open("hidden.h5")).take(task_, 1, 10, seed_);
  EXPECT_THAT([&] { HiddenLedger(ledger_, open("other.h5")); },
              ThrowsMessage<DataError>(HasSubstr("belongs to another hidden set")));
  const data::Dataset hidden = open("hidden.h5");
  const auto refuses = [&](const std::string& text, const std::string& words) {
    std::ofstream(ledger_, std::ios::trunc) << text;
    EXPECT_THAT([&] { HiddenLedger(ledger_, hidden); }, ThrowsMessage<DataError>(HasSubstr(words))) << text;
  };
  const std::string head =
      R"({"schema": "cohort.hidden-ledger/1", "hidden": ")" + to_hex(hidden.digest()) + R"(", "entries": )";
  const std::string entry = R"({"task": ")" + to_hex(task_) + R"(", "round": 1, "images": )";
  refuses("{", "ledger.json");
  refuses(R"({"schema": "something"})", "ledger.json: not a ledger");
  refuses(head + "[" + entry + "[30]}]}", "names an image that is not there");
  refuses(head + "[" + entry + "[-1]}]}", "names an image that is not there");
  refuses(head + "[" + entry + "[3, 3]}]}", "spends an image twice");
}

}  // namespace
}  // namespace cohort::round
