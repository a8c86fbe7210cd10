// cohort audit: examines what was handed in to a round, from files alone.
#include "cohort/round/audit.hpp"

#include <algorithm>
#include <optional>

#include "cohort/core/text.hpp"
#include "cohort/core/words.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/round/filed_round.hpp"
#include "cohort/round/rounds.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/train/checkpoint.hpp"
#include "cohort/train/options.hpp"
#include "command.hpp"
#include "paths.hpp"
#include "processors.hpp"
#include "round_surroundings.hpp"
#include "tables.hpp"
#include "trained_model.hpp"

namespace cohort::app {
namespace {
namespace fs = std::filesystem;

/// What replaying some links is worth against one forged state in the middle of the chain.
std::string chance_text(const round::Task& task) {
  const std::int64_t links = round::links_of(task);
  if (task.audit.links >= links - 2) return concat("all ", links, " are replayed");
  const double caught = round::detection_chance(links - 2, 1, task.audit.links);
  return concat(task.audit.links + 2, " of ", links, ": one forged state would be found with chance ",
                format_fixed(caught, 2));
}

class Audit : public Command {
 public:
  void declare(OptionTable& table) override {
    table.begin_group("Audit");
    table.integer("round", "", round_, at_least(1), "round to examine").common();
    table.path("data", "", "FILE", data_, "packed data set; without it the one that the run was trained on")
        .common();
    table.path("out", "", "DIR", out_, "write audit.json there, unless another one is").common();
    table.begin_group("One submission that did not come through the run folder");
    table.path("submission", "", "FILE", foreign_.submission, "what was handed in").common();
    table.text("member", "", "NAME", foreign_.member, "by whom, as the task names it").common();
    table.path("links", "", "DIR", foreign_.links, "its link states; without it the run folder's").common();
    table
        .path("parent", "", "CHECKPOINT", parent_,
              "what the round started from, where no run keeps records (evidence claim)")
        .common();
    table.begin_group("A dispute about one member's training");
    table
        .path("against", "", "FILE", against_.submission,
              "another account of the member's round: replay the first link at which the chains part")
        .common();
    table.path("against-links", "", "DIR", against_.links, "the link states of that account").common();
    table.begin_group("Run");
    table.integer("threads", "", threads_, at_least(0), "threads; 0 = all processors of this process")
        .common();
    table.word("isa", "", {"auto", "avx512", "avx2", "neon", "scalar"}, isa_,
               "instruction set (same result)");
  }

  void check(std::span<const std::string> arguments) override {
    expect_arguments(arguments, 1, 1, "a run folder");
    run_ = arguments.front();
    const bool is_dispute = !against_.submission.empty();
    if (is_dispute && foreign_.member.empty())
      throw UsageError("--against: say with --member whose work it is");
    if (!is_dispute && foreign_.submission.empty() != foreign_.member.empty())
      throw UsageError("--submission and --member go together: which file, and whose");
    if (!foreign_.links.empty() && foreign_.submission.empty())
      throw UsageError("--links goes with --submission and --member");
    if (!parent_.empty() && (is_dispute || foreign_.submission.empty()))
      throw UsageError("--parent goes with --submission and --member");
    if (!against_.links.empty() && !is_dispute) throw UsageError("--against-links goes with --against");
    if (is_dispute && !out_.empty()) throw UsageError("--out: a dispute writes no audit.json");
  }

  ExitCode run(Context& context) override {
    // In a dispute either side's states will do: one of the two folders may be missing.
    require_readable({run_, data_, parent_, foreign_.submission, against_.submission,
                      against_.submission.empty() ? foreign_.links : fs::path()});
    const fs::path path = data_of_rounds(run_, data_);
    const data::Dataset dataset = data::Dataset::open(path, true);
    const std::optional<data::Dataset> hidden = hidden_beside(dataset);
    refuse_other_splits(dataset);
    const round::FiledRound filed(run_, round_, dataset, hidden ? &*hidden : nullptr, parent());
    refuse_another_round(filed.task());
    train::WorkerPool pool(threads_ > 0 ? threads_ : allowed_processor_count());
    round::Workers workers{context.comm, pool, kernels::exact_table(isa_)};
    if (!against_.submission.empty()) return settle(filed, workers, context.log);
    const bool is_foreign = !foreign_.submission.empty();
    const round::FiledAudit audit = filed.audit(workers, is_foreign ? std::optional(foreign_) : std::nullopt);
    const bool is_kept = !out_.empty() && keep(audit.record);
    show(filed, audit, is_kept, context.log);
    if (!out_.empty() && !is_kept) refuse_another_audit();
    return std::ranges::all_of(audit.findings, [](const auto& f) { return round::may_merge(f.verdict); }) &&
                   audit.differences.empty()
               ? ExitCode::finished
               : ExitCode::data_refused;
  }

