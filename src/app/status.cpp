// cohort status: how far a run is, from anywhere on the file system that holds its folder.
#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <thread>

#include "cohort/core/stopwatch.hpp"
#include "cohort/core/text.hpp"
#include "cohort/core/visible.hpp"
#include "cohort/round/class_counts.hpp"
#include "cohort/round/rounds.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/train/checkpoint.hpp"
#include "cohort/train/metrics.hpp"
#include "cohort/train/run_folder.hpp"
#include "command.hpp"
#include "paths.hpp"
#include "run_command.hpp"
#include "run_holder.hpp"
#include "shell_words.hpp"
#include "tables.hpp"

namespace cohort::app {
namespace {
namespace fs = std::filesystem;

constexpr double kNone = -std::numeric_limits<double>::infinity();

/// A member of an object, or nothing: running programs of other versions may leave some out.
std::optional<Json> member(const Json& object, std::string_view name) {
  if (!object.is_object() || !object.contains(name) || object.at(name).is_null()) return std::nullopt;
  return object.at(name);
}

std::string number(const Json& object, std::string_view name, int decimals) {
  const auto value = member(object, name);
  return value && value->is_number() ? format_fixed(value->as_double(), decimals) : "-";
}

std::string text(const Json& object, std::string_view name) {
  const auto value = member(object, name);
  return value ? visible_word(value->as_string()) : "unknown";  // one line, whoever wrote it
}

/// The whole lines of metrics.jsonl: one that is being written is not there yet.
std::vector<Json> events_of(const fs::path& run) {
  std::vector<Json> events;
  const fs::path file = run / "metrics.jsonl";
  if (!fs::exists(file)) return events;
  for (const std::string& line : split(store::read_text(file), '\n'))
    if (line.starts_with("{") && line.ends_with("}")) events.push_back(Json::parse(line));
  return events;
}

/// A validation's score of `metric`, the higher the better; of a round that of its model on the common
/// validation set. Minus infinity for other events.
double score_in(const Json& event, const std::string& metric) {
  if (const auto metrics = member(event, "metrics")) {
    const auto value = member(*metrics, metric);
    return value ? (metric == "loss" ? -value->as_double() : value->as_double()) : kNone;
  }
  if (metric == "balanced_accuracy") {
    const auto balanced = member(event, metric);
    return balanced ? balanced->as_double() : kNone;
  }
  const auto correct = member(event, "validation_correct"), images = member(event, "validation_images");
  if (metric != "accuracy" || !correct || !images || images->as_int() < 1) return kNone;
  return correct->as_double() / images->as_double();
}

/// The highest score of `metric` so far; minus infinity without any.
double best_so_far(const fs::path& run, const std::string& metric) {
  double best = kNone;
  for (const Json& event : events_of(run)) best = std::max(best, score_in(event, metric));
  return best;
}

bool is_of_rounds(const fs::path& run) {
  return fs::exists(round::RoundPaths{run}.task());
}

/// Written anew by whoever goes on with the run, so that nothing is lost with it.
Json read_status(const fs::path& run) {
  try {
    return train::read_status(run);
  } catch (const DataError& e) {
    throw DataError(concat((run / "status.json").string(), " is damaged (", e.what(),
                           "); the command that made the run writes it anew"));
  }
}

/// status.json; a run whose job is gone without a word is not running but interrupted.
Json status_of(const fs::path& run) {
  Json status = read_status(run);
  if (text(status, "state") == "running" && holder_of(run) == Holder::gone) {
    // It may have ended between the two looks.
    status = read_status(run);
    if (text(status, "state") == "running") status.set("state", "interrupted");
  }
  return status;
}

/// The step that the same command continues from: of the last checkpoint that can be read, 0 without any.
std::int64_t kept_step(const fs::path& run) {
  for (const char* name : {"last.h5", "last.prev.h5"}) {
    const fs::path file = run / "checkpoints" / name;
    try {
      if (fs::exists(file)) return train::read_checkpoint_header(file).step;
    } catch (const Error&) {
      // The other one may be whole.
    }
  }
  return 0;
}

/// The best score as people read it: a loss is kept with its sign turned, so that larger is better.
std::string best_text(const Json& best) {
  const auto score = member(best, "score");
  if (!score || text(best, "metric") != "loss") return number(best, "score", 4);
  return format_fixed(-score->as_double(), 4);
}

class Status : public Command {
 public:
  void declare(OptionTable& table) override {
    table.begin_group("Status");
    table.toggle("json", "", as_json_, "print status.json").common();
    table
        .text("wait-for", "", "EXPR", wait_for_,
              "wait until a validation reaches this, as 'balanced_accuracy>=0.8' (rounds: accuracy or "
              "balanced_accuracy); code 5 when the run ends without")
        .common();
    table.duration("timeout", "", timeout_s_, "give up waiting after this, as 1h; 0 = never").common();
  }

