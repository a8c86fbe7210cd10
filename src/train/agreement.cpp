#include "train/agreement.hpp"

#include <algorithm>
#include <cstddef>
#include <map>

#include "cohort/core/text.hpp"

namespace cohort::train {
namespace {

constexpr std::size_t kMostLines =
    8;  // a message people can read; one rank's wrong job file differs in many keys

std::string packed(const Facts& facts) {
  std::string text;
  for (const auto& [what, value] : facts) text += concat(what, '=', value, '\n');
  return text;
}

Facts parsed(std::string_view text) {
  Facts facts;
  for (const std::string& line : split(text, '\n')) {
    const std::size_t sign = line.find('=');
    if (sign != std::string::npos) facts.emplace_back(line.substr(0, sign), line.substr(sign + 1));
  }
  return facts;
}

std::string value_of(const Facts& facts, const std::string& what) {
  const auto found =
      std::find_if(facts.begin(), facts.end(), [&](const auto& fact) { return fact.first == what; });
  return found == facts.end() ? "(absent)" : found->second;
}

/// The most frequent value; of equally frequent ones, that of the lowest rank.
std::string usual_value(const std::vector<std::string>& values) {
  std::map<std::string, int> counts;
  for (const std::string& value : values) ++counts[value];
  return *std::max_element(values.begin(), values.end(),
                           [&](const std::string& a, const std::string& b) { return counts[a] < counts[b]; });
}

}  // namespace

std::vector<std::string> disagreements(const std::vector<Facts>& all) {
  std::vector<std::string> whats;  // in the order of first appearance
  for (const Facts& facts : all)
    for (const auto& fact : facts)
      if (std::find(whats.begin(), whats.end(), fact.first) == whats.end()) whats.push_back(fact.first);

  std::vector<std::string> lines;
  for (const std::string& what : whats) {
    std::vector<std::string> values;
    for (const Facts& facts : all) values.push_back(value_of(facts, what));
    const std::string usual = usual_value(values);
    for (std::size_t rank = 0; rank < values.size(); ++rank)
      if (values[rank] != usual)
        lines.push_back(
            concat("rank ", rank, " has ", what, " ", values[rank], " where the others have ", usual));
  }
  return lines;
}

void require_agreement(comm::Communicator& comm, const Facts& mine) {
  std::vector<Facts> all;
  for (const std::string& text : comm.all_gather(packed(mine))) all.push_back(parsed(text));
  const std::vector<std::string> lines = disagreements(all);
  if (lines.empty()) return;
  std::string message = "compare ranks before training: ";
  for (std::size_t i = 0; i < std::min(lines.size(), kMostLines); ++i)
    message += (i > 0 ? "; " : "") + lines[i];
  if (lines.size() > kMostLines) message += concat("; and ", lines.size() - kMostLines, " more");
  throw comm::AgreedError(message + ". Start every rank with the same program, job and data");
}

}  // namespace cohort::train
