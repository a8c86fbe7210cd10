#include "cohort/round/hidden_set.hpp"

#include <algorithm>
#include <set>
#include <span>
#include <string_view>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/core/words.hpp"
#include "cohort/identity/commitment.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/store/file_lock.hpp"
#include "cohort/store/parsed_text.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSchema = "cohort.hidden-ledger/1";
constexpr const char* kSchemaElsewhere = "cohort.hidden-ledger-elsewhere/1";

/// Another file that a run folder's names as its ledger; none when it is one itself.
std::optional<fs::path> named_by(const fs::path& own) {
  return store::parsed_json(own, [](const Json& json) -> std::optional<fs::path> {
    if (json.at("schema").as_string() != kSchemaElsewhere) return std::nullopt;
    return json.at("ledger").as_string();
  });
}

/// The ledger that a file is or names.
fs::path meant_by(const fs::path& file) {
  if (!fs::exists(file)) return file;
  const std::optional<fs::path> named = named_by(file);
  if (!named) return file;
  if (!fs::exists(*named))
    throw Error(concat(file.string(), ": names ", named->string(),
                       ", which is not there: it says which hidden "
                       "images are spent; put it back, or write into the former where it lies now"));
  return *named;
}

using Texts = std::vector<std::string_view>;

Texts ids_of(const data::Dataset& dataset) {
  Texts ids;
  for (std::int64_t row = 0; row < dataset.size(); ++row) ids.emplace_back(dataset.id(row));
  return ids;
}

Texts column_of(const data::Dataset& dataset, std::string_view name) {
  const std::vector<std::string>& column = dataset.column(name);
  return {column.begin(), column.end()};
}

/// The bytes themselves: pictures differ early, so that they are sorted in less time than hashed.
Texts pixels_of(const data::Dataset& dataset) {
  Texts pixels;
  for (std::int64_t row = 0; row < dataset.size(); ++row) {
    const std::span<const std::uint8_t> bytes = dataset.pixels(row);
    pixels.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return pixels;
}

/// The names of the hidden rows whose text the main file has too, each once; an empty text is not known.
std::set<std::string_view> in_both(const Texts& hidden, Texts main, const Texts& names) {
  std::ranges::sort(main);
  std::set<std::string_view> found;
  for (std::size_t row = 0; row < hidden.size(); ++row)
    if (!hidden[row].empty() && std::ranges::binary_search(main, hidden[row])) found.insert(names[row]);
  return found;
}

/// Adds "5 lesions in both files (a, b, c, ...)"; nothing where there are no names.
void add_rows(const std::set<std::string_view>& names, std::string_view noun, std::string_view what,
              std::vector<std::string>& problems) {
  constexpr std::size_t kShown = 3;
  if (names.empty()) return;
  std::vector<std::string> shown;
  for (const std::string_view name : names) {
    if (shown.size() == kShown) break;
    shown.emplace_back(name);
  }
  if (names.size() > kShown) shown.emplace_back("...");
  problems.push_back(concat(counted(static_cast<std::int64_t>(names.size()), noun), " ", what, " (",
                            joined(shown, ", "), ")"));
}

}  // namespace

void require_hidden(const data::Dataset& hidden, const data::Dataset& dataset) {
  const Texts ids = ids_of(hidden);
  std::set<std::string_view> others;
  for (std::size_t row = 0; row < ids.size(); ++row)
    if (hidden.split(static_cast<std::int64_t>(row)) != data::Split::hidden) others.insert(ids[row]);
  std::vector<std::string> problems;
  add_rows(others, "image", "of another split than hidden", problems);
  add_rows(in_both(ids, ids_of(dataset), ids), "image", "of the same id in both files", problems);
  for (const char* const column : {"lesion", "patient"}) {
    const Texts names = column_of(hidden, column);
    add_rows(in_both(names, column_of(dataset, column), names), column, "in both files", problems);
  }
  add_rows(in_both(pixels_of(hidden), pixels_of(dataset), ids), "image", "of equal pixels in both files",
           problems);
  if (problems.empty()) return;
  throw DataError(concat("hidden set ", hidden.path().string(), ": is not hidden from ",
                         dataset.path().string(), ": ", joined(problems, "; "),
                         "; import again, so that both files come from one import: 'cohort import SOURCE "
                         "--out FILE.h5' writes FILE.hidden.h5 too"));
}

