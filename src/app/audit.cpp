// cohort audit: examines what was handed in to a round, from files alone.
#include "cohort/round/audit.hpp"

#include <algorithm>
#include <optional>

#include "cohort/core/text.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/round/filed_round.hpp"
#include "command.hpp"
#include "processors.hpp"
#include "tables.hpp"
#include "trained_model.hpp"

namespace cohort::app {
namespace {
namespace fs = std::filesystem;

std::string counts_text(std::int64_t correct, std::int64_t samples) {
  return correct < 0 ? std::string("-") : concat(correct, "/", samples);
}

class Audit : public Command {
 public:
  void declare(OptionTable& table) override {
    table.begin_group("Audit");
    table.integer("round", "", round_, at_least(1), "round to examine").common();
    table.path("data", "", "FILE", data_, "packed data set; without it the one that the run was trained on")
        .common();
    table.path("out", "", "DIR", out_, "write audit.json there").common();
    table.begin_group("One submission that did not come through the run folder");
    table.path("submission", "", "FILE", foreign_.submission, "what was handed in").common();
    table.text("member", "", "NAME", foreign_.member, "by whom, as the task names it").common();
    table.path("links", "", "DIR", foreign_.links, "its link states; without it the run folder's").common();
    table.begin_group("Run");
    table.integer("threads", "", threads_, at_least(0), "threads; 0 = all processors of this process")
        .common();
    table.word("isa", "", {"auto", "avx512", "avx2", "neon", "scalar"}, isa_,
               "instruction set (same result)");
  }

  void check(std::span<const std::string> arguments) override {
    expect_arguments(arguments, 1, 1, "a run folder");
    run_ = arguments.front();
    if (foreign_.submission.empty() != foreign_.member.empty())
      throw UsageError("--submission and --member go together: which file, and whose");
    if (!foreign_.links.empty() && foreign_.submission.empty())
      throw UsageError("--links goes with --submission and --member");
  }

  ExitCode run(Context& context) override {
    const fs::path path = data_.empty() ? data_of_run(run_ / "checkpoints" / "last.h5") : data_;
    if (!fs::exists(run_ / "task.json"))
      throw Error(concat(run_.string(), ": has no task.json; is it the folder of a run of rounds?"));
    if (path.empty() || !fs::exists(path))
      throw DataError(
          concat("the run's data set ", path.string(), " is not there: say with --data where it is"));
    const data::Dataset dataset = data::Dataset::open(path, true);
    std::optional<data::Dataset> hidden;
    if (const fs::path beside = sibling(path, ".hidden.h5"); fs::exists(beside))
      hidden.emplace(data::Dataset::open(beside, true));
    const round::FiledRound filed(run_, round_, dataset, hidden ? &*hidden : nullptr);
    train::WorkerPool pool(threads_ > 0 ? threads_ : allowed_processor_count());
    round::Workers workers{context.comm, pool, kernels::exact_table(isa_)};
    const bool is_foreign = !foreign_.submission.empty();
    const round::FiledAudit audit = filed.audit(workers, is_foreign ? std::optional(foreign_) : std::nullopt);
    if (!out_.empty()) {
      fs::create_directories(out_);
      round::write_audit(out_ / "audit.json", audit.record);
    }
    show(filed, audit, context.log);
    return std::ranges::all_of(audit.findings, [](const auto& f) { return round::may_merge(f.verdict); }) &&
                   audit.differences.empty()
               ? ExitCode::finished
               : ExitCode::data_refused;
  }

 private:
  void show(const round::FiledRound& filed, const round::FiledAudit& audit, Log& log) const {
    const auto images = static_cast<std::int64_t>(filed.hidden_images().size());
    log.result(concat("round ", round_, " of task sha256:", to_hex(round::task_digest(filed.task())),
                      ", evidence ", name_of(filed.task().audit.evidence)));
    log.result(concat("links       ", audit.beacon));
    log.result(images > 0 ? concat("hidden      ", images, " images, to beat ",
                                   round::baseline_correct(audit.record.hidden))
                          : std::string("hidden      not counted: this round has taken no hidden images"));
    report::Table table{{"member", "verdict", "claim", "hidden", "links replayed", "detail"}, {}};
    for (const round::Finding& finding : audit.findings) {
      std::vector<std::string> links;
      for (const std::int64_t link : finding.links_replayed) links.push_back(std::to_string(link));
      table.rows.push_back({finding.member, std::string(name_of(finding.verdict)),
                            counts_text(finding.claim_correct, finding.claim_samples),
                            counts_text(finding.hidden_correct, images),
                            links.empty() ? std::string("-") : joined(links, " "), finding.detail});
    }
    log.result(table_text(table));
    log.result(concat("audit  sha256:", to_hex(round::audit_digest(audit.record))));
    for (const std::string& line : audit.differences) log.result(concat("not as recorded: ", line));
  }

  fs::path run_, data_, out_;
  round::ForeignSubmission foreign_;
  std::int64_t round_ = 1;
  std::string isa_ = "auto";
  int threads_ = 0;
};
}  // namespace

std::unique_ptr<Command> make_audit() {
  return std::make_unique<Audit>();
}

}  // namespace cohort::app