  void check(std::span<const std::string> arguments) override {
    expect_arguments(arguments, 1, 1, "a run folder");
    run_ = arguments.front();
    if (wait_for_.empty()) return;
    requirement_ = train::parse_requirement(wait_for_);
    train::require_metric_name(requirement_.metric);
  }

  ExitCode run(Context& context) override {
    refuse_unreadable(run_);
    refuse_unreadable(run_ / "status.json");
    if (!wait_for_.empty()) wait(context.log);
    if (!fs::exists(run_ / "status.json"))
      throw DataError(concat("read status of ", run_.string(),
                             ": there is no status.json; is this the folder of a run?"));
    const Json status = status_of(run_);
    if (as_json_)
      context.log.result(status.dump(2));
    else
      show(status, context.log);
    return ExitCode::finished;
  }

 private:
  /// Polls; a run that has not started yet is waited for as well.
  void wait(Log& log) const {
    const Stopwatch watch;
    bool has_warned = false;
    double pause_s = 0.2;
    while (true) {
      if (!round::is_counted_in_rounds(requirement_.metric) && is_of_rounds(run_))
        throw UsageError(concat("wait for ", wait_for_, ": ", run_.string(),
                                " is a run of rounds, which counts only right answers on the common "
                                "validation set; wait for 'balanced_accuracy>=…' or 'accuracy>=…'"));
      // The state first: a run that ends after this line has written its last score by the next one.
      const std::string state = fs::exists(run_ / "status.json") ? text(status_of(run_), "state") : "missing";
      if (best_so_far(run_, requirement_.metric) >= requirement_.at_least) return;
      if (state == "finished" || state == "failed")
        throw Error(concat("wait for ", wait_for_, ": ", run_.string(), " has ", state, " without it"),
                    ExitCode::metric_not_reached);
      if (timeout_s_ > 0 && watch.elapsed_s() >= timeout_s_)
        throw Error(concat("wait for ", wait_for_, ": not reached within ", human_duration(timeout_s_),
                           " (run ", state, ")"),
                    ExitCode::metric_not_reached);
      if (state == "interrupted" && !has_warned) {
        log.warning(concat(run_.string(), " was interrupted; waiting for the same command to continue it"));
        has_warned = true;
      }
      std::this_thread::sleep_for(std::chrono::duration<double>(pause_s));
      pause_s = std::min(pause_s * 1.5, 10.0);
    }
  }

  void show(const Json& status, Log& log) const {
    log.result(
        concat("run    ", run_.string(), "  ", text(status, "state"), "  as of ", text(status, "time")));
    if (is_of_rounds(run_)) return show_rounds(status, log);
    log.result(concat("step   ", number(status, "step", 0), " of ", number(status, "steps", 0), "  epoch ",
                      number(status, "epoch", 2), " of ", number(status, "epochs", 0)));
    show_time_left(status, "", log);
    if (const auto last = member(status, "last"))
      if (const auto metrics = member(*last, "metrics"))
        log.result(concat("last   epoch ", number(*last, "epoch", 2), "  loss ", number(*metrics, "loss", 4),
                          "  accuracy ", number(*metrics, "accuracy", 4), "  balanced accuracy ",
                          number(*metrics, "balanced_accuracy", 4), "  AUC ",
                          number(*metrics, "auc_macro", 4)));
    if (const auto best = member(status, "best"))
      log.result(concat("best   ", text(*best, "metric"), " ", best_text(*best)));
    show_goals(status, log);
    if (text(status, "state") == "interrupted")
      log.result(concat("next   interrupted at step ", kept_step(run_),
                        " (the last checkpoint), continue with the same command: ", command_of_run(run_)));
    show_way_on(status, log);
  }

  static void show_goals(const Json& status, Log& log) {
    if (const auto thresholds = member(status, "thresholds"))
      for (const Json& threshold : thresholds->as_array())
        log.result(concat("goal   ", text(threshold, "metric"), " ", text(threshold, "op"), " ",
                          number(threshold, "value", 4),
                          threshold.at("reached").as_bool() ? ": reached" : ": not reached"));
  }

