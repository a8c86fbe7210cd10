#include "cohort/core/text.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <locale>

#include "cohort/core/error.hpp"
#include "cohort/core/philox.hpp"

namespace cohort {
namespace {

using Names = std::vector<std::string>;

/// A locale that prints 1234.5 as 1.234,5.
struct CommaDecimal : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(Concat, IgnoresTheGlobalLocale) {
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new CommaDecimal));
  const std::string text = concat("rank ", 1234, ": ", 1.5, ' ', std::string_view("end"));
  std::locale::global(before);
  EXPECT_EQ(text, "rank 1234: 1.5 end");
}

TEST(FormatShortest, ReadsBackTheSame) {
  RandomSequence random(1, Stream::test_inputs, 0);
  for (int i = 0; i < 20000; ++i) {
    const double value = std::bit_cast<double>(random.next_u64());
    if (value != value) continue;
    EXPECT_EQ(parse_double(format_shortest(value)), value);
  }
}

TEST(FormatShortest, LooksLikeADouble) {
  EXPECT_EQ(format_shortest(0.1), "0.1");
  EXPECT_EQ(format_shortest(1.0), "1.0");
  EXPECT_EQ(format_shortest(-0.0), "-0.0");
  EXPECT_EQ(format_shortest(1e300), "1e+300");
  EXPECT_EQ(format_shortest(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(format_shortest(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(format_shortest(-std::numeric_limits<double>::quiet_NaN()), "nan");
}

TEST(FormatFixed, KeepsTheDecimalsAskedFor) {
  EXPECT_EQ(format_fixed(2.0 / 3, 3), "0.667");
  EXPECT_EQ(format_fixed(-1234.5, 0), "-1234");
  EXPECT_EQ(format_fixed(1.0, 2), "1.00");
  EXPECT_EQ(format_fixed(std::numeric_limits<double>::max(), 2).size(), 312u);
}

TEST(ParseDouble, TakesTheWholeTextOrNothing) {
  EXPECT_EQ(parse_double("-1.5e3"), -1500.0);
  for (const char* junk : {"", " 1", "1 ", "1,5", "1.5x", "0x10", "--1", "1e"}) {
    EXPECT_EQ(parse_double(junk), std::nullopt) << junk;
  }
}

TEST(ParseInt, TakesTheWholeTextOrNothing) {
  EXPECT_EQ(parse_int("-9223372036854775808"), INT64_MIN);
  for (const char* junk : {"", " 1", "1 ", "1.0", "1e3", "9223372036854775808", "0x10"}) {
    EXPECT_EQ(parse_int(junk), std::nullopt) << junk;
  }
}

TEST(Split, KeepsEmptyFields) {
  EXPECT_EQ(split("a,,b,", ','), (Names{"a", "", "b", ""}));
  EXPECT_EQ(split("", ','), Names{""});
}

TEST(Trim, RemovesSpaceAtBothEnds) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim("  "), "");
}

TEST(ToLowerAscii, LeavesOtherBytesAlone) {
  EXPECT_EQ(to_lower_ascii("AbZ\xC3\x84"), "abz\xC3\x84");
}

TEST(NearestName, FindsWhatWasMeant) {
  const Names names = {"epochs", "batch-size", "micro-batch", "seed", "threads"};
  EXPECT_EQ(nearest_name("epoch", names), "epochs");
  EXPECT_EQ(nearest_name("batchsize", names), "batch-size");
  EXPECT_EQ(nearest_name("micro_batch", names), "micro-batch");
  EXPECT_EQ(nearest_name("sede", names), "seed");
  EXPECT_EQ(nearest_name("threads", names), "threads");
}

TEST(NearestName, KeepsSilentWhenNoneIsNear) {
  const Names names = {"epochs", "seed"};
  EXPECT_EQ(nearest_name("learning-rate", names), std::nullopt);
  EXPECT_EQ(nearest_name("xyz", names), std::nullopt);
  EXPECT_EQ(nearest_name("seed", {}), std::nullopt);
  EXPECT_EQ(nearest_name("abc", Names{"adx"}), "adx");         // distance 2 = 3 / 3 + 1
  EXPECT_EQ(nearest_name("abc", Names{"xyz"}), std::nullopt);  // distance 3
}

TEST(NearestName, PrefersTheFirstOfEquallyNear) {
  EXPECT_EQ(nearest_name("abx", Names{"abc", "abd"}), "abc");
}

TEST(NearestName, EndsAMessage) {
  const Names names = {"epochs", "seed"};
  EXPECT_EQ(did_you_mean("sede", names), "; did you mean 'seed'?");
  EXPECT_EQ(did_you_mean("learning-rate", names), "");
}

TEST(Joined, PutsSeparatorsBetweenNeighboursOnly) {
  EXPECT_EQ(joined({}, ", "), "");
  EXPECT_EQ(joined(Names{"a"}, ", "), "a");
  EXPECT_EQ(joined(Names{"a", "b", "c"}, ", "), "a, b, c");
  EXPECT_EQ(joined(Names{"", "b", ""}, ";"), ";b;") << "empty texts count too";
}

TEST(ParseDuration, ReadsEachForm) {
  EXPECT_EQ(parse_duration_s("90"), 90);
  EXPECT_EQ(parse_duration_s("1.5"), 1.5);
  EXPECT_EQ(parse_duration_s("90s"), 90);
  EXPECT_EQ(parse_duration_s("15min"), 900);
  EXPECT_EQ(parse_duration_s("2h"), 7200);
  EXPECT_EQ(parse_duration_s("0.5 h"), 1800);
  EXPECT_EQ(parse_duration_s("90:00"), 5400);
  EXPECT_EQ(parse_duration_s("1:02:03"), 3723);
  EXPECT_EQ(parse_duration_s("100:00:00"), 360000);
}

TEST(ParseDuration, RefusesJunk) {
  for (const char* junk :
       {"",   "h",    "-5",   "-5s",        "5m",  "5 days", "1:2", "1:60",   "1:00:60", ":30",
        "1:", "1::2", "1:-2", "1:02:03:04", "nan", "inf",    "1e3", "1.5:00", "10s10s",  "1..2"}) {
    EXPECT_THROW(static_cast<void>(parse_duration_s(junk)), UsageError) << junk;
  }
}

TEST(ParseBytes, ReadsEachForm) {
  EXPECT_EQ(parse_bytes("1500000"), 1500000u);
  EXPECT_EQ(parse_bytes("512MiB"), std::uint64_t{512} << 20);
  EXPECT_EQ(parse_bytes("2GiB"), std::uint64_t{2} << 30);
  EXPECT_EQ(parse_bytes("2 gib"), std::uint64_t{2} << 30);
  EXPECT_EQ(parse_bytes("1.5KiB"), 1536u);
  EXPECT_EQ(parse_bytes("3GB"), 3000000000u);
  EXPECT_EQ(parse_bytes("7B"), 7u);
  EXPECT_EQ(parse_bytes("9007199254740993"), 9007199254740993u);  // not through a double
}

TEST(ParseBytes, RefusesJunk) {
  for (const char* junk : {"", "MiB", "-1", "-1GiB", "12M", "1e9", "1 2", "0x10", "1.2.3MiB", "nan",
                           "99999999999999999999", "99999999TiB"}) {
    EXPECT_THROW(static_cast<void>(parse_bytes(junk)), UsageError) << junk;
  }
}

}  // namespace
}  // namespace cohort
