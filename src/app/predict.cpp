// cohort predict: image files in, a table of class probabilities out.
#include <algorithm>
#include <cstring>

#include "cohort/comm/agree.hpp"
#include "cohort/core/text.hpp"
#include "cohort/core/words.hpp"
#include "cohort/data/augment.hpp"
#include "cohort/data/csv.hpp"
#include "cohort/data/image.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/nn/network.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/train/metrics.hpp"
#include "cohort/train/worker_pool.hpp"
#include "command.hpp"
#include "image_files.hpp"
#include "launch.hpp"
#include "paths.hpp"
#include "trained_model.hpp"

namespace cohort::app {
namespace {
/// Logits of this rank's images, and what went wrong with the others.
struct Share {
  std::vector<float> logits;          ///< [count][classes], zero for unreadable images
  std::vector<std::string> failures;  ///< one per image, empty when it was read
};

class Predict : public Command {
 public:
  void declare(OptionTable& table) override {
    table.begin_group("Prediction");
    table.path("out", "", "FILE", out_, "CSV to write; without it the table goes to stdout").common();
    table.toggle("overwrite", "", overwrite_, "replace an existing file").common();
    table.toggle("skip-broken", "", skip_broken_, "leave unreadable images out instead of refusing").common();
    table
        .integer("threads", "", threads_, at_least(0),
                 "threads per rank; 0 = as many as there are free cores")
        .common();
    table.word("isa", "", {"auto", "avx512", "avx2", "neon", "scalar"}, isa_, "instruction set (same result)")
        .common();
  }

  void check(std::span<const std::string> arguments) override {
    if (arguments.size() < 2)
      throw UsageError("expected a model and images: cohort predict RUN|CHECKPOINT IMAGE|DIR...");
    model_ = arguments.front();
    sources_.assign(arguments.begin() + 1, arguments.end());
    require_free_output(out_, overwrite_);
  }

  ExitCode run(Context& context) override {
    const TrainedModel trained =
        comm::agree(context.comm, "load the model", [&] { return load_model(model_); });
    const std::vector<std::filesystem::path> files = comm::agree(context.comm, "list images", [&] {
      auto found = list_images(sources_);
      require_free_output(out_, overwrite_, found);
      require_free_output(out_, overwrite_, files_of_model(model_));
      return found;
    });
    const Launch launch = look_at_launch(context.comm, threads_, static_cast<std::int64_t>(files.size()));
    const Share share = compute(context.comm, trained, files, launch.threads);
    const std::vector<float> logits = gather(context.comm, share.logits);
    const std::vector<std::string> failures = gather(context.comm, share.failures);
    refuse_failures(failures, context.log);
    comm::agree(context.comm, "write predictions", [&] {
      if (context.comm.is_root()) write(trained, files, logits, failures, context.log);
    });
    return ExitCode::finished;
  }

 private:
  [[nodiscard]] Share compute(comm::Communicator& comm, const TrainedModel& trained,
                              const std::vector<std::filesystem::path>& files, int threads) const {
    return comm::agree(comm, "classify images", [&] {
      const auto total = static_cast<std::int64_t>(files.size());
      const std::int64_t begin = total * comm.rank() / comm.ranks();
      const std::int64_t count = total * (comm.rank() + 1) / comm.ranks() - begin;
      const auto classes = static_cast<std::size_t>(trained.model.classes);
      Share share{std::vector<float>(static_cast<std::size_t>(count) * classes),
                  std::vector<std::string>(static_cast<std::size_t>(count))};
      train::WorkerPool pool(threads);
      const kernels::Table<float>& table = kernels::exact_table(isa_);
      kernels::require_exact(table);
      std::vector<nn::Network<float>> networks;
      for (int worker = 0; worker < threads; ++worker)
        networks.emplace_back(trained.model, trained.layout, table, 1, nn::Purpose::inference);
      pool.run(count, [&](int worker, std::int64_t i) {
        const std::filesystem::path& file = files[static_cast<std::size_t>(begin + i)];
        nn::Network<float>& network = networks[static_cast<std::size_t>(worker)];
        try {
          const Shape input = trained.model.input();
          const data::Image image = data::square(data::read_image(file), input.height);
          data::prepare_plain(image.rgb, input, trained.checkpoint.header.normalization, network.input());
        } catch (const DataError& e) {
          share.failures[static_cast<std::size_t>(i)] = e.what();
          return;
        }
        network.infer(trained.parameters(), trained.statistics(), 1);
        std::copy_n(network.logits().begin(), classes,
                    share.logits.begin() + i * static_cast<std::int64_t>(classes));
      });
      return share;
    });
  }

