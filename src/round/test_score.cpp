// What the whole run came to: its final model on images that took no part in it.
#include "cohort/core/text.hpp"
#include "cohort/store/atomic_file.hpp"
#include "round/round_run.hpp"

namespace cohort::round {
namespace {

constexpr const char* kSchema = "cohort.rounds-test/1";

/// Counted once: whoever starts a finished run again is told the same.
std::optional<std::int64_t> counted_before(const std::filesystem::path& path, const std::string& model,
                                           const std::string& images) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  try {
    const Json json = Json::parse(store::read_text(path));
    if (json.at("schema").as_string() == kSchema && json.at("model").as_string() == model &&
        json.at("data").as_string() == images)
      return json.at("correct").as_int();
  } catch (const DataError&) {
    // Damaged or of another version: counted anew.
  }
  return std::nullopt;
}

}  // namespace

std::optional<TestScore> RoundRun::score_test() {
  const std::vector<std::int32_t> samples = dataset_.indices(data::Split::test);
  if (samples.empty()) return std::nullopt;
  const std::string model =
      to_hex(model_digest(layout_, incumbent_.parameters.span(), incumbent_.statistics.span()));
  const std::string images = to_hex(dataset_.subset_digest(samples));
  TestScore score{-1, static_cast<std::int64_t>(samples.size())};
  on_root("look for the test",
          [&] { score.correct = counted_before(paths_.test(), model, images).value_or(-1); });
  world_.broadcast(std::span(&score.correct, 1));
  if (score.correct < 0) {
    Workers workers{world_, pool_, table_};
    score.correct = count_correct(workers, dataset_, samples, model_, layout_, incumbent_);
    on_root("write the test", [&] {
      store::write_text_atomically(paths_.test(), Json::object()
                                                          .set("schema", kSchema)
                                                          .set("model", model)
                                                          .set("split", "test")
                                                          .set("data", images)
                                                          .set("samples", score.samples)
                                                          .set("correct", score.correct)
                                                          .dump(1) +
                                                      "\n");
    });
  }
  log_.info(concat("test   ", score.correct, " of ", score.samples));
  return score;
}

}  // namespace cohort::round