 private:
  [[nodiscard]] std::optional<round::Model> parent() const {
    if (parent_.empty()) return std::nullopt;
    const round::Task task = round::read_task(round::RoundPaths{run_}.task());
    return load_parent(parent_, nn::layout_state(nn::build_model(task.recipe.model)));
  }

  /// Under other splits or another normalisation every member's counts and training would seem forged.
  void refuse_other_splits(const data::Dataset& dataset) const {
    const fs::path model = run_ / "checkpoints" / "last.h5";
    if (!fs::exists(model) || is_handed_in(model)) return;  // members in other houses have no run
    try {
      const train::CheckpointHeader stored = train::read_checkpoint_header(model);
      if (stored.dataset_digest != dataset.digest() ||
          stored.training_digest == train::training_data_digest(dataset))
        return;
    } catch (const CheckpointError&) {
      return;  // an audit does without this file
    }
    throw DataError(concat(dataset.path().string(),
                           ": the samples that the run was trained on, but with other splits, class order or "
                           "normalisation; name the run's own packed file with --data"));
  }

  [[noreturn]] void refuse_another_audit() const {
    throw Error(concat("write ", (out_ / "audit.json").string(),
                       ": another audit is there, and audits are never replaced; choose another folder"));
  }

  /// What is in the folder, in whatever spelling; nothing where it is not an audit or a damaged one, which is
  /// not ours to replace either.
  [[nodiscard]] std::optional<round::AuditRecord> audit_there() const {
    const std::string text = store::read_text(out_ / "audit.json");
    try {
      return round::audit_from_text(text);
    } catch (const DataError&) {
      return std::nullopt;
    }
  }

  /// Better now than after the audit: what is about another round, or readable by nobody, will not be the
  /// same.
  void refuse_another_round(const round::Task& task) const {
    if (out_.empty() || !fs::exists(out_ / "audit.json")) return;
    const std::optional<round::AuditRecord> there = audit_there();
    if (!there || there->round != round_ || there->task != round::task_digest(task) ||
        there->is_partial == foreign_.submission.empty())
      refuse_another_audit();
  }

  /// Writes audit.json unless another one is there.
  [[nodiscard]] bool keep(const round::AuditRecord& record) const {
    const fs::path path = out_ / "audit.json";
    if (fs::exists(path)) {
      const std::optional<round::AuditRecord> there = audit_there();
      return there && round::audit_text(*there) == round::audit_text(record);
    }
    make_folder(out_);
    round::write_audit(path, record);
    return true;
  }

  void show(const round::FiledRound& filed, const round::FiledAudit& audit, bool is_kept, Log& log) const {
    const auto images = static_cast<std::int64_t>(filed.hidden_images().size());
    log.result(concat("round ", round_, " of task sha256:", to_hex(round::task_digest(filed.task())),
                      ", evidence ", name_of(filed.task().audit.evidence)));
    if (filed.task().audit.evidence == round::Evidence::replay)
      log.result(concat("links       ", audit.beacon, "; ", chance_text(filed.task())));
    log.result(images > 0 ? concat("hidden      ", images, " images, to beat ",
                                   round::baseline_correct(audit.record.hidden))
               : filed.task().audit.evidence == round::Evidence::claim
                   ? std::string("hidden      not counted: evidence claim asks for the claimed counts alone")
                   : std::string("hidden      not counted: the task has no hidden set"));
    report::Table table{{"member", "verdict", "claim", "hidden", "links replayed", "detail"}, {}};
    for (const round::Finding& finding : audit.findings) {
      std::vector<std::string> links;
      for (const std::int64_t link : finding.links_replayed) links.push_back(std::to_string(link));
      table.rows.push_back({finding.member, std::string(name_of(finding.verdict)),
                            round::counts_text(finding.claim_correct, finding.claim_samples),
                            round::counts_text(finding.hidden_correct, images),
                            links.empty() ? std::string("-") : joined(links, " "), finding.detail});
    }
    log.result(table_text(table));
    log.result(concat("audit  sha256:", to_hex(round::audit_digest(audit.record))));
    for (const std::string& line : by_subject(audit.differences))
      log.result(concat("not as recorded: ", line));
    log.result(closing_line(audit, is_kept));
  }