fs::path ledger_of(const fs::path& own, const fs::path& chosen) {
  if (chosen.empty()) return meant_by(own);
  const fs::path wanted = meant_by(fs::weakly_canonical(chosen));
  if (!fs::exists(own)) return wanted;
  fs::path present = meant_by(own);
  if (fs::weakly_canonical(present) != fs::weakly_canonical(wanted))
    throw CheckpointError(concat("the run spends hidden images by ", present.string(), ", not by ",
                                 wanted.string(),
                                 "; leave --ledger out to continue, or choose another --out"));
  return present;
}

void share_ledger(const fs::path& own, const fs::path& ledger, const data::Dataset& hidden) {
  if (fs::exists(own) || fs::weakly_canonical(own) == fs::weakly_canonical(ledger)) return;
  {
    const store::FileLock lock(ledger);
    if (!fs::exists(ledger)) HiddenLedger(ledger, hidden).save();
  }
  store::write_text_atomically(
      own, Json::object().set("schema", kSchemaElsewhere).set("ledger", ledger.string()).dump() + "\n");
}

HiddenLedger::HiddenLedger(fs::path path, const data::Dataset& dataset)
    : path_(std::move(path)), hidden_(dataset.digest()), size_(dataset.size()) {
  read_anew();
}

void HiddenLedger::read_anew() {
  entries_.clear();
  if (fs::exists(path_)) store::parsed_json(path_, [this](const Json& json) { read(json); });
}

void HiddenLedger::read(const Json& json) {
  if (json.at("schema").as_string() != kSchema) throw DataError("not a ledger of a hidden set");
  if (digest_from_hex(json.at("hidden").as_string()) != hidden_)
    throw DataError("belongs to another hidden set than the one at hand");
  std::set<std::int32_t> spent;
  for (const Json& entry : json.at("entries").as_array()) {
    Entry read{digest_from_hex(entry.at("task").as_string()), entry.at("round").as_int(), {}};
    for (const Json& image : entry.at("images").as_array()) {
      const std::int64_t index = image.as_int();
      if (index < 0 || index >= size_) throw DataError("names an image that is not there");
      read.images.push_back(static_cast<std::int32_t>(index));
      if (!spent.insert(read.images.back()).second) throw DataError("spends an image twice");
    }
    entries_.push_back(std::move(read));
  }
}

std::int64_t HiddenLedger::unspent() const {
  std::int64_t spent = 0;
  for (const Entry& entry : entries_) spent += static_cast<std::int64_t>(entry.images.size());
  return size_ - spent;
}

std::optional<std::vector<std::int32_t>> HiddenLedger::taken(const Digest& task, std::int64_t round) const {
  for (const Entry& entry : entries_)
    if (entry.task == task && entry.round == round) return entry.images;
  return std::nullopt;
}

std::vector<std::int32_t> HiddenLedger::take(const Digest& task, std::int64_t round, std::int64_t count,
                                             const Digest& seed) {
  if (auto before = taken(task, round)) return *std::move(before);
  const store::FileLock lock(path_);
  read_anew();  // others may have spent some meanwhile
  if (auto before = taken(task, round)) return *std::move(before);
  if (count < 1 || count > unspent())
    throw DataError(concat("hidden set: round ", round, " needs ", count, " fresh images, but ", unspent(),
                           " of ", size_, " are unspent (", path_.string(), "); use a new hidden set"));
  std::set<std::int32_t> spent;
  for (const Entry& entry : entries_) spent.insert(entry.images.begin(), entry.images.end());
  std::vector<std::int32_t> fresh;
  for (std::int32_t index = 0; index < size_; ++index)
    if (!spent.contains(index)) fresh.push_back(index);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
    std::swap(fresh[i], fresh[i + identity::draw_below(seed, i, fresh.size() - i)]);
  fresh.resize(static_cast<std::size_t>(count));
  std::ranges::sort(fresh);
  entries_.push_back({task, round, fresh});
  save();
  return fresh;
}

void HiddenLedger::save() const {
  Json json = Json::object();
  json.set("schema", kSchema).set("hidden", to_hex(hidden_));
  Json entries = Json::array();
  for (const Entry& entry : entries_) {
    Json images = Json::array();
    for (const std::int32_t image : entry.images) images.push(image);
    entries.push(
        Json::object().set("task", to_hex(entry.task)).set("round", entry.round).set("images", images));
  }
  json.set("entries", entries);
  store::write_text_atomically(path_, json.dump() + "\n");
}

}  // namespace cohort::round
