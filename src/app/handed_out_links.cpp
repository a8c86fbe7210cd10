#include "handed_out_links.hpp"

#include <cstddef>
#include <utility>
#include <vector>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/store/atomic_file.hpp"

namespace cohort::app {
namespace {
namespace fs = std::filesystem;

/// "3,7" → the numbers, all of which the chain has.
std::vector<std::size_t> parse_links(const std::string& text, std::size_t links) {
  if (links == 0) throw DataError("--links: this submission's chain has no link, only a beginning");
  std::vector<std::size_t> numbers;
  for (const std::string& field : split(text, ',')) {
    const auto number = parse_int(trim(field));
    if (!number || *number < 1 || static_cast<std::size_t>(*number) > links)
      throw UsageError(
          concat("--links: expected numbers from 1 to ", links, " with commas, found '", field, "'"));
    numbers.push_back(static_cast<std::size_t>(*number));
  }
  return numbers;
}

/// No state is larger: parameters, two values of the optimizer and an average, statistics and their average.
std::size_t most_bytes_of_state(const nn::StateLayout& layout) {
  return static_cast<std::size_t>(4 * layout.parameter_count + 2 * layout.statistic_count) * sizeof(float) +
         (std::size_t{1} << 20);
}

}  // namespace

void hand_out_links(const round::SubmissionHeader& header, const nn::StateLayout& layout,
                    const std::string& list, const LinkFolders& folders, Log& log) {
  std::vector<std::pair<std::size_t, Digest>> wanted;
  std::string missing;
  for (const std::size_t link : parse_links(list, header.chain.empty() ? 0 : header.chain.size() - 1)) {
    const Digest& state = header.chain[link - 1].state;
    if (link == 1)
      log.info("link 1 starts from the round's own model: no state is needed");
    else if (fs::is_regular_file(fs::symlink_status(round::link_path(folders.from, state))))
      wanted.emplace_back(link, state);
    else
      missing += concat("\n  link ", link, ": ", round::link_path(folders.from, state).string());
  }
  if (!missing.empty()) throw Error(concat("hand out link states: not there:", missing));
  fs::create_directories(folders.out);
  for (const auto& [link, state] : wanted) {
    const std::string bytes =
        store::read_text(round::link_path(folders.from, state), most_bytes_of_state(layout));
    const fs::path target = round::link_path(folders.out, state);
    // The header is a stranger's, who may name the state of somebody else and hold something else under it.
    if (fs::exists(target) && store::read_text(target, most_bytes_of_state(layout)) != bytes)
      throw Error(concat("hand out link states: ", target.string(),
                         " is there and holds something else; choose another folder"));
    store::write_text_atomically(target, bytes);
    log.result(concat("link ", link, "  ", target.string()));
  }
}

}  // namespace cohort::app
