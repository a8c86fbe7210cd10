// cohort checks: everything about this machine that an issue should say.
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdlib>

#include "cohort/comm/session.hpp"
#include "cohort/core/host.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/text.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/store/container.hpp"
#include "cohort/store/hostile_reader.hpp"
#include "command.hpp"
#include "launch.hpp"
#include "processors.hpp"
#include "tables.hpp"

namespace cohort::app {
namespace {
namespace fs = std::filesystem;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "(not set)" : value;
}

class Checks : public Command {
 public:
  void declare(OptionTable& table) override {
    table.begin_group("Checks");
    table.path("dir", "", "DIR", folder_, "folder whose file system is tried: where runs will be").common();
  }

  void check(std::span<const std::string> arguments) override { expect_arguments(arguments, 0, 0, ""); }

  ExitCode run(Context& context) override {
    Log& log = context.log;
    log.result(concat("cohort      ", COHORT_VERSION, ", numerics ", kNumericsVersion, ", compiled by ",
                      compiler()));
    log.result(concat("MPI         ", comm::library_version()));
    log.result(
        concat("launcher    ", comm::started_by_launcher() ? "started by mpirun or srun" : "none: one rank"));
    log.result(concat("BLAS        ", kernels::blas_description()));
    show_processors(log);
    const bool kernels_agree = show_kernels(log);
    const bool files_work = show_files(log);
    show_scheduler(log);
    return kernels_agree && files_work ? ExitCode::finished : ExitCode::failed;
  }

 private:
  static std::string compiler() {
#if defined(__clang__)
    return concat("clang ", __clang_major__, ".", __clang_minor__);
#else
    return concat("gcc ", __GNUC__, ".", __GNUC_MINOR__);
#endif
  }

  static void show_processors(Log& log) {
    const std::vector<int> allowed = allowed_processors();
    const double memory =
        static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
    log.result(concat("host        ", host_name(), ", ", sysconf(_SC_NPROCESSORS_ONLN), " cores, ",
                      human_bytes(memory), " memory"));
    log.result(concat("allowed     ", allowed.size(), allowed.size() == 1 ? " core (" : " cores (",
                      processor_list(allowed), ")"));
    log.result(concat("OMP_NUM_THREADS ", environment("OMP_NUM_THREADS"), ", OPENBLAS_NUM_THREADS ",
                      environment("OPENBLAS_NUM_THREADS"), " (--kernels blas only)"));
  }

  /// One fingerprint per instruction set; all must be that of numerics_version.
  static bool show_kernels(Log& log) {
    std::vector<std::string> inexact;
    for (const kernels::Isa isa : kernels::available_isas()) {
      const std::string print = kernels::fingerprint(kernels::exact_table(isa));
      std::string name(kernels::name_of(isa));
      if (print != kernels::kFingerprint) inexact.push_back(name);
      name.resize(8, ' ');
      log.result(concat("kernels     ", name, print));
    }
    if (inexact.empty())
      log.result(concat("            all instruction sets give the same bits, those of numerics ",
                        kNumericsVersion));
    else
      log.result(
          concat("            PROBLEM: ", joined(inexact, ", "), " without the bits of numerics ",
                 kNumericsVersion, ", whose fingerprint is ", kernels::kFingerprint,
                 "; build again with the project's own compiler flags, and please report this output"));
    return inexact.empty();
  }

  [[nodiscard]] bool show_files(Log& log) const {
    log.result(concat("disk        ", fs::absolute(folder_).lexically_normal().string(), ": ",
                      human_bytes(static_cast<double>(store::free_bytes(folder_))), " free"));
    const fs::path trial = folder_ / concat(".cohort-checks-", getpid());
    bool works = true;
    try {
      fs::create_directory(trial);
      const store::FolderLock lock(trial);
      store::ContainerWriter writer(trial / "trial.h5");
      writer.attribute("/", "format", std::string_view("trial"));
      writer.close();
      works = store::ContainerReader(trial / "trial.h5").text_attribute("/", "format") == "trial";
      log.result("files       locks, HDF5 writing and reading work here");
      works = show_reader(log, trial / "stranger.h5") && works;
    } catch (const std::exception& e) {
      works = false;
      log.result(concat("files       PROBLEM: ", e.what()));
    }
    std::error_code ignored;
    fs::remove_all(trial, ignored);
    return works;
  }

  /// Whether the second program is there, of this version, and gets its limits from this system.
  static bool show_reader(Log& log, const fs::path& trial) {
    try {
      store::ContainerWriter writer(trial);
      writer.write<std::int64_t>("trial", {1}, std::vector<std::int64_t>{1});
      writer.close();
      const std::vector<store::ExpectedArray> expected{{"trial", store::Kind::i64, {1}, 0}};
      const store::HostileContents contents = store::read_hostile(trial, expected);
      if (contents.problem != store::HostileProblem::none) throw Error(contents.detail);
      log.result(concat("reader      ", store::hostile_reader_program().native(), " reads strangers' files"));
      return true;
    } catch (const std::exception& e) {
      log.result(concat("reader      PROBLEM: ", e.what()));
      return false;
    }
  }

  static void show_scheduler(Log& log) {
    const std::string tasks = environment("SLURM_NTASKS");
    if (std::getenv("SLURM_JOB_ID") == nullptr) {
      log.result("scheduler   not inside a Slurm job; slurm/train.sbatch is a batch script to start from");
      return;
    }
    log.result(concat("scheduler   Slurm job ", environment("SLURM_JOB_ID"), ", nodes ",
                      environment("SLURM_JOB_NODELIST"), ", tasks ", tasks, ", cores per task ",
                      environment("SLURM_CPUS_PER_TASK"), ", restarts ", environment("SLURM_RESTART_COUNT")));
    if (std::getenv("SLURM_CPUS_PER_TASK") != nullptr && std::getenv("SRUN_CPUS_PER_TASK") == nullptr)
      log.result(
          "            srun does not inherit --cpus-per-task: export "
          "SRUN_CPUS_PER_TASK=$SLURM_CPUS_PER_TASK");
  }

  fs::path folder_ = ".";
};
}  // namespace

std::unique_ptr<Command> make_checks() {
  return std::make_unique<Checks>();
}

}  // namespace cohort::app