  /// The first difference of each member, and how many more values of it differ.
  static std::vector<std::string> by_subject(const std::vector<std::string>& differences) {
    std::vector<std::string> lines, subjects;
    std::vector<std::int64_t> more;
    for (const std::string& line : differences) {
      const std::string subject = line.substr(0, line.find(": "));
      const auto found = std::ranges::find(subjects, subject);
      if (found != subjects.end()) {
        ++more[static_cast<std::size_t>(found - subjects.begin())];
        continue;
      }
      subjects.push_back(subject);
      lines.push_back(line);
      more.push_back(0);
    }
    for (std::size_t i = 0; i < lines.size(); ++i)
      if (more[i] > 0) lines[i] += concat(", and ", counted(more[i], "more value"));
    return lines;
  }

  /// How many were refused, who, and where that stands.
  [[nodiscard]] std::string closing_line(const round::FiledAudit& audit, bool is_kept) const {
    std::vector<std::string> refused;
    for (const round::Finding& finding : audit.findings)
      if (!round::may_merge(finding.verdict)) refused.push_back(finding.member);
    const fs::path recorded = round::RoundPaths{run_}.round(round_) / "audit.json";
    return concat("refused ", refused.size(), " of ", audit.findings.size(),
                  refused.empty() ? "" : concat(": ", joined(refused, ", ")), "; ",
                  is_kept        ? concat("this audit is in ", (out_ / "audit.json").string())
                  : out_.empty() ? std::string("not written, --out DIR keeps this audit")
                                 : std::string("not written"),
                  fs::exists(recorded) ? concat(", the round's own in ", recorded.string()) : "");
  }

  /// The member's account holds where the chains part, or they do not part: code 0. It does not: code 3.
  ExitCode settle(const round::FiledRound& filed, round::Workers& workers, Log& log) const {
    const round::Dispute found = filed.dispute(workers, foreign_, against_);
    const auto said = [&](bool is_signed) {
      return is_signed ? concat("signed by ", foreign_.member) : std::string("not signed by the member");
    };
    log.result(concat("round ", round_, " of ", foreign_.member,
                      ", task sha256:", to_hex(round::task_digest(filed.task()))));
    log.result(concat("member      ",
                      foreign_.submission.empty() ? "as handed in" : foreign_.submission.string(), ", ",
                      said(found.first_is_signed)));
    log.result(concat("against     ", against_.submission.string(), ", ", said(found.second_is_signed)));
    log.result(concat("chains      ", counted(found.links, "link"), ", ",
                      counted(found.comparisons, "comparison"),
                      found.link == 0 ? std::string(": they agree")
                                      : concat(": they part at link ", found.link, ", steps ",
                                               found.from_step, " to ", found.to_step)));
    if (found.link > 0) {
      log.result(concat("member      sha256:", to_hex(found.first)));
      log.result(concat("against     sha256:", to_hex(found.second)));
      log.result(concat("replayed    ", found.replayed ? concat("sha256:", to_hex(*found.replayed))
                                                       : "the training diverges"));
    }
    log.result(concat("ruling      ", ruling_text(found)));
    return found.ruling == round::Ruling::agree || found.ruling == round::Ruling::first
               ? ExitCode::finished
               : ExitCode::data_refused;
  }

  std::string ruling_text(const round::Dispute& found) const {
    switch (found.ruling) {
      case round::Ruling::agree:
        return found.models_differ
                   ? "no dispute about the training; the models differ all the same: audit both"
                   : "no dispute about the training";
      case round::Ruling::first:
        return concat(foreign_.member, "'s account holds, the other one does not");
      case round::Ruling::second:
        return concat(foreign_.member, "'s account does not hold, the other one does");
      case round::Ruling::neither:
        break;
    }
    return "neither account holds";
  }

  fs::path run_, data_, out_, parent_;
  round::ForeignSubmission foreign_;
  round::Account against_;
  std::int64_t round_ = 1;
  std::string isa_ = "auto";
  int threads_ = 0;
};
}  // namespace

std::unique_ptr<Command> make_audit() {
  return std::make_unique<Audit>();
}

}  // namespace cohort::app