  /// Who of a federation has handed in to the round that is open.
  void show_members(const Json& status, Log& log) const {
    const round::RoundPaths paths{run_};
    const auto round = member(status, "round");
    if (!round || !fs::exists(paths.task())) return;
    std::vector<std::string> there, missing;
    try {
      for (const round::Member& one : round::read_task(paths.task()).members)
        (fs::exists(paths.candidate(round->as_int(), one.name).submission) ? there : missing)
            .push_back(one.name);
    } catch (const Error& e) {
      log.warning(e.what());
      return;
    }
    log.result(concat(
        "handed in  ", there.empty() ? std::string("nobody yet") : joined(there, ", "),
        missing.empty() || there.empty() ? std::string() : concat("; not yet: ", joined(missing, ", "))));
  }

  /// Of a run that was stopped on request, and of a federation between its rounds.
  void show_way_on(const Json& status, Log& log) const {
    if (text(status, "state") == "waiting") show_members(status, log);
    if (text(status, "state") == "waiting")
      log.result(concat("next   members contribute, then: cohort coordinate ", shell_word(run_), " --round ",
                        number(status, "round", 0), " --take NAME=DIR ..."));
    if (text(status, "state") == "checkpointed")
      log.result(concat("next   the same command continues: ", command_of_run(run_)));
  }

  static void show_time_left(const Json& status, const char* of_what, Log& log) {
    if (const auto eta = member(status, "eta_s");
        eta && text(status, "state") == "running" && eta->as_double() > 0)
      log.result(concat("left   about ", human_duration(eta->as_double()), of_what, ", ",
                        number(status, "images_per_s", 0), " images/s"));
  }

  /// What the first group of ranks is at.
  static void show_phase(const Json& status, Log& log) {
    const std::string phase = text(status, "phase");
    if (text(status, "state") != "running" || phase == "unknown") return;
    std::string line = concat("now    ", phase, phase == "waiting" ? " for other groups of ranks" : "");
    if (member(status, "member"))
      line += concat(" ", text(status, "member"), ", ", number(status, "candidate", 0), " of ",
                     number(status, "candidates", 0), " of the first group of ranks");
    if (member(status, "steps"))
      line += concat(", step ", number(status, "step", 0), " of ", number(status, "steps", 0));
    log.result(line);
  }

  void show_rounds(const Json& status, Log& log) const {
    const std::string round = concat(number(status, "round", 0), " of ", number(status, "rounds", 0));
    log.result(concat("round  ", round));
    show_phase(status, log);
    show_time_left(status, " of this round's training", log);
    const std::vector<Json> events = events_of(run_);
    const auto last = std::find_if(events.rbegin(), events.rend(),
                                   [](const Json& event) { return text(event, "event") == "round"; });
    if (last != events.rend())
      log.result(concat("last   round ", number(*last, "round", 0), ": ",
                        number(*last, "validation_correct", 0), " of ", number(*last, "validation_images", 0),
                        " common validation images right, balanced accuracy ",
                        number(*last, "balanced_accuracy", 4), ", ", number(*last, "accepted", 0),
                        " accepted, ", number(*last, "merged", 0), " in the model"));
    if (const fs::path test = round::RoundPaths{run_}.test(); fs::exists(test)) show_test(test, log);
    show_goals(status, log);
    if (text(status, "state") == "interrupted")
      log.result(concat("next   interrupted in round ", round,
                        ", continue with the same command: ", command_of_run(run_)));
    show_way_on(status, log);
  }

  /// The final model on the test split. Status never fails for want of what serves people alone.
  static void show_test(const fs::path& path, Log& log) {
    try {
      const Json test = Json::parse(store::read_text(path));
      const auto counts = round::read_class_counts(path, digest_from_hex(test.at("model").as_string()));
      log.result(concat("test   the final model: ", test.at("correct").as_int(), " of ",
                        test.at("samples").as_int(), " images of the ", text(test, "split"), " split right",
                        counts ? round::balanced_text(*counts) : ""));
    } catch (const Error& e) {
      log.warning(concat(path.string(), ": ", e.what()));
    }
  }

  fs::path run_;
  bool as_json_ = false;
  std::string wait_for_;
  train::Requirement requirement_;
  double timeout_s_ = 0;
};
}  // namespace

std::unique_ptr<Command> make_status() {
  return std::make_unique<Status>();
}

}  // namespace cohort::app
