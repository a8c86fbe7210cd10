#include "cohort/train/run_folder.hpp"

#include <cmath>
#include <optional>

#include "cohort/core/clock.hpp"
#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort::train {
namespace {

namespace fs = std::filesystem;

constexpr const char* kResultsHeader =
    "epoch,step,time,train/loss,val/loss,metrics/accuracy,metrics/balanced_accuracy,metrics/auc_macro,lr,"
    "images_per_s\n";

std::string cell(double value) {
  return std::isfinite(value) ? format_shortest(value) : std::string();
}

Json with_fields(Json start, const Json& fields) {
  for (const auto& [name, value] : fields.as_object()) start.set(name, value);
  return start;
}

/// The step of an event; nothing for a line that is not a whole event (a crash may cut the last one short).
std::optional<std::int64_t> step_of(const std::string& line) {
  try {
    return Json::parse(line).at("step").as_int();
  } catch (const DataError&) {
    return std::nullopt;
  }
}

/// A folder of something else (images, a home) must not fill up with a run's files. Logs of a batch system
/// may lie there before the run does.
bool is_foreign(const fs::path& folder) {
  bool holds_others = false;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name == "status.json" || name == "config.toml" || name == "checkpoints") return false;
    const std::string ending = entry.path().extension().string();
    const bool is_log = ending == ".log" || ending == ".out" || ending == ".err" || ending == ".txt";
    holds_others = holds_others || !(name.starts_with(".") || is_log);
  }
  return holds_others;
}

}  // namespace

RunFolder::RunFolder(const fs::path& path) : path_(path) {
  std::error_code error;
  if (is_foreign(path))
    throw UsageError(concat("run folder ", path.string(),
                            ": it holds other things and no run; choose a new folder with --out"));
  fs::create_directories(path, error);
  if (error) throw Error(concat("create run folder ", path.string(), ": ", error.message()));
  lock_ = std::make_unique<store::FolderLock>(path);
  lock_->remove_abandoned();
}

void RunFolder::event(const std::string& name, const Json& fields) {
  Json event = Json::object();
  event.set("schema", "cohort/metrics/1").set("time", utc_now()).set("event", name);
  store::append_line(path_ / "metrics.jsonl", with_fields(std::move(event), fields).dump());
}

void RunFolder::rewind(const std::vector<HistoryRow>& history, std::int64_t step) {
  write_results(history);
  const fs::path metrics = path_ / "metrics.jsonl";
  if (!fs::exists(metrics)) return;
  std::string kept;
  for (const std::string& line : split(store::read_text(metrics), '\n')) {
    const auto at = step_of(line);
    if (at && *at <= step) kept += line + "\n";
  }
  store::write_text_atomically(metrics, kept);
}

void RunFolder::write_results(const std::vector<HistoryRow>& history) {
  store::write_text_atomically(path_ / "results.csv", results_csv(history));
}

void RunFolder::write_status(const Json& fields) {
  Json status = Json::object();
  status.set("schema", "cohort/status/1").set("time", utc_now());
  store::write_text_atomically(path_ / "status.json", with_fields(std::move(status), fields).dump(2) + "\n");
}

void RunFolder::describe(const std::string& config_toml, const Json& environment,
                         const std::string& command) {
  store::write_text_atomically(path_ / "config.toml", config_toml);
  store::write_text_atomically(path_ / "environment.json", environment.dump(2) + "\n");
  store::append_line(path_ / "command.txt", utc_now() + "  " + command);
}

std::string results_csv(const std::vector<HistoryRow>& history) {
  std::string text = kResultsHeader;
  for (const HistoryRow& row : history)
    text += concat(cell(row.epoch), ",", row.step, ",", cell(row.elapsed_s), ",", cell(row.train_loss), ",",
                   cell(row.validation_loss), ",", cell(row.accuracy), ",", cell(row.balanced_accuracy), ",",
                   cell(row.auc_macro), ",", cell(row.learning_rate), ",", cell(row.images_per_s), "\n");
  return text;
}

Json read_status(const fs::path& run) {
  const fs::path file = run / "status.json";
  if (!fs::exists(file))
    throw Error(
        concat("read status of ", run.string(), ": there is no status.json; is this the folder of a run?"));
  return Json::parse(store::read_text(file));
}

}  // namespace cohort::train
