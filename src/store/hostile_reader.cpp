// The parent: asks the child, believes nothing that it says, and puts it into words of our own.
#include "cohort/store/hostile_reader.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <set>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "store/hostile_process.hpp"
#include "store/hostile_protocol.hpp"

namespace cohort::store {
namespace {

/// What came out of the pipe.
struct Answer {
  bool is_ready = false;   ///< the child was within its limits before it looked at the file
  bool is_whole = false;   ///< ended as it should: with a problem or with all arrays
  bool is_absurd = false;  ///< something that our child never says
  Finding finding;
  std::vector<std::vector<std::byte>> arrays;
};

/// Hears which version the child is of; false when it ends, or time is up, before it has said so.
bool hear_version(HostileProcess& child, const std::filesystem::path& program) {
  const auto refuse = [&](std::string_view what) {
    throw Error(concat("start a process that reads strangers' files: ", program.native(), " is ", what,
                       ", this program ", reader_version(), "; build or install both together"));
  };
  std::array<std::byte, 2> head{};
  if (!child.hear(head)) return false;
  if (static_cast<char>(head[0]) != kVersionFrame) refuse("not the reader of this program");
  std::string version(std::to_integer<std::size_t>(head[1]), '\0');
  if (!child.hear(std::as_writable_bytes(std::span(version)))) return false;
  if (version != reader_version()) refuse(concat("of version ", version));
  return true;
}

class Listener {
 public:
  Listener(HostileProcess& child, std::span<const ExpectedArray> expected)
      : child_(child), expected_(expected) {}

  Answer listen() {
    char frame = 0;
    while (!answer_.is_whole && !answer_.is_absurd && hear(frame)) take(frame);
    if (answer_.is_whole && !child_.is_silent()) answer_.is_absurd = true;
    return std::move(answer_);
  }

 private:
  template <typename T>
  bool hear(T& value) {
    return child_.hear(std::as_writable_bytes(std::span(&value, 1)));
  }

  void take(char frame) {
    if (frame == kReadyFrame && !answer_.is_ready)
      answer_.is_ready = true;
    else if (frame == kArrayFrame && answer_.is_ready)
      take_array();
    else if (frame == kProblemFrame)
      take_problem();
    else if (frame == kEndFrame && answer_.arrays.size() == expected_.size())
      answer_.is_whole = true;
    else
      answer_.is_absurd = true;
  }

  void take_array() {
    std::uint32_t index = 0;
    std::uint64_t bytes = 0;
    if (!hear(index) || !hear(bytes)) return;
    const std::size_t next = answer_.arrays.size();
    answer_.is_absurd = index != next || next >= expected_.size() || !may_have(expected_[next], bytes);
    if (answer_.is_absurd) return;
    std::vector<std::byte> values(bytes);
    if (child_.hear(values)) answer_.arrays.push_back(std::move(values));
  }

  void take_problem() {
    std::uint8_t reason = 0;
    std::uint32_t array = 0;
    if (!hear(reason) || !hear(array)) return;
    answer_.is_absurd = reason == 0 || reason > static_cast<std::uint8_t>(Reason::last);
    if (answer_.is_absurd) return;
    answer_.finding = {static_cast<Reason>(reason), array};
    answer_.is_absurd = concerns_array(answer_.finding.reason) && array >= expected_.size();
    answer_.is_whole = !answer_.is_absurd;
  }

