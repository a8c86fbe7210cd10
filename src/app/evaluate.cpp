// cohort evaluate: exact scores of a trained model on one split.
#include "banner.hpp"
#include "cohort/comm/agree.hpp"
#include "cohort/core/text.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/round/hidden_set.hpp"
#include "cohort/train/evaluator.hpp"
#include "cohort/train/options.hpp"
#include "command.hpp"
#include "evaluation_files.hpp"
#include "launch.hpp"
#include "paths.hpp"
#include "tables.hpp"

namespace cohort::app {
namespace {
namespace fs = std::filesystem;

class Evaluate : public Command {
 public:
  void declare(OptionTable& table) override {
    table.begin_group("Evaluation");
    table.path("data", "", "FILE", data_, "packed data set; without it the one that the run was trained on")
        .common();
    table
        .word("split", "", {"test", "validation", "hidden", "train"}, split_,
              "images to score; hidden = the file FILE.hidden.h5 beside the data set")
        .common();
    table.path("out", "", "DIR", out_, "folder for the files; a run's default is RUN/evaluation/SPLIT")
        .common();
    table
        .text("require", "", "EXPR", require_, "exit with code 5 unless reached, as 'balanced_accuracy>=0.8'")
        .common();
    table
        .integer("threads", "", threads_, at_least(0),
                 "threads per rank; 0 = as many as there are free cores")
        .common();
    table.word("isa", "", {"auto", "avx512", "avx2", "neon", "scalar"}, isa_, "instruction set (same result)")
        .common();
  }

  void check(std::span<const std::string> arguments) override {
    expect_arguments(arguments, 1, 1, "a run folder or checkpoint");
    model_ = arguments.front();
    if (!require_.empty()) requirement_ = train::parse_requirement(require_);
  }

  ExitCode run(Context& context) override {
    const TrainedModel trained =
        comm::agree(context.comm, "load the model", [&] { return load_model(model_); });
    const data::Dataset dataset =
        comm::agree(context.comm, "open the data set", [&] { return open_data(trained); });
    comm::agree(context.comm, "look for images that trained", [&] {
      if (context.comm.is_root()) look_for_trained_images(trained, dataset, context.log);
    });
    const std::vector<std::int32_t> indices =
        comm::agree(context.comm, "choose images", [&] { return chosen(dataset); });
    const Launch launch = look_at_launch(context.comm, threads_, static_cast<std::int64_t>(indices.size()));
    const auto* table =
        comm::agree(context.comm, "choose kernels", [&] { return &kernels::exact_table(isa_); });
    context.log.info(program_line(launch, isa_, "exact"));
    context.log.info(concat("model  ", trained.text()));
    context.log.info(data_lines(dataset));
    warn_of_placement(launch, context.log);
    train::WorkerPool pool(launch.threads);
    const std::vector<float> logits = train::predict_logits(
        context.comm, pool, *table, dataset, indices, trained.checkpoint.header.normalization, trained.model,
        trained.layout, trained.parameters(), trained.statistics());
    const Evaluation evaluation = comm::agree(
        context.comm, "score", [&] { return make_evaluation(trained, dataset, split_, indices, logits); });
    comm::agree(context.comm, "write the evaluation", [&] {
      if (context.comm.is_root()) finish(evaluation, context.log);
    });
    const bool is_reached =
        require_.empty() || train::score_of(evaluation.metrics, requirement_.metric) >= requirement_.at_least;
    if (!is_reached)
      throw comm::AgreedError(
          concat("required ", require_, ", reached ",
                 format_fixed(train::score_of(evaluation.metrics, requirement_.metric), 4)),
          ExitCode::metric_not_reached);
    return ExitCode::finished;
  }

 private:
  [[nodiscard]] data::Dataset open_data(const TrainedModel& trained) const {
    fs::path path = data_.empty() ? data_of_run(trained.file) : data_;
    if (path.empty())
      throw UsageError("--data is missing, and no config.toml beside the checkpoint names a data set");
    if (split_ == "hidden" && !path.string().ends_with(".hidden.h5")) path = sibling(path, ".hidden.h5");
    refuse_unreadable(path);
    if (data_.empty() && !fs::exists(path))
      throw DataError(concat("the run was trained on ", data_of_run(trained.file).string(), "; ",
                             path.string(), " does not exist: say with --data where it is now"));
    data::Dataset dataset = data::Dataset::open(path, true);
    const train::CheckpointHeader& header = trained.checkpoint.header;
    if (dataset.classes() != header.classes)
      throw DataError(concat(path.string(), ": its classes (", joined(dataset.classes(), ", "),
                             ") are not the model's (", joined(header.classes, ", "), ")"));
    if (dataset.image_shape() != trained.model.input())
      throw DataError(concat(path.string(), ": its images are ", dataset.image_shape().height,
                             " pixels high, the model takes ", trained.model.input().height,
                             ": import them with --size ", trained.model.input().height));
    return dataset;
  }

  /// Who is scored on images that it was trained on is praised for its memory.
  void look_for_trained_images(const TrainedModel& trained, const data::Dataset& dataset, Log& log) const {
    if (split_ != "hidden") return warn_of_other_data(trained, dataset, log);
    const fs::path path = data_of_hidden(trained, dataset.path());
    if (path.empty())
      return log.warning(concat("nothing is at hand to compare ", dataset.path().string(),
                                " with: the model may have been trained on images in it; put the data set of "
                                "the same import beside it"));
    const data::Dataset main = data::Dataset::open(path, true);
    round::require_hidden(dataset, main);
    warn_of_other_data(trained, main, log);
  }

  static void warn_of_other_data(const TrainedModel& trained, const data::Dataset& dataset, Log& log) {
    if (trained.checkpoint.header.training_digest == train::training_data_digest(dataset)) return;
    log.warning(
        "this is not the data set that the model was trained on, or it has other splits: its training "
        "images may be here");
  }

  /// What a hidden file is hidden from: the data set named or beside it, else the run's; empty without one.
  [[nodiscard]] fs::path data_of_hidden(const TrainedModel& trained, const fs::path& hidden) const {
    const fs::path beside = sibling(hidden.parent_path() / hidden.stem(), ".h5");
    for (const fs::path& path : {data_, beside, data_of_run(trained.file)}) {
      if (path.empty() || path == hidden) continue;
      refuse_unreadable(path);
      if (fs::exists(path)) return path;
    }
    return {};
  }

  [[nodiscard]] std::vector<std::int32_t> chosen(const data::Dataset& dataset) const {
    std::vector<std::int32_t> indices = dataset.indices(data::split_from_name(split_));
    if (indices.empty())
      throw DataError(concat(dataset.path().string(), ": the ", split_, " split is empty"));
    return indices;
  }

  void finish(const Evaluation& evaluation, Log& log) const {
    log.result(evaluation_text(evaluation));
    const fs::path folder = out_.empty() && fs::is_directory(model_) ? model_ / "evaluation" / split_ : out_;
    if (folder.empty()) return;
    write_evaluation(folder, evaluation);
    log.info(concat("wrote  ", (folder / "").string(),
                    "{metrics.json,predictions.csv,per_class.csv,confusion_matrix.csv,confusion_matrix.png,"
                    "roc.png,predictions.png}"));
  }

  fs::path model_, data_, out_;
  std::string split_ = "test", require_, isa_ = "auto";
  train::Requirement requirement_;
  int threads_ = 0;
};
}  // namespace

std::unique_ptr<Command> make_evaluate() {
  return std::make_unique<Evaluate>();
}

}  // namespace cohort::app
