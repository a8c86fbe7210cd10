// Where messages go: stderr for people, a file for the record. One log per process, passed by reference.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace cohort {

/// Prints whole lines; silent on ranks other than the root, except for warnings with a rank in front.
class Log {
 public:
  /// `is_root` is decided once, by the program; everything below just logs.
  explicit Log(bool is_root, int rank = 0);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// Also appends every line, with a UTC time, to this file (root only). Throws Error when it cannot be
  /// opened.
  void open_file(const std::string& path);

  /// A line for the reader of the run: on the root alone.
  void info(std::string_view line);
  /// A line that asks for attention: on every rank, marked as a warning.
  void warning(std::string_view line);
  /// A progress line: redrawn in place on a terminal, otherwise printed at most every `interval_s`.
  void progress(std::string_view line);
  /// Ends a redrawn progress line, so that the next message starts on a fresh one.
  void end_progress();
  /// Results for stdout (root only).
  void result(std::string_view line);

  /// Whether stderr is a terminal, where a progress line can be redrawn; false but on the root.
  [[nodiscard]] bool is_terminal() const { return is_terminal_; }
  [[nodiscard]] bool is_root() const { return is_root_; }
  /// Keeps all but warnings and results off the console; the file still gets every line.
  void set_quiet(bool quiet) { quiet_ = quiet; }

 private:
  void append(std::string_view level, std::string_view line);
  bool is_root_;
  int rank_;
  bool is_terminal_;
  bool quiet_ = false;
  bool progress_open_ = false;
  double last_progress_s_ = -1e9;
  std::FILE* file_ = nullptr;
};

}  // namespace cohort
