// cohort inspect: what a file of ours holds, after verifying it.
#include "banner.hpp"
#include "cohort/core/text.hpp"
#include "cohort/data/dataset.hpp"
#include "cohort/round/submission.hpp"
#include "cohort/store/container.hpp"
#include "command.hpp"
#include "paths.hpp"
#include "reading_guard.hpp"
#include "tables.hpp"
#include "trained_model.hpp"

namespace cohort::app {
namespace {
namespace fs = std::filesystem;

std::string extents_text(const std::vector<std::int64_t>& extents) {
  std::string text;
  for (const std::int64_t extent : extents) text += concat(text.empty() ? "" : "x", extent);
  return text;
}

class Inspect : public Command {
 public:
  void declare(OptionTable& table) override {
    table.begin_group("Inspection");
    table
        .toggle("digest", "", digest_only_,
                "print only the SHA-256 of the state, recomputed from its tensors")
        .common();
    table.toggle("tensors", "", with_tensors_, "also list every tensor").common();
    table.toggle("verify", "", verify_, "data sets: recompute every image's digest").common();
  }

  void check(std::span<const std::string> arguments) override {
    expect_arguments(arguments, 1, 1, "a checkpoint, a packed data set or a run folder");
    path_ = arguments.front();
  }

  ExitCode run(Context& context) override {
    require_readable({path_});
    const bool is_run = fs::is_directory(path_);
    const fs::path file = is_run ? newest(path_) : path_;
    require_readable({file});
    if (is_handed_in(file)) refuse_submission(file);
    guard_reading("inspect", file);  // whoever made it, the HDF5 library opens it here
    const std::string format = is_run ? "cohort-checkpoint" : format_of(file);
    if (format == "cohort-checkpoint")
      show_checkpoint(file, context.log);
    else if (format == "cohort-dataset")
      show_dataset(file, context.log);
    else if (is_submission(file))
      refuse_submission(file);
    else
      throw DataError(
          concat("inspect ", file.string(), ": neither a checkpoint nor a packed data set of cohort"));
    return ExitCode::finished;
  }

 private:
  /// A run's state is its last checkpoint; the best one is for evaluation.
  static fs::path newest(const fs::path& run) {
    const fs::path last = run / "checkpoints" / "last.h5";
    refuse_unreadable(last);
    return fs::exists(last) ? last : find_checkpoint(run);
  }

  static std::string format_of(const fs::path& file) {
    const store::ContainerReader reader(file);
    return reader.has_attribute("/", "format") ? reader.text_attribute("/", "format") : "";
  }

  static bool is_submission(const fs::path& file) {
    const store::ContainerReader reader(file);
    return reader.contains("header") && reader.contains("signature") && reader.contains("parameters");
  }

  [[noreturn]] static void refuse_submission(const fs::path& file) {
    throw DataError(concat(
        "inspect ", file.string(),
        ": this is a submission to a round, perhaps a stranger's; look at it with: ", command_to_open(file)));
  }

  void show_checkpoint(const fs::path& file, Log& log) const {
    const TrainedModel trained =
        load_model(file);  // verifies: reads every tensor and recomputes the state's digest
    const train::CheckpointHeader& header = trained.checkpoint.header;
    const std::string digest = to_hex(train::state_digest(trained.layout, trained.checkpoint.state));
    if (digest_only_) {
      log.result(digest);
      return;
    }
    log.result(concat("checkpoint  ", file.string(), " (format ", header.format_version, ", numerics ",
                      header.numerics_version, header.is_replayable ? "" : ", not replayable", ")"));
    log.result(concat("state       sha256:", digest, ", recomputed from the tensors"));
    log.result(concat("weights     sha256:",
                      to_hex(round::model_digest(trained.layout, trained.parameters(), trained.statistics())),
                      ", of parameters and statistics alone: what rounds and merges call the model"));
    log.result(
        concat("position    ", trained.position(2),
               header.elapsed_s > 0 ? concat(", ", human_duration(header.elapsed_s), " of training") : ""));
    log.result(concat("model       ", header.model.name,
                      trained.model.stem.empty() ? "" : concat(" (", trained.model.stem, " stem)"), ", ",
                      header.model.input.channels, "x", header.model.input.height, "x",
                      header.model.input.width, ", ",
                      human_count(static_cast<double>(trained.layout.trainable_count())), " parameters, ",
                      header.validated_weights, " weights validated"));
    log.result(concat("classes     ", joined(header.classes, ", ")));
    log.result(concat("data        sha256:", to_hex(header.dataset_digest)));
    log.result(concat("written     ", header.created, " by cohort ", header.program_version));
    if (header.has_best) log.result(concat("best score  ", format_fixed(header.best_score, 4)));
    show_history(header, log);
    log.result("recipe");
    for (const auto& [key, value] : header.recipe) log.result(concat("  ", key, " = ", value));
    if (with_tensors_) show_tensors(trained, log);
    for (const std::string& line : split(trim(header.provenance), '\n'))
      log.result(concat("provenance  ", line));
  }

