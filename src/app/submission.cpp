// cohort submission: hand in, look at and carry contributions. What others hand in is hostile until proven
// otherwise: the limited child reads it, and the layout of the model comes from the caller, never from it.
#include "cohort/round/submission.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

#include "claimed_submission.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/task.hpp"
#include "cohort/store/atomic_file.hpp"
#include "command.hpp"
#include "handed_out_links.hpp"
#include "paths.hpp"
#include "trained_model.hpp"

namespace cohort::app {
namespace {
namespace fs = std::filesystem;

/// Where the shape of the model comes from.
struct ModelSource {
  fs::path task, like;
  nn::ModelOptions model{"", "", 2, {3, 28, 28}};
  int size = 28;

  void declare(OptionTable& table) {
    table.begin_group("Model (never taken from the submission)", {"open", "encode", "decode"});
    table.path("task", "", "FILE", task, "the task that the submission is for")
        .only({"create", "open", "encode", "decode"})
        .common();
    table.path("like", "", "CHECKPOINT", like, "a checkpoint or run with the same model").common();
    table.text("model", "", "NAME", model.name, "or by name: resnet18, cnn-small, …").common();
    table.text("stem", "", "NAME", model.stem, "with --model: imagenet or cifar");
    table.integer("classes", "", model.classes, {2, 1024}, "with --model: number of classes");
    table.integer("size", "", size, {1, 4096}, "with --model: side of the images in pixels");
  }

  void check() const {
    const int given = static_cast<int>(!task.empty()) + static_cast<int>(!like.empty()) +
                      static_cast<int>(!model.name.empty());
    if (given != 1) throw UsageError("give one of --task, --like and --model: a submission is not asked");
    if (model.name.starts_with("resnet") && model.stem.empty())
      throw UsageError(
          concat("--model ", model.name,
                 ": say with --stem which one, imagenet or cifar, and with --classes and --size what it "
                 "was trained on (else ",
                 model.classes, " classes, ", size, " pixels)"));
  }

  [[nodiscard]] nn::StateLayout layout() const {
    if (!like.empty()) return load_model(like).layout;
    nn::ModelOptions options = model;
    options.input = {3, size, size};
    if (!task.empty()) options = round::read_task(task).recipe.model;
    return nn::layout_state(nn::build_model(options));
  }
};

round::Submission read(const fs::path& path, const nn::StateLayout& layout) {
  round::ReadSubmission found = round::read_submission(path, layout);
  const std::string message =
      concat("read ", path.string(), ": ", round::name_of(found.verdict), ": ", found.detail);
  if (found.verdict == round::Verdict::transient) throw Error(message);
  if (!found.submission) throw DataError(message);
  return std::move(*found.submission);
}

std::string signature_text(const round::Submission& submission) {
  if (!submission.signature) return "none";
  return round::is_signed(submission) ? "valid, by the key above" : "NOT VALID for this header and key";
}

void show(const fs::path& path, const round::Submission& submission, Log& log) {
  const round::SubmissionHeader& header = submission.header;
  const round::Claim& claim = header.claim;
  log.result(concat("submission  ", path.string(), " (format ", header.format_version, ", numerics ",
                    header.numerics_version, ")"));
  log.result(concat("digest      sha256:", to_hex(round::submission_digest(header))));
  log.result(concat("member      ", header.member));
  log.result(concat("key         ", to_hex(header.key)));
  log.result(concat("signature   ", signature_text(submission)));
  log.result(concat("task        sha256:", to_hex(header.task)));
  log.result(concat("round       ", header.round));
  log.result(concat("parent      sha256:", to_hex(header.parent)));
  log.result(concat("model       sha256:", to_hex(header.model), ", recomputed from the tensors"));
  log.result(concat(
      "claims      ", claim.correct, " of ", claim.samples, " images right",
      claim.samples == 0
          ? ""
          : concat(" (",
                   format_fixed(static_cast<double>(claim.correct) / static_cast<double>(claim.samples), 4),
                   ")"),
      ", data sha256:", to_hex(claim.data)));
  const std::size_t links = header.chain.empty() ? 0 : header.chain.size() - 1;
  log.result(concat("chain       ", links, links == 1 ? " link" : " links",
                    header.chain.empty() ? "" : concat(", ", header.chain.back().step, " steps")));
  log.result("recipe");
  for (const auto& [key, value] : header.recipe) log.result(concat("  ", key, " = ", value));
}

class SubmissionCommand : public Command {
 public:
  void declare(OptionTable& table) override {
    source_.declare(table);
    table.begin_group("What to read and write");
    table.path("out", "", "PATH", out_, "file to write; open: folder for the states of links").common();
    table.toggle("overwrite", "", overwrite_, "replace an existing file")
        .only({"create", "encode", "decode"})
        .common();
    table.text("links", "", "LIST", links_, "copy the states that these links start from, as 3,7")
        .only({"open"})
        .common();
    table.path("from", "", "DIR", from_, "with --links: where the member keeps its link states")
        .only({"open"})
        .common();
    table.begin_group("Who hands in, and what", {"create"});
    table.path("key", "", "FILE", key_, "the member's secret key, from keygen; keygen: print its public line")
        .only({"keygen", "create"})
        .common();
    table.text("member", "", "NAME", order_.member, "as the task names it").common();
    table.integer("round", "", order_.round, {1, 1e15}, "round of the task, from 1 on").common();
    table
        .path("parent", "", "CHECKPOINT", order_.parent,
              "what the round started from; round 1 without it: the task's first model")
        .common();
    table.path("claim", "", "FILE", order_.metrics, "metrics.json of cohort evaluate on the validation part")
        .common();
  }

