// The choice of a table, the float environment, the fingerprint.
#include "cohort/kernels/select.hpp"

#include <gtest/gtest.h>

#include <cfenv>

#include "cohort/core/error.hpp"

namespace cohort::kernels {
namespace {

TEST(Select, ListsScalarLast) {
  const auto isas = available_isas();
  ASSERT_FALSE(isas.empty());
  EXPECT_EQ(isas.back(), Isa::scalar);
}

TEST(Select, FindsTablesByName) {
  EXPECT_STREQ(exact_table("scalar").name, "scalar");
  EXPECT_EQ(&exact_table("auto"), &exact_table(available_isas().front()));
  for (const Isa isa : available_isas()) {
    EXPECT_EQ(&exact_table(name_of(isa)), &exact_table(isa));
    EXPECT_EQ(exact_table(isa).name, name_of(isa));
    EXPECT_TRUE(exact_table(isa).is_replayable);
  }
}

TEST(Select, NamesWhatIsAvailable) {
  for (const char* name : {"avx1024", "", "AVX2", "neon", "avx2"}) {
    try {
      exact_table(name);
      EXPECT_TRUE(std::string_view(name) == "neon" || std::string_view(name) == "avx2") << name;
    } catch (const UsageError& error) {
      EXPECT_NE(std::string(error.what()).find("available: auto, "), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find("scalar"), std::string::npos) << error.what();
    }
  }
}

TEST(FloatEnvironment, IsRestored) {
  set_float_environment();
  EXPECT_TRUE(float_environment_is_exact());
  ASSERT_EQ(std::fesetround(FE_UPWARD), 0);
  EXPECT_FALSE(float_environment_is_exact());
  try {
    require_exact_float_environment("count");
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("count: a thread's rounding mode"), 0U) << error.what();
  }
  set_float_environment();
  EXPECT_TRUE(float_environment_is_exact());
  EXPECT_NO_THROW(require_exact_float_environment("count"));
  EXPECT_EQ(std::fegetround(), FE_TONEAREST);
}

#if defined(__x86_64__)
TEST(FloatEnvironment, NoticesFlushedSubnormals) {
  for (const unsigned bit : {1u << 15, 1u << 6}) {
    __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | bit);
    EXPECT_FALSE(float_environment_is_exact());
    set_float_environment();
    EXPECT_TRUE(float_environment_is_exact());
  }
}
#endif

TEST(Fingerprint, IsThatOfTheNumericsForAllTables) {
  for (const Isa isa : available_isas()) {
    EXPECT_EQ(fingerprint(exact_table(isa)), kFingerprint) << name_of(isa);
    EXPECT_NO_THROW(require_exact(exact_table(isa)));
  }
}

TEST(Fingerprint, NoticesOtherBits) {
  Table<float> other = exact_table("scalar");
  other.add = [](std::int64_t n, const float* a, const float* b, float* dst) {
    exact_table("scalar").add(n, a, b, dst);
    dst[n - 1] = a[n - 1];
  };
  EXPECT_NE(fingerprint(other), kFingerprint);
  try {
    require_exact(other);
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    const std::string words = error.what();
    EXPECT_NE(words.find("scalar kernels do not compute the bits of numerics 1"), std::string::npos) << words;
    EXPECT_NE(words.find(fingerprint(other)), std::string::npos) << words;
    EXPECT_NE(words.find(kFingerprint), std::string::npos) << words;
  }
  other.is_replayable = false;
  EXPECT_NO_THROW(require_exact(other)) << "promises no bits";
}

}  // namespace
}  // namespace cohort::kernels
