#include "cohort/core/exact_math.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>

#include "cohort/core/philox.hpp"
#include "support/worse_error.hpp"

namespace cohort {
namespace {

using tests::worse_error;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr int kPoints = 200000;

// The oracle is libm in long double: 64 bits of mantissa on x86, 113 on AArch64, either enough to judge 53.
using Oracle = std::function<long double(long double)>;

double relative_error(double value, long double expected) {
  return static_cast<double>(std::abs((static_cast<long double>(value) - expected) / expected));
}

/// The largest error of `f` at random points between low and high.
double worst(double low, double high, const std::function<double(double)>& f) {
  RandomSequence random(7, Stream::test_inputs, 0);
  double largest = 0;
  for (int i = 0; i < kPoints; ++i) largest = worse_error(largest, f(random.uniform(low, high)));
  return largest;
}

double worst_relative(double (*f)(double), const Oracle& oracle, double low, double high) {
  return worst(low, high, [&](double x) { return relative_error(f(x), oracle(x)); });
}

double worst_absolute(double (*f)(double), const Oracle& oracle, double low, double high) {
  return worst(low, high, [&](double x) {
    return static_cast<double>(std::abs(static_cast<long double>(f(x)) - oracle(x)));
  });
}

TEST(Worst, IsInfiniteForWhatIsNotANumber) {
  int calls = 0;  // in the middle, where a maximum forgets it at the next point
  EXPECT_EQ(worst(0, 1, [&](double) { return ++calls == kPoints / 2 ? kNaN : 0.0; }), kInfinity);
  EXPECT_EQ(worst(0, 1, [](double) { return 0.5; }), 0.5);
}

constexpr double (*kExp)(double) = exact::exp;
constexpr double (*kLog)(double) = exact::log;

TEST(ExactExp, StaysWithinItsBound) {
  const Oracle oracle = [](long double x) { return std::exp(x); };
  EXPECT_LT(worst_relative(kExp, oracle, -708.0, 709.78), 1e-15);
  EXPECT_LT(worst_relative(kExp, oracle, -1.0, 1.0), 2.0e-16);
  EXPECT_LT(worst_relative(kExp, oracle, -1e-6, 1e-6), 1.2e-16);
}

TEST(ExactExp, RoundsSubnormalResultsOnce) {
  const Oracle oracle = [](long double x) { return std::exp(x); };
  EXPECT_LE(worst_absolute(kExp, oracle, -745.1, -708.0), 0x1p-1074);
}

TEST(ExactExp, HandlesTheEnds) {
  EXPECT_EQ(exact::exp(0.0), 1.0);
  EXPECT_EQ(exact::exp(710.0), kInfinity);
  EXPECT_EQ(exact::exp(709.79), kInfinity);
  EXPECT_EQ(exact::exp(kInfinity), kInfinity);
  EXPECT_EQ(exact::exp(-745.3), 0.0);
  EXPECT_EQ(exact::exp(-kInfinity), 0.0);
  EXPECT_EQ(exact::exp(-745.0), 0x1p-1074);
  EXPECT_TRUE(std::isnan(exact::exp(kNaN)));
}

TEST(ExactLog, StaysWithinItsBound) {
  const Oracle oracle = [](long double x) { return std::log(x); };
  EXPECT_LT(worst_relative(kLog, oracle, 0x1p-1074, 1e-300), 1e-15);
  EXPECT_LT(worst_relative(kLog, oracle, 1e-300, 1.0), 1e-15);
  EXPECT_LT(worst_relative(kLog, oracle, 0.5, 2.0), 2.5e-16);
  EXPECT_LT(worst_relative(kLog, oracle, 0.999, 1.001), 2.5e-16);
  EXPECT_LT(worst_relative(kLog, oracle, 1.0, 1e300), 1e-15);
}

TEST(ExactLog, HandlesTheEnds) {
  EXPECT_EQ(exact::log(1.0), 0.0);
  EXPECT_EQ(exact::log(0.0), -kInfinity);
  EXPECT_EQ(exact::log(-0.0), -kInfinity);
  EXPECT_EQ(exact::log(kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(exact::log(-1.0)));
  EXPECT_TRUE(std::isnan(exact::log(-kInfinity)));
  EXPECT_TRUE(std::isnan(exact::log(kNaN)));
  EXPECT_LT(relative_error(exact::log(0x1p-1074), -1074 * std::log(2.0L)), 2e-16);
}

TEST(ExactSinCos, StayWithinTheirBound) {
  const Oracle sine = [](long double x) { return std::sin(x); };
  const Oracle cosine = [](long double x) { return std::cos(x); };
  for (const double range : {0.001, 1.0, 7.0, 1000.0, 1e5}) {
    EXPECT_LT(worst_absolute(exact::sin, sine, -range, range), 2.0e-16) << range;
    EXPECT_LT(worst_absolute(exact::cos, cosine, -range, range), 2.0e-16) << range;
  }
}

TEST(ExactSinCos, KeepTheirDigitsNearMultiplesOfHalfPi) {
  for (int n = 1; n < 60000; n += 7) {
    const double x = n * 1.5707963267948966;
    EXPECT_LT(std::abs(static_cast<double>(exact::sin(x) - std::sin(static_cast<long double>(x)))), 2.0e-16);
    EXPECT_LT(std::abs(static_cast<double>(exact::cos(x) - std::cos(static_cast<long double>(x)))), 2.0e-16);
  }
}

TEST(ExactSinCos, RefuseAnglesOutOfRange) {
  EXPECT_EQ(exact::sin(0.0), 0.0);
  EXPECT_EQ(exact::cos(0.0), 1.0);
  for (const double x : {1.1e5, -1.1e5, kInfinity, -kInfinity, kNaN}) {
    EXPECT_TRUE(std::isnan(exact::sin(x)));
    EXPECT_TRUE(std::isnan(exact::cos(x)));
  }
}

TEST(ExactPow, StaysWithinItsBound) {
  RandomSequence random(7, Stream::test_inputs, 1);
  double largest = 0;
  for (int i = 0; i < kPoints; ++i) {
    // Bases over the whole range, exponents such that the result stays normal.
    const double base = std::exp2(random.uniform(-1022.0, 1023.0));
    const double exponent = random.uniform(-1021.0, 1021.0) / std::max(1e-3, std::abs(std::log2(base)));
    const double value = exact::pow(base, exponent);
    largest = worse_error(largest, relative_error(value, std::pow(static_cast<long double>(base),
                                                                  static_cast<long double>(exponent))));
  }
  EXPECT_LT(largest, 1e-15);
}

TEST(ExactPow, StaysWithinItsBoundNearOne) {
  RandomSequence random(7, Stream::test_inputs, 2);
  double largest = 0;
  for (int i = 0; i < kPoints; ++i) {
    const double base = 1.0 + random.uniform(-1e-3, 1e-3);
    const double exponent = random.uniform(-5e5, 5e5);
    largest = worse_error(
        largest, relative_error(exact::pow(base, exponent), std::pow(static_cast<long double>(base),
                                                                     static_cast<long double>(exponent))));
  }
  EXPECT_LT(largest, 1e-15);
}

TEST(ExactPow, HandlesTheEnds) {
  EXPECT_EQ(exact::pow(0.0, 0.0), 1.0);
  EXPECT_EQ(exact::pow(kNaN, 0.0), 1.0);
  EXPECT_EQ(exact::pow(1.0, kNaN), 1.0);
  EXPECT_EQ(exact::pow(0.0, 2.0), 0.0);
  EXPECT_EQ(exact::pow(0.0, -2.0), kInfinity);
  EXPECT_EQ(exact::pow(kInfinity, 2.0), kInfinity);
  EXPECT_EQ(exact::pow(kInfinity, -2.0), 0.0);
  EXPECT_EQ(exact::pow(2.0, 1024.0), kInfinity);
  EXPECT_EQ(exact::pow(2.0, -1080.0), 0.0);
  EXPECT_EQ(exact::pow(2.0, kInfinity), kInfinity);
  EXPECT_EQ(exact::pow(0.5, kInfinity), 0.0);
  EXPECT_EQ(exact::pow(2.0, -kInfinity), 0.0);
  EXPECT_TRUE(std::isnan(exact::pow(-2.0, 2.0)));
  EXPECT_TRUE(std::isnan(exact::pow(2.0, kNaN)));
  EXPECT_EQ(exact::pow(0x1p-1074, 1.0), 0x1p-1074);
  EXPECT_EQ(exact::pow(2.0, 10.0), 1024.0);
  EXPECT_EQ(exact::pow(10.0, -3.0), 0.001);
  EXPECT_EQ(exact::pow(0.999, 1.0), 0.999);
}

TEST(ExactSqrt, IsCorrectlyRounded) {
  RandomSequence random(7, Stream::test_inputs, 3);
  for (int i = 0; i < 10000; ++i) {
    const double x = random.uniform(0.0, 1e6);
    EXPECT_EQ(exact::sqrt(x), std::sqrt(x));
    const auto y = static_cast<float>(x);
    EXPECT_EQ(exact::sqrt(y), std::sqrt(y));
  }
  EXPECT_TRUE(std::isnan(exact::sqrt(-1.0)));
}

TEST(ExactAtan2, StaysWithinItsBound) {
  RandomSequence random(7, Stream::test_inputs, 4);
  double largest = 0;
  for (int i = 0; i < kPoints; ++i) {
    const double y = random.uniform(-1.0, 1.0) * std::exp2(random.uniform(-8.0, 8.0));
    const double x = random.uniform(-1.0, 1.0) * std::exp2(random.uniform(-8.0, 8.0));
    const long double expected = std::atan2(static_cast<long double>(y), static_cast<long double>(x));
    largest = worse_error(largest, static_cast<double>(std::abs(exact::atan2(y, x) - expected)));
  }
  EXPECT_LT(largest, 1e-15);
}

TEST(ExactAtan2, HandlesTheEnds) {
  EXPECT_EQ(exact::atan2(0.0, 0.0), 0.0);
  EXPECT_EQ(exact::atan2(0.0, 1.0), 0.0);
  EXPECT_EQ(exact::atan2(-0.0, -1.0), exact::kPi);  // the range is (-pi, pi]
  EXPECT_EQ(exact::atan2(1.0, 0.0), exact::kPi / 2);
  EXPECT_EQ(exact::atan2(-1.0, 0.0), -exact::kPi / 2);
  EXPECT_EQ(exact::atan2(kInfinity, kInfinity), exact::kPi / 4);
  EXPECT_EQ(exact::atan2(-kInfinity, 1.0), -exact::kPi / 2);
  EXPECT_EQ(exact::atan2(1.0, -kInfinity), exact::kPi);
  EXPECT_EQ(exact::atan2(1e300, 1e300), exact::kPi / 4);
  EXPECT_EQ(exact::atan2(0x1p-1074, 0x1p-1074), exact::kPi / 4);
  EXPECT_EQ(exact::atan2(1.7e308, 0x1p-1074), exact::kPi / 2);
  EXPECT_EQ(exact::atan2(1e-300, 1.0), 1e-300);
  EXPECT_TRUE(std::isnan(exact::atan2(kNaN, 1.0)));
  EXPECT_TRUE(std::isnan(exact::atan2(1.0, kNaN)));
}

// These bits are part of numerics_version 1: a change here is a new version.
struct Golden {
  const char* name;
  double value;
  std::uint64_t bits;
};

TEST(ExactMath, KeepsItsBits) {
  const Golden golden[] = {
      {"exp(1.0)", exact::exp(1.0), 0x4005bf0a8b14576a},
      {"exp(-0.5)", exact::exp(-0.5), 0x3fe368b2fc6f960a},
      {"exp(100.25)", exact::exp(100.25), 0x48f8c39b9134bac4},
      {"exp(-745.0)", exact::exp(-745.0), 0x0000000000000001},
      {"exp(-710.5)", exact::exp(-710.5), 0x0001f3c9d0fbe022},
      {"exp(0x1p-30)", exact::exp(0x1p-30), 0x3ff0000000400000},
      {"log(2.0)", exact::log(2.0), 0x3fe62e42fefa39ef},
      {"log(10.0)", exact::log(10.0), 0x40026bb1bbb55516},
      {"log(0.75)", exact::log(0.75), 0xbfd269621134db92},
      {"log(0x1.8p-1070)", exact::log(0x1.8p-1070), 0xc0872a189cf0df96},
      {"sin(1.0)", exact::sin(1.0), 0x3feaed548f090cee},
      {"sin(100.0)", exact::sin(100.0), 0xbfe03425b78c4db8},
      {"sin(-99999.5)", exact::sin(-99999.5), 0xbfe055f282f41bda},
      {"cos(1.0)", exact::cos(1.0), 0x3fe14a280fb5068c},
      {"cos(3.0)", exact::cos(3.0), 0xbfefae04be85e5d2},
      {"cos(12345.678)", exact::cos(12345.678), 0x3fe6b94c3bbe24b8},
      {"pow(10.0, 0.3)", exact::pow(10.0, 0.3), 0x3fffec982d5bb8af},
      {"pow(0.9, 1000.0)", exact::pow(0.9, 1000.0), 0x366fee7413dac341},
      {"pow(1.0000001, 1e8)", exact::pow(1.0000001, 1e8), 0x40d5829d1d3f9926},
      {"pow(3.0, -600.5)", exact::pow(3.0, -600.5), 0x0472c3fe31a13ba2},
      {"atan2(1.0, 3.0)", exact::atan2(1.0, 3.0), 0x3fd4978fa3269ee2},
      {"atan2(-5.0, -0.1)", exact::atan2(-5.0, -0.1), 0xbff973e40dbaed14},
      {"atan2(0.7, -0.7)", exact::atan2(0.7, -0.7), 0x4002d97c7f3321d2},
      {"sqrt(2.0)", exact::sqrt(2.0), 0x3ff6a09e667f3bcd},
  };
  for (const Golden& g : golden) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(g.value), g.bits)
        << g.name << " is 0x" << std::hex << std::bit_cast<std::uint64_t>(g.value);
  }
}

TEST(ExactMath, KeepsTheBitsOfManyValues) {
  RandomSequence random(11, Stream::test_inputs, 5);
  std::uint64_t hash = 0;
  const auto mix = [&hash](double value) {
    hash = (hash ^ std::bit_cast<std::uint64_t>(value)) * 0x9E3779B97F4A7C15;
    hash ^= hash >> 29;
  };
  for (int i = 0; i < 20000; ++i) {
    mix(exact::exp(random.uniform(-700.0, 700.0)));
    mix(exact::log(random.uniform(0.0, 10.0)));
    mix(exact::sin(random.uniform(-100.0, 100.0)));
    mix(exact::cos(random.uniform(-100.0, 100.0)));
    const double base = random.uniform(0.0, 10.0);
    mix(exact::pow(base, random.uniform(-20.0, 20.0)));
    const double y = random.uniform(-1.0, 1.0);
    mix(exact::atan2(y, random.uniform(-1.0, 1.0)));
  }
  EXPECT_EQ(hash, 0x25c473a69eba432cu) << "0x" << std::hex << hash;
}

}  // namespace
}  // namespace cohort