  void check(std::span<const std::string> arguments) override {
    action_ = arguments.front();
    const std::size_t files = action_ == "keygen" ? 0 : 1;
    expect_arguments(arguments.subspan(1), files, files, concat("one file after '", action_, "'"));
    if (files == 1) order_.model = file_ = arguments[1];
    if (action_ != "keygen" && action_ != "create") source_.check();
    check_out();
    if (links_.empty() != from_.empty()) throw UsageError("--links goes with --from and --out");
    if (action_ == "create") check_create();
    if (writes_file()) require_free_output(out_, overwrite_);
  }

  ExitCode run(Context& context) override {
    require_readable({file_, source_.task, source_.like, key_, order_.parent, order_.metrics, from_});
    if (writes_file()) require_free_output(out_, overwrite_, inputs());
    if (action_ == "keygen") return make_key(context.log);
    if (action_ == "create") return create(context.log);
    const nn::StateLayout layout = source_.layout();
    if (action_ == "open") return open(layout, context.log);
    return action_ == "encode" ? encode(layout, context.log) : decode(layout, context.log);
  }

 private:
  void check_out() const {
    const bool is_keygen = action_ == "keygen";
    if (is_keygen && out_.empty() == key_.empty())
      throw UsageError(
          "submission keygen: give --out FILE for a new key, or --key FILE for the public line of one that "
          "is there");
    const bool needs_out = is_keygen           ? key_.empty()
                           : action_ == "open" ? !links_.empty()
                                               : action_ != "encode";
    if (out_.empty() && needs_out) throw UsageError(concat("submission ", action_, ": give --out"));
  }

  void check_create() const {
    std::string missing;
    for (const auto& [flag, is_given] :
         {std::pair{"--task", !source_.task.empty()}, std::pair{"--key", !key_.empty()},
          std::pair{"--member", !order_.member.empty()}, std::pair{"--round", order_.round > 0},
          std::pair{"--claim", !order_.metrics.empty()}})
      if (!is_given) missing += concat(" ", flag);
    if (!missing.empty()) throw UsageError(concat("submission create: give", missing));
  }

  /// A secret key is never replaced, and link states have the names of what they hold.
  [[nodiscard]] bool writes_file() const { return action_ != "keygen" && action_ != "open"; }

  [[nodiscard]] std::vector<fs::path> inputs() const {
    std::vector<fs::path> files{file_, source_.task, key_, order_.metrics};
    for (const fs::path& model : {source_.like, order_.parent, action_ == "create" ? file_ : fs::path()})
      if (!model.empty()) std::ranges::copy(files_of_model(model), std::back_inserter(files));
    return files;
  }

  ExitCode make_key(Log& log) const {
    if (!key_.empty()) {
      log.result(to_hex(identity::read_key_file(key_).public_key()));
      return ExitCode::finished;
    }
    const auto key = identity::SecretKey::generate();
    identity::write_key_file(out_, key);
    log.result(to_hex(key.public_key()));
    log.info(concat("the line above is public, for the coordinator's members.csv; keep ", out_.string(),
                    " secret"));
    return ExitCode::finished;
  }

  ExitCode open(const nn::StateLayout& layout, Log& log) const {
    const round::Submission submission = read(file_, layout);
    if (!links_.empty()) {
      hand_out_links(submission.header, layout, links_, {from_, out_}, log);
      return ExitCode::finished;
    }
    show(file_, submission, log);
    const bool is_bad = submission.signature && !round::is_signed(submission);
    return is_bad ? ExitCode::data_refused : ExitCode::finished;
  }

  ExitCode encode(const nn::StateLayout& layout, Log& log) const {
    const std::string text = round::encode(layout, read(file_, layout));
    if (out_.empty())
      log.result(text);
    else
      store::write_text_atomically(out_, text + "\n");
    return ExitCode::finished;
  }

  ExitCode decode(const nn::StateLayout& layout, Log& log) const {
    const std::string text = file_ == "-" ? store::read_standard_input() : store::read_text(file_);
    const round::Submission submission = round::decode(trim(text), layout);
    round::save_submission(out_, layout, submission);
    log.result(concat("submission  ", out_.string()));
    log.result(concat("digest      sha256:", to_hex(round::submission_digest(submission.header))));
    log.result(concat("signature   ", signature_text(submission)));
    return ExitCode::finished;
  }

  ExitCode create(Log& log) const {
    const TrainedModel trained = load_model(order_.model);
    const round::Task task = round::read_task(source_.task);
    const round::Submission submission =
        claimed_submission(order_, task, identity::read_key_file(key_), trained);
    round::save_submission(out_, trained.layout, submission);
    show(out_, submission, log);
    log.info(
        "seed, steps and schedule_start stand there as the task gives them: nobody confirms them without "
        "replay");
    if (trained.checkpoint.header.dataset_digest != task.dataset)
      log.warning(
          "the model was trained on another packed file than the task's; if its mean or deviation differ, "
          "the "
          "audit counts other answers");
    return ExitCode::finished;
  }

  ModelSource source_;
  ClaimOrder order_;
  std::string action_, links_;
  fs::path file_, out_, from_, key_;
  bool overwrite_ = false;
};
}  // namespace

std::unique_ptr<Command> make_submission() {
  return std::make_unique<SubmissionCommand>();
}

}  // namespace cohort::app
