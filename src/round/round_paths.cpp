#include "cohort/core/text.hpp"
#include "cohort/round/rounds.hpp"

namespace cohort::round {

std::filesystem::path RoundPaths::round(std::int64_t round) const {
  const std::string number = concat(round);
  return run / "rounds" / (std::string(number.size() < 3 ? 3 - number.size() : 0, '0') + number);
}

CandidateFiles RoundPaths::candidate(std::int64_t r, const std::string& member) const {
  const std::filesystem::path folder = round(r);
  return {folder / "candidates" / member / "progress.json", folder / "candidates" / member / "links",
          folder / "submissions" / (member + ".h5")};
}

}  // namespace cohort::round
