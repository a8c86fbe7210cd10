#include "cohort/train/run_folder.hpp"

#include <algorithm>
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

/// An event of metrics.jsonl, as far as its place in the run goes.
struct Place {
  std::int64_t step = 0;
  bool is_end = false;
  bool is_of_validation = false;  ///< a row of the history, or the best.h5 that it led to
};

/// Nothing for a line that is not a whole event (a crash may cut the last one short).
std::optional<Place> place_of(const std::string& line) {
  try {
    const Json event = Json::parse(line);
    const std::string name = event.at("event").as_string();
    const bool is_best = name == "checkpoint" && event.at("file").as_string() == "best.h5";
    return Place{event.at("step").as_int(), name == "end", name == "epoch" || is_best};
  } catch (const DataError&) {
    return std::nullopt;
  }
}

/// The lines of metrics.jsonl; none when there is no such file.
std::vector<std::string> event_lines(const fs::path& metrics) {
  if (!fs::exists(metrics)) return {};
  return split(store::read_text(metrics), '\n');
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
  // A checkpoint is written before its step is validated, so that the run which continues validates it again.
  const std::int64_t validated = history.empty() ? -1 : std::min(step, history.back().step);
  std::string kept;
  for (const std::string& line : event_lines(metrics)) {
    const std::optional<Place> place = place_of(line);
    if (place && place->step <= (place->is_of_validation ? validated : step)) kept += line + "\n";
  }
  store::write_text_atomically(metrics, kept);
}

bool RunFolder::has_end_at(std::int64_t step) const {
  const std::vector<std::string> lines = event_lines(path_ / "metrics.jsonl");
  return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
    const std::optional<Place> place = place_of(line);
    return place && place->is_end && place->step == step;
  });
}

bool RunFolder::says_ended() const {
  try {
    const std::string state = read_status(path_).at("state").as_string();
    return state == "finished" || state == "checkpointed";
  } catch (const Error&) {
    return false;
  }
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
