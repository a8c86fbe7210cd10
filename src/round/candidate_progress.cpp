#include "round/candidate_progress.hpp"

#include "cohort/core/error.hpp"
#include "cohort/core/json.hpp"
#include "cohort/core/text.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/store/parsed_text.hpp"

namespace cohort::round {
namespace {

constexpr const char* kSchema = "cohort.candidate-progress/1";

Json json_of(const ChainLink& link) {
  return Json::object()
      .set("step", link.step)
      .set("state", to_hex(link.state))
      .set("chain", to_hex(link.chain));
}

ChainLink link_of(const Json& json) {
  return {json.at("step").as_int(), digest_from_hex(json.at("state").as_string()),
          digest_from_hex(json.at("chain").as_string())};
}

}  // namespace

void save_progress(const std::filesystem::path& path, const CandidateProgress& progress) {
  Json chain = Json::array();
  for (const ChainLink& link : progress.chain) chain.push(json_of(link));
  const Json json = Json::object()
                        .set("schema", kSchema)
                        .set("round", to_hex(progress.round))
                        .set("chain", chain)
                        .set("stop", progress.stop ? json_of(*progress.stop) : Json());
  store::write_text_atomically(path, json.dump(1) + "\n");
}

std::optional<CandidateProgress> read_progress(const std::filesystem::path& path, const Digest& round) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const auto parse = [&](const Json& json) {
    CandidateProgress progress;
    if (json.at("schema").as_string() != kSchema)
      throw CheckpointError(concat(path.string(), ": not a candidate's progress"));
    progress.round = digest_from_hex(json.at("round").as_string());
    if (progress.round != round)
      throw CheckpointError(
          concat(path.string(), ": belongs to another task or round; choose another --out"));
    for (const Json& link : json.at("chain").as_array()) progress.chain.push_back(link_of(link));
    if (progress.chain.empty()) throw CheckpointError(concat(path.string(), ": has no start"));
    if (!json.at("stop").is_null()) progress.stop = link_of(json.at("stop"));
    return progress;
  };
  try {
    return store::parsed_json(path, parse);
  } catch (const DataError& e) {
    throw DataError(concat(e.what(), "; remove it to train this candidate's round again"));
  }
}

}  // namespace cohort::round