  static void show_history(const train::CheckpointHeader& header, Log& log) {
    if (header.history.empty()) return;
    report::Table table{{"epoch", "step", "train loss", "validation loss", "accuracy", "balanced", "AUC"},
                        {}};
    const auto shown = [](double value) {
      return value == value ? format_fixed(value, 4) : std::string("-");
    };
    for (const train::HistoryRow& row : header.history)
      table.rows.push_back({format_fixed(row.epoch, 2), std::to_string(row.step), shown(row.train_loss),
                            shown(row.validation_loss), shown(row.accuracy), shown(row.balanced_accuracy),
                            shown(row.auc_macro)});
    log.result(table_text(table));
  }

  static void show_tensors(const TrainedModel& trained, Log& log) {
    report::Table table{{"tensor", "shape", "numbers"}, {}};
    for (const auto* tensors : {&trained.layout.parameters, &trained.layout.statistics})
      for (const nn::Tensor& tensor : *tensors)
        table.rows.push_back(
            {tensor.name, extents_text(tensor.extents), std::to_string(tensor.canonical_count())});
    log.result(table_text(table));
    for (const std::string& name : trained.checkpoint.state.slot_names)
      log.result(concat("and the optimizer's ", name, " of each parameter"));
    if (trained.checkpoint.state.ema_parameters.size() > 0)
      log.result("and the average (EMA) of each tensor");
  }

  void show_dataset(const fs::path& file, Log& log) const {
    const data::Dataset dataset = data::Dataset::open(file, verify_ || digest_only_);
    if (digest_only_) {
      log.result(to_hex(dataset.digest()));
      return;
    }
    log.result(data_lines(dataset));
    log.result(concat("digest sha256:", to_hex(dataset.digest()), verify_ ? ", every image verified" : ""));
    const data::Normalization& n = dataset.normalization();
    for (std::size_t c = 0; c < 3; ++c)
      log.result(concat("channel ", std::string_view("RGB")[c], "  mean ", format_fixed(n.mean[c], 4),
                        ", standard deviation ", format_fixed(n.standard_deviation[c], 4)));
    report::Table table{{"class", "train", "validation", "test", "hidden"}, {}};
    std::vector<std::array<std::int64_t, data::kSplits>> counts(dataset.classes().size());
    for (std::int64_t i = 0; i < dataset.size(); ++i)
      ++counts[static_cast<std::size_t>(dataset.labels()[static_cast<std::size_t>(i)])]
              [static_cast<std::size_t>(dataset.split(i))];
    for (std::size_t c = 0; c < counts.size(); ++c)
      table.rows.push_back({dataset.classes()[c], std::to_string(counts[c][0]), std::to_string(counts[c][1]),
                            std::to_string(counts[c][2]), std::to_string(counts[c][3])});
    log.result(table_text(table));
    log.result(concat("columns  ", joined(dataset.column_names(), ", ")));
  }

  fs::path path_;
  bool digest_only_ = false, with_tensors_ = false, verify_ = false;
};
}  // namespace

std::unique_ptr<Command> make_inspect() {
  return std::make_unique<Inspect>();
}

}  // namespace cohort::app