  HostileProcess& child_;
  std::span<const ExpectedArray> expected_;
  Answer answer_;
};

std::string words_of_signal(int number) {
  switch (number) {
    case SIGXCPU:
      return "it used up its processor time";
    case SIGSEGV:
    case SIGBUS:
      return "it reached outside its memory";
    case SIGABRT:
      return "it gave up";
    case SIGFPE:
    case SIGILL:
      return "it met an impossible instruction";
    default:
      return concat("signal ", number, " ended it");
  }
}

HostileContents refused(HostileProblem problem, std::string detail, bool has_other_arrays = false) {
  return {problem, std::move(detail), {}, has_other_arrays};
}

/// Reading takes well under a second: a child that has computed for so long and is not done is busy with what
/// the file made it do. On a crowded machine the wall clock may run out before the child's own limit does,
/// and "try again" would let one such file hold up the audit of all.
constexpr double kBusyFraction = 0.1;

/// The child has ended without a whole answer, or not as a process should.
HostileContents broken(const Answer& answer, int status, bool is_late, bool is_busy) {
  if (is_late && is_busy && answer.is_ready)
    return refused(HostileProblem::failed, "the reading process used much processor time and did not finish");
  if (is_late)
    return refused(HostileProblem::interrupted, "the reading process did not finish in time; try again");
  const bool is_signal = status != -1 && WIFSIGNALED(status);
  if (!answer.is_ready && !answer.is_whole)
    throw Error(concat("start a process that reads strangers' files: it ended before it was ready (",
                       is_signal    ? concat("signal ", WTERMSIG(status))
                       : status < 0 ? std::string("and was reaped by another")
                                    : concat("exit code ", WEXITSTATUS(status)),
                       "); is memory short, or a limit refused by this system?"));
  if (answer.is_absurd)
    return refused(HostileProblem::failed, "the reading process gave an answer that cannot be");
  if (is_signal && WTERMSIG(status) == SIGKILL)
    return refused(HostileProblem::interrupted, "the reading process was killed from outside; try again");
  return refused(HostileProblem::failed,
                 concat("the reading process ended early: ",
                        is_signal ? words_of_signal(WTERMSIG(status))
                                  : std::string("it ran out of memory or stopped without an answer")));
}

std::string about(const Finding& finding, std::span<const ExpectedArray> expected) {
  const std::string words(words_of(finding.reason));
  return concerns_array(finding.reason) ? concat(expected[finding.array].path, ": ", words) : words;
}

/// An expectation of no sense fails here, not in the child, which would blame the file.
void require_sense(std::span<const ExpectedArray> expected, std::uint64_t slack_bytes, Others others) {
  require(!std::ranges::all_of(expected, &ExpectedArray::is_attribute), "read_hostile: no array is expected");
  require(others == Others::skipped || std::ranges::none_of(expected, &ExpectedArray::is_attribute),
          "read_hostile: an attribute is expected where none may be");
  std::set<std::string> paths;
  for (const ExpectedArray& array : expected)
    require(paths.insert(array.path).second, "read_hostile: two expected arrays have one path");
  for (const std::string& path : paths)
    for (std::size_t end = path.find('/'); end != std::string::npos; end = path.find('/', end + 1))
      require(!paths.contains(path.substr(0, end)), "read_hostile: an expected array is another's group");
  longest_file(expected, slack_bytes);
}

}  // namespace

HostileContents read_hostile(const std::filesystem::path& path, std::span<const ExpectedArray> expected,
                             const HostileLimits& limits, Others others) {
  require_sense(expected, limits.slack_bytes, others);
  const HostileRequest request{
      path, limits.cpu_s, limits.slack_bytes, {expected.begin(), expected.end()}, others};
  const std::filesystem::path program = limits.program.empty() ? hostile_reader_program() : limits.program;
  HostileProcess child(program, to_bytes(request), limits.wall_s);
  Answer answer = hear_version(child, program) ? Listener(child, expected).listen() : Answer{};
  const int status = answer.is_absurd ? -1 : child.end();
  const bool is_clean = answer.is_whole && (status == -1 || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
  if (!is_clean || answer.is_absurd)
    return broken(answer, status, child.is_late(), child.cpu_s() >= kBusyFraction * limits.cpu_s);
  if (answer.finding.reason != Reason::none)
    return refused(problem_of(answer.finding.reason), about(answer.finding, expected),
                   is_of_other_arrays(answer.finding.reason));
  return {HostileProblem::none, "", std::move(answer.arrays), false};
}

}  // namespace cohort::store
