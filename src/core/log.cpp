#include "cohort/core/log.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cohort/core/clock.hpp"
#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/core/visible.hpp"

namespace cohort {
namespace {

// How often a progress line goes to a log file or to a stderr that is not a terminal.
constexpr double kProgressInterval_s = 30;

constexpr std::string_view kClearLine = "\r\x1b[K";

/// Whole lines in one call, so that ranks sharing a terminal do not mix theirs.
void write_whole(std::FILE* stream, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

/// As many characters as fit on one terminal row: a line that wraps cannot be redrawn.
std::string_view cut_to_terminal(std::string_view line) {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return line;
  std::size_t columns = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool starts_character = (static_cast<unsigned char>(line[i]) & 0xC0) != 0x80;
    if (starts_character && ++columns >= size.ws_col) return line.substr(0, i);
  }
  return line;
}

}  // namespace

Log::Log(bool is_root, int rank)
    : is_root_(is_root), rank_(rank), is_terminal_(is_root && isatty(STDERR_FILENO) != 0) {}

Log::~Log() {
  end_progress();
  if (file_) std::fclose(file_);
}

void Log::open_file(const std::string& path) {
  if (!is_root_) return;
  std::FILE* opened = std::fopen(path.c_str(), "ae");
  if (!opened) throw Error(concat("open log file ", path, ": ", std::strerror(errno)));
  if (file_) std::fclose(file_);
  file_ = opened;
}

void Log::info(std::string_view line) {
  if (!is_root_) return;
  append("info", line);
  if (quiet_) return;
  end_progress();
  write_whole(stderr, concat(visible(line, kLongestShownLine), "\n"));
}

void Log::warning(std::string_view line) {
  append("warning", line);
  end_progress();
  const std::string where = is_root_ ? std::string() : concat("rank ", rank_, ": ");
  write_whole(stderr, concat("cohort: warning: ", where, visible_message(line), "\n"));
}

void Log::progress(std::string_view line) {
  if (!is_root_) return;
  const double now_s = steady_now_s();
  const bool is_due = now_s - last_progress_s_ >= kProgressInterval_s;
  if (is_due) {
    last_progress_s_ = now_s;
    append("progress", line);
  }
  if (quiet_) return;
  const std::string shown = visible(line, kLongestShownLine);
  if (is_terminal_) {
    write_whole(stderr, concat(kClearLine, cut_to_terminal(shown)));
    progress_open_ = true;
  } else if (is_due) {
    write_whole(stderr, concat(shown, "\n"));
  }
}

void Log::end_progress() {
  if (!progress_open_) return;
  write_whole(stderr, "\n");
  progress_open_ = false;
}

void Log::result(std::string_view line) {
  if (!is_root_) return;
  append("result", line);
  end_progress();
  // Programs read results, too, so that nothing is cut off.
  write_whole(stdout, concat(visible(line), "\n"));
}

void Log::append(std::string_view level, std::string_view line) {
  if (file_) write_whole(file_, concat(utc_now(), " ", level, " ", visible_message(line), "\n"));
}

}  // namespace cohort
