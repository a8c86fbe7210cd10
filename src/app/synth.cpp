// cohort synth: draws the built-in sample.
#include "cohort/data/synth.hpp"

#include <thread>

#include "cohort/core/text.hpp"
#include "command.hpp"
#include "processors.hpp"
#include "shell_words.hpp"

namespace cohort::app {
namespace {
class Synth : public Command {
 public:
  void declare(OptionTable& table) override {
    table.begin_group("Sample");
    table.path("out", "out", "DIR", options_.output, "folder for images, masks and metadata.csv (required)")
        .common();
    table
        .integer("train-images", "train_images", options_.train_images, at_least(1),
                 "images to train and validate on")
        .common();
    table.integer("test-images", "test_images", options_.test_images, at_least(0), "images of the test split")
        .common();
    table
        .integer("hidden-images", "hidden_images", options_.hidden_images, at_least(0),
                 "images of the hidden split")
        .common();
    table
        .integer("size", "size", options_.size, between(data::kMinDrawnSize, data::kMaxDrawnSize),
                 "height and width in pixels")
        .common();
    table.integer("seed", "seed", options_.seed, at_least(0), "equal seeds give equal images everywhere")
        .common();
    table
        .number("difficulty", "difficulty", options_.difficulty, between(0, 1),
                "0 = the signs are plain, 1 = barely there")
        .common();
    table.begin_group("Run");
    table.integer("threads", "", threads_, at_least(0), "threads; 0 = all processors of this process")
        .common();
    table.toggle("overwrite", "", options_.overwrite, "replace an existing sample").common();
  }

  void check(std::span<const std::string> arguments) override {
    expect_arguments(arguments, 0, 0, "");
    if (options_.output.empty())
      throw UsageError("--out is missing: the folder to draw into, for example --out sample");
  }

  ExitCode run(Context& context) override {
    options_.threads = threads_ > 0 ? threads_ : allowed_processor_count();
    data::synthesize(options_, context.log);
    std::filesystem::path packed = options_.output.lexically_normal();
    if (!packed.has_filename()) packed = packed.parent_path();
    packed += ".h5";
    context.log.info(
        concat("next: cohort import ", shell_word(options_.output), " --out ", shell_word(packed)));
    return ExitCode::finished;
  }

 private:
  data::SynthOptions options_;
  int threads_ = 0;
};
}  // namespace

std::unique_ptr<Command> make_synth() {
  return std::make_unique<Synth>();
}

}  // namespace cohort::app
