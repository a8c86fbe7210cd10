// cohort import: from labelled image files to one packed data set.
#include "cohort/data/import.hpp"

#include <algorithm>

#include "banner.hpp"
#include "cohort/core/text.hpp"
#include "cohort/core/words.hpp"
#include "command.hpp"
#include "paths.hpp"
#include "processors.hpp"
#include "shell_words.hpp"
#include "tables.hpp"

namespace cohort::app {
namespace {
constexpr int kLeastUsefulSize = 8;  ///< what the smallest of our models takes

class Import : public Command {
 public:
  void declare(OptionTable& table) override {
    table.begin_group("Source and result");
    table.path("source", "source", "PATH", options_.source, "folder or CSV; also the first argument")
        .common();
    table
        .path("out", "out", "FILE", options_.output,
              "packed file; hidden samples go to FILE.hidden.h5 (required)")
        .common();
    table
        .integer("size", "size", options_.size, between(data::kMinPackedSize, data::kMaxPackedSize),
                 "height and width in pixels")
        .common();
    table.path(
        "like", "like", "FILE", options_.like,
        "a packed file of others: its size, classes and normalisation, so that one model serves both; all "
        "images train unless fractions are given");
    table
        .text("label-column", "label_column", "NAME", options_.label_column,
              "column of the labels; empty = found by name")
        .common();
    table
        .paths("join", "join", "FILE", options_.joins,
               "CSV with more columns, matched by image id; repeatable")
        .common();
    table
        .words("classes", "classes", "NAME", options_.selection.classes,
               "only these classes; repeatable; none = all")
        .common();
    table
        .integer("most-per-class", "most_per_class", options_.selection.most_per_class, at_least(0),
                 "of each class at most so many images, whole lesions drawn with the split's seed; 0 = all")
        .common();
    table
        .choice("broken", "broken",
                {{"refuse", data::BrokenFiles::refuse}, {"quarantine", data::BrokenFiles::quarantine}},
                options_.broken, "what to do with unreadable images")
        .common();
    declare_split(table);
    table.begin_group("Run");
    table.integer("threads", "", threads_, at_least(0), "threads; 0 = all processors of this process")
        .common();
    table.toggle("overwrite", "", options_.overwrite, "replace an existing file").common();
  }

  void check(std::span<const std::string> arguments) override {
    expect_arguments(arguments, 0, 1, "one source, a folder or a CSV");
    if (!arguments.empty()) options_.source = arguments.front();
    std::vector<std::string> problems;
    if (options_.source.empty())
      problems.push_back("the source is missing: cohort import FOLDER|FILE.csv --out FILE.h5");
    if (options_.output.empty())
      problems.push_back("--out is missing: the packed file to write, for example --out images.h5");
    if (options_.size < kLeastUsefulSize)
      problems.push_back(concat("--size ", options_.size, ": no model takes images of fewer than ",
                                kLeastUsefulSize,
                                " pixels a side (cnn-small; resnets 16); 28 to 64 for a first "
                                "try, 128 to 224 where details count"));
    double sum = 0;
    for (const double fraction : options_.split.fractions) sum += fraction;
    if (sum < 0.999 || sum > 1.001)
      problems.push_back(concat("the four fractions (train, validation, test, hidden) add up to ",
                                format_fixed(sum, 3), ", not 1"));
    if (!problems.empty()) throw UsageError(joined(problems, "; "));
  }

  ExitCode run(Context& context) override {
    options_.threads = threads_ > 0 ? threads_ : allowed_processor_count();
    take_the_form_of_another(context.options);
    const data::ImportReport report = data::import_images(options_, context.log);
    warn_of_given_splits(report, context);
    tell(report, context.log);
    return ExitCode::finished;
  }

 private:
  static bool is_given(const OptionTable& options, std::string_view flag) {
    return std::ranges::any_of(options.options(),
                               [&](const Option& option) { return option.flag == flag && option.is_given; });
  }

  /// A size of one's own says something else than --like. Images that join others in training are for that
  /// alone, unless shares are asked for: the others have images to validate and test with.
  void take_the_form_of_another(const OptionTable& options) {
    if (options_.like.empty()) return;
    require_readable({options_.like});
    if (is_given(options, "size"))
      throw UsageError(concat("--size: the images become those of ", options_.like.string(),
                              " in size; leave --size out"));
    for (int split = 0; split < data::kSplits; ++split)
      if (is_given(options, concat(data::name_of(static_cast<data::Split>(split)), "-fraction"))) return;
    options_.split.fractions = {1, 0, 0, 0};
  }

  /// Who asks for a share and gets another one should hear of it.
  static void warn_of_given_splits(const data::ImportReport& report, const Context& context) {
    std::vector<std::string> flags;
    for (const data::Split split : report.given_splits)
      for (const Option& option : context.options.options())
        if (option.is_given && option.flag == concat(data::name_of(split), "-fraction"))
          flags.push_back(concat("--", option.flag));
    if (flags.empty()) return;
    context.log.warning(
        concat("the source says itself which images are for which split: ", joined(flags, ", "),
               flags.size() == 1 ? " has no effect" : " have no effect"));
  }

  void declare_split(OptionTable& table) {
    table.begin_group("Split (whole patients and lesions, stratified by class)");
    auto& fractions = options_.split.fractions;
    table.number("train-fraction", "split.train", fractions[0], between(0, 1), "share of the training split")
        .common();
    table
        .number("validation-fraction", "split.validation", fractions[1], between(0, 1),
                "share of the validation split")
        .common();
    table.number("test-fraction", "split.test", fractions[2], between(0, 1), "share of the test split")
        .common();
    table.number("hidden-fraction", "split.hidden", fractions[3], between(0, 1), "share of the hidden split")
        .common();
    table.integer("seed", "split.seed", options_.split.seed, at_least(0), "seed of the split").common();
  }

  /// The import itself has logged table, leaks and warnings; stdout gets what was made.
  void tell(const data::ImportReport& report, Log& log) const {
    log.result(concat("packed ", options_.output.string(), ": ", counted(report.samples, "image"), " ",
                      report.size, "x", report.size, " in ",
                      counted(static_cast<std::int64_t>(report.classes.size()), "class", "classes"),
                      ", sha256:", to_hex(report.digest), splits_text(data::Dataset::open(options_.output))));
    if (report.has_hidden_file) log.result(concat("hidden ", sibling(options_.output, ".hidden.h5")));
    if (!report.quarantined.empty())
      log.result(concat("broken ", sibling(options_.output, ".quarantine.csv")));
    if (options_.like.empty())
      log.info(concat("next: mpirun -n 2 cohort train --data ", shell_word(options_.output), " --out ",
                      shell_word("runs" / options_.output.stem())));
    else
      log.info(concat("next: cohort contribute TASK.json --data ", shell_word(options_.like), " --own-data ",
                      shell_word(options_.output), " ..."));
  }

  data::ImportOptions options_;
  int threads_ = 0;
};
}  // namespace

std::unique_ptr<Command> make_import() {
  return std::make_unique<Import>();
}

}  // namespace cohort::app
