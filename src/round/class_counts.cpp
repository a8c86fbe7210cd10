#include "cohort/round/class_counts.hpp"

#include <numeric>

#include "cohort/core/error.hpp"
#include "cohort/core/json.hpp"
#include "cohort/core/text.hpp"
#include "cohort/store/atomic_file.hpp"

namespace cohort::round {
namespace {

constexpr std::size_t kMostClasses = 1024;
constexpr std::int64_t kMostSamples = 1'000'000'000'000;  ///< so that no sum can overflow

Json rows_of(const train::Confusion& confusion) {
  if (confusion.classes == 0) return nullptr;
  Json rows = Json::array();
  for (int truth = 0; truth < confusion.classes; ++truth) {
    Json row = Json::array();
    for (int prediction = 0; prediction < confusion.classes; ++prediction)
      row.push(confusion.at(truth, prediction));
    rows.push(std::move(row));
  }
  return rows;
}

/// Square, or null; without negative counts; throws DataError.
train::Confusion confusion_of(const Json& rows) {
  if (rows.is_null()) return train::Confusion();
  const auto classes = rows.as_array().size();
  if (classes > kMostClasses) throw DataError("confusion: too many classes");
  train::Confusion confusion(static_cast<int>(classes));
  std::size_t at = 0;
  for (const Json& row : rows.as_array()) {
    if (row.as_array().size() != classes) throw DataError("confusion: not square");
    for (const Json& count : row.as_array()) confusion.counts[at++] = count.as_int();
  }
  for (const std::int64_t count : confusion.counts)
    if (count < 0 || count > kMostSamples) throw DataError("confusion: an impossible count");
  return confusion;
}

std::int64_t samples_of(const train::Confusion& confusion) {
  return std::accumulate(confusion.counts.begin(), confusion.counts.end(), std::int64_t{0});
}

std::int64_t correct_of(const train::Confusion& confusion) {
  std::int64_t correct = 0;
  for (int c = 0; c < confusion.classes; ++c) correct += confusion.at(c, c);
  return correct;
}

bool adds_up(const ClassCounts& counts) {
  if (counts.confusion.classes == 0) return counts.correct == 0;
  return samples_of(counts.confusion) == counts.samples && correct_of(counts.confusion) == counts.correct;
}

}  // namespace

std::filesystem::path validation_counts_path(const std::filesystem::path& round) {
  return round / "validation.json";
}

void count_classes(Workers& workers, const data::Dataset& dataset, const std::vector<std::int32_t>& samples,
                   const nn::Model& model, const nn::StateLayout& layout, const Model& trained,
                   ClassCounts& counts) {
  counts.samples = static_cast<std::int64_t>(samples.size());
  const std::optional<Claim> counted = count_claim(workers, dataset, samples, model, layout, trained);
  if (!counted) return;  // the outputs are not finite numbers
  counts.correct = counted->correct;
  counts.confusion = train::Confusion(model.classes);
  counts.confusion.counts = counted->confusion;
}

std::string balanced_text(const ClassCounts& counts) {
  const std::optional<double> balanced = counts.confusion.balanced_accuracy();
  return balanced ? concat(", balanced accuracy ", format_fixed(*balanced, 4)) : std::string();
}

void write_class_counts(const std::filesystem::path& path, const ClassCounts& counts) {
  store::write_text_atomically(path, Json::object()
                                             .set("schema", counts.schema)
                                             .set("model", to_hex(counts.model))
                                             .set("split", counts.split)
                                             .set("data", to_hex(counts.images))
                                             .set("samples", counts.samples)
                                             .set("correct", counts.correct)
                                             .set("confusion", rows_of(counts.confusion))
                                             .dump(1) +
                                         "\n");
}

std::optional<ClassCounts> read_class_counts(const std::filesystem::path& path, const Digest& model) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  try {
    const Json json = Json::parse(store::read_text(path));
    ClassCounts counts;
    counts.schema = json.at("schema").as_string();
    counts.split = json.at("split").as_string();
    counts.model = digest_from_hex(json.at("model").as_string());
    counts.images = digest_from_hex(json.at("data").as_string());
    counts.confusion = confusion_of(json.at("confusion"));
    counts.samples = json.at("samples").as_int();
    counts.correct = json.at("correct").as_int();
    if (adds_up(counts) && counts.model == model) return counts;
  } catch (const Error&) {
    // Damaged, or of a version that kept no classes.
  }
  return std::nullopt;
}

}  // namespace cohort::round
