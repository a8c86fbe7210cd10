#include "cohort/round/verdict.hpp"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort::round {
namespace {

constexpr std::array<std::pair<Verdict, std::string_view>, 15> kVerdicts{{
    {Verdict::ok, "OK"},
    {Verdict::ok_unproven, "OK_UNPROVEN"},
    {Verdict::size, "SIZE"},
    {Verdict::format, "FORMAT"},
    {Verdict::signature, "SIG"},
    {Verdict::replayed, "REPLAYED"},
    {Verdict::late, "LATE"},
    {Verdict::spec, "SPEC"},
    {Verdict::non_finite, "NONFINITE"},
    {Verdict::duplicate, "DUPLICATE"},
    {Verdict::claim, "CLAIM"},
    {Verdict::statistics, "STAT"},
    {Verdict::chain, "CHAIN"},
    {Verdict::baseline, "BASELINE"},
    {Verdict::transient, "TRANSIENT"},
}};

constexpr std::array<std::pair<Evidence, std::string_view>, 3> kEvidence{
    {{Evidence::claim, "claim"}, {Evidence::hidden, "hidden"}, {Evidence::replay, "replay"}}};

template <typename Names, typename E>
std::string_view name_in(const Names& names, E value) {
  for (const auto& [known, name] : names)
    if (known == value) return name;
  return "?";
}

template <typename Names>
auto value_in(const Names& names, std::string_view name, std::string_view what) {
  std::vector<std::string> known;
  for (const auto& [value, text] : names) {
    if (text == name) return value;
    known.emplace_back(text);
  }
  const auto near = nearest_name(name, known);
  throw DataError(
      concat("unknown ", what, " '", name, "'", near ? concat("; did you mean ", *near, "?") : ""));
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  return name_in(kVerdicts, verdict);
}

Verdict verdict_from_name(std::string_view name) {
  return value_in(kVerdicts, name, "verdict");
}

std::string_view name_of(Evidence evidence) {
  return name_in(kEvidence, evidence);
}

Evidence evidence_from_name(std::string_view name) {
  return value_in(kEvidence, name, "evidence");
}

bool may_merge(Verdict verdict) {
  return verdict == Verdict::ok || verdict == Verdict::ok_unproven || verdict == Verdict::baseline;
}

bool may_be_paid(Verdict verdict) {
  return verdict == Verdict::ok || verdict == Verdict::ok_unproven;
}

bool is_fault(Verdict verdict) {
  return !may_merge(verdict) && verdict != Verdict::late && verdict != Verdict::transient;
}

}  // namespace cohort::round
