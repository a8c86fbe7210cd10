// The header of a submission as text: written in one way, read in that way alone.
#include <algorithm>
#include <limits>
#include <set>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/submission.hpp"
#include "round/strict_json.hpp"
#include "round/submission_arrays.hpp"

namespace cohort::round {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kMostClasses = 1024, kMostRecipe = 1000, kMostLinks = 10'000, kMostName = 100,
                      kMostValue = 1000;

std::string hex_of(std::span<const std::uint8_t> bytes) {
  return quote(to_hex(bytes));
}

std::string claim_text(const Claim& claim) {
  std::string text =
      concat(R"({"correct":)", claim.correct, R"(,"samples":)", claim.samples, R"(,"confusion":[)");
  for (std::size_t i = 0; i < claim.confusion.size(); ++i)
    text.append(i == 0 ? "" : ",").append(std::to_string(claim.confusion[i]));
  return text + concat(R"(],"data":)", hex_of(claim.data), "}");
}

std::string recipe_members(const SubmissionHeader& header) {
  std::string text;
  for (const auto& [key, value] : header.recipe)
    text.append(text.empty() ? "" : ",").append(quote(key)).append(":").append(quote(value));
  return text;
}

std::string chain_elements(const SubmissionHeader& header) {
  std::string text;
  for (const ChainLink& link : header.chain)
    text.append(text.empty() ? "" : ",")
        .append(R"({"step":)")
        .append(std::to_string(link.step))
        .append(R"(,"state":)")
        .append(hex_of(link.state))
        .append(R"(,"chain":)")
        .append(hex_of(link.chain))
        .append("}");
  return text;
}

Claim scan_claim(Scanner& scanner) {
  Claim claim;
  scanner.expect("{", "claim");
  scanner.expect_member("correct");
  claim.correct = scanner.integer("claim.correct", 0, kMost);
  scanner.expect(",", "claim.samples");
  scanner.expect_member("samples");
  claim.samples = scanner.integer("claim.samples", claim.correct, kMost);
  scanner.expect(",", "claim.confusion");
  scanner.expect_member("confusion");
  scanner.expect("[", "claim.confusion");
  while (!scanner.accept(']')) {
    if (!claim.confusion.empty()) scanner.expect(",", "claim.confusion");
    if (claim.confusion.size() == kMostClasses * kMostClasses)
      scanner.fail("claim.confusion", concat("has more than ", kMostClasses, " classes"));
    claim.confusion.push_back(scanner.integer("claim.confusion", 0, kMost));
  }
  std::size_t classes = 0;
  while (classes * classes < claim.confusion.size()) ++classes;
  if (classes * classes != claim.confusion.size()) scanner.fail("claim.confusion", "is not square");
  scanner.expect(",", "claim.data");
  scanner.expect_member("data");
  scanner.hex("claim.data", claim.data);
  scanner.expect("}", "claim's end");
  return claim;
}

void scan_recipe(Scanner& scanner, SubmissionHeader& header) {
  std::set<std::string> keys;
  scanner.expect("{", "recipe");
  while (!scanner.accept('}')) {
    if (!keys.empty()) scanner.expect(",", "recipe");
    if (keys.size() == kMostRecipe) scanner.fail("recipe", concat("has more than ", kMostRecipe, " entries"));
    std::string key = scanner.text("recipe's key", kMostName);
    if (key.empty() || !keys.insert(key).second) scanner.fail("recipe's key", "is empty or stands twice");
    scanner.expect(":", "recipe's value");
    header.recipe.emplace_back(std::move(key), scanner.text("recipe's value", kMostValue));
  }
}

void scan_chain(Scanner& scanner, SubmissionHeader& header) {
  scanner.expect("[", "chain");
  while (!scanner.accept(']')) {
    const bool is_first = header.chain.empty();
    if (!is_first) scanner.expect(",", "chain");
    if (header.chain.size() > kMostLinks)
      scanner.fail("chain", concat("has more than ", kMostLinks, " links"));
    scanner.expect("{", "chain");
    ChainLink link;
    scanner.expect_member("step");
    link.step =
        scanner.integer("chain.step", is_first ? 0 : header.chain.back().step + 1, is_first ? 0 : kMost - 1);
    scanner.expect(",", "chain.state");
    scanner.expect_member("state");
    scanner.hex("chain.state", link.state);
    scanner.expect(",", "chain.chain");
    scanner.expect_member("chain");
    scanner.hex("chain.chain", link.chain);
    scanner.expect("}", "chain's link");
    header.chain.push_back(link);
  }
}

}  // namespace

std::string header_text(const SubmissionHeader& header) {
  std::string text = concat(R"({"format_version":)", header.format_version, R"(,"numerics_version":)",
                            header.numerics_version, R"(,"task":)", hex_of(header.task), R"(,"round":)",
                            header.round, R"(,"member":)", quote(header.member), R"(,"key":)",
                            hex_of(header.key), R"(,"parent":)", hex_of(header.parent), R"(,"model":)",
                            hex_of(header.model), R"(,"claim":)", claim_text(header.claim), R"(,"recipe":{)");
  text.append(recipe_members(header)).append(R"(},"chain":[)").append(chain_elements(header)).append("]}");
  header_from_text(text);  // what cannot be read back is never written
  return text;
}

SubmissionHeader header_from_text(std::string_view text) {
  Scanner scanner(text, "submission header");
  if (text.size() > kMostHeaderBytes)
    scanner.fail("the text", concat("is longer than ", kMostHeaderBytes, " bytes"));
  SubmissionHeader header;
  constexpr int newest = 1;
  scanner.expect("{", "the beginning");
  scanner.expect_member("format_version");
  header.format_version = static_cast<int>(scanner.integer("format_version", 1, newest));
  const auto next = [&scanner](std::string_view name) {
    scanner.expect(",", name);
    scanner.expect_member(name);
  };
  next("numerics_version");
  header.numerics_version =
      static_cast<int>(scanner.integer("numerics_version", 0, std::numeric_limits<int>::max()));
  next("task");
  scanner.hex("task", header.task);
  next("round");
  header.round = scanner.integer("round", 0, kMost);
  next("member");
  header.member = scanner.text("member", kMostName);
  next("key");
  scanner.hex("key", header.key);
  next("parent");
  scanner.hex("parent", header.parent);
  next("model");
  scanner.hex("model", header.model);
  next("claim");
  header.claim = scan_claim(scanner);
  next("recipe");
  scan_recipe(scanner, header);
  next("chain");
  scan_chain(scanner, header);
  scanner.expect("}", "the end");
  scanner.expect_end();
  return header;
}

}  // namespace cohort::round