  static std::vector<float> gather(comm::Communicator& comm, const std::vector<float>& mine) {
    const std::string_view bytes(reinterpret_cast<const char*>(mine.data()), mine.size() * sizeof(float));
    std::vector<float> all;
    for (const std::string& part : comm.all_gather(bytes)) {
      const std::size_t before = all.size();
      all.resize(before + part.size() / sizeof(float));
      std::memcpy(all.data() + before, part.data(), part.size());
    }
    return all;
  }

  static std::vector<std::string> gather(comm::Communicator& comm, const std::vector<std::string>& mine) {
    std::string text;
    for (const std::string& line : mine) text += line + '\0';
    std::vector<std::string> all;
    for (const std::string& part : comm.all_gather(text)) {
      std::vector<std::string> lines = split(part, '\0');
      lines.pop_back();
      all.insert(all.end(), lines.begin(), lines.end());
    }
    return all;
  }

  void refuse_failures(const std::vector<std::string>& failures, Log& log) const {
    std::vector<std::string> problems;
    for (const std::string& failure : failures)
      if (!failure.empty()) problems.push_back(failure);
    if (problems.empty()) return;
    if (!skip_broken_)
      throw comm::AgreedError(
          concat("classify images: ", problems.size(), " of ", failures.size(),
                 " cannot be read (--skip-broken leaves them out):\n  ", joined(problems, "\n  ")),
          ExitCode::data_refused);
    if (log.is_root())
      for (const std::string& problem : problems) log.warning(concat("left out: ", problem));
  }

  void write(const TrainedModel& trained, const std::vector<std::filesystem::path>& files,
             std::span<const float> logits, const std::vector<std::string>& failures, Log& log) const {
    const std::vector<std::string>& classes = trained.checkpoint.header.classes;
    const std::vector<double> shares = probabilities(trained.model.classes, logits);
    std::vector<std::string> header{"image"};
    header.insert(header.end(), classes.begin(), classes.end());
    header.push_back("decision");
    std::string text = data::csv_line(header) + "\n";
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (!failures[i].empty()) continue;
      std::vector<std::string> row{files[i].string()};
      for (std::size_t k = 0; k < classes.size(); ++k)
        row.push_back(format_fixed(shares[i * classes.size() + k], 6));
      const int decision = train::predicted_class(logits.subspan(i * classes.size(), classes.size()));
      row.push_back(classes[static_cast<std::size_t>(decision)]);
      text += data::csv_line(row) + "\n";
    }
    log.info(concat("model  ", trained.text(), "; for research only, not a medical device"));
    if (out_.empty()) {
      text.pop_back();
      log.result(text);
    } else {
      store::write_text_atomically(out_, text);
      log.info(concat("wrote  ", out_.string(), ": ",
                      counted(std::count(failures.begin(), failures.end(), std::string()), "image")));
    }
  }

  std::filesystem::path model_, out_;
  std::vector<std::filesystem::path> sources_;
  bool skip_broken_ = false, overwrite_ = false;
  int threads_ = 0;
  std::string isa_ = "auto";
};
}  // namespace

std::unique_ptr<Command> make_predict() {
  return std::make_unique<Predict>();
}

}  // namespace cohort::app
