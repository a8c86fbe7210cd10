#include "shell_words.hpp"

#include <algorithm>

namespace cohort::app {
namespace {
bool is_plain(char c) {
  constexpr std::string_view kMarks = "_-./:=,+@%^";
  const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  // Bytes of UTF-8 beyond ASCII mean nothing to a shell.
  return is_letter || static_cast<unsigned char>(c) >= 0x80 || kMarks.find(c) != std::string_view::npos;
}
}  // namespace

std::string shell_word(std::string_view word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return std::string(word);
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'')
      quoted += "'\\''";
    else
      quoted += c;
  }
  return quoted + "'";
}

std::string shell_word(const std::filesystem::path& path) {
  return shell_word(std::string_view(path.native()));
}

}  // namespace cohort::app
