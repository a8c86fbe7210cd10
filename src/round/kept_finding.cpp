#include "round/kept_finding.hpp"

#include <algorithm>

#include "cohort/core/error.hpp"
#include "cohort/store/atomic_file.hpp"
#include "round/finding_text.hpp"

namespace cohort::round {
namespace {

constexpr const char* kSchema = "cohort.finding/1";

}  // namespace

bool settles(const Finding& finding, std::span<const std::int64_t> doubted_links) {
  return !may_merge(finding.verdict) || std::ranges::all_of(doubted_links, [&](std::int64_t link) {
    return std::ranges::count(finding.links_replayed, link) > 0;
  });
}

void keep_finding(const std::filesystem::path& path, const Digest& beacon, const Finding& finding) {
  if (finding.verdict == Verdict::transient) return;
  std::filesystem::create_directories(path.parent_path());
  store::write_text_atomically(path, Json::object()
                                             .set("schema", kSchema)
                                             .set("beacon", to_hex(beacon))
                                             .set("finding", json_of(finding))
                                             .dump(1) +
                                         "\n");
}

std::optional<Finding> kept_finding(const std::filesystem::path& path, const Digest& beacon,
                                    const Finding& look, std::span<const std::int64_t> doubted_links) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  try {
    const Json json = Json::parse(store::read_text(path));
    Finding finding = finding_of(json.at("finding"));
    const bool is_it = json.at("schema").as_string() == kSchema &&
                       digest_from_hex(json.at("beacon").as_string()) == beacon &&
                       finding.submission == look.submission && finding.candidate == look.candidate &&
                       finding.member == look.member && settles(finding, doubted_links);
    if (is_it) return finding;
  } catch (const DataError&) {
    // Whatever it is, the audit can find it again.
  }
  return std::nullopt;
}

}  // namespace cohort::round
