#include "data/import_report.hpp"

#include <algorithm>

#include "cohort/core/text.hpp"
#include "cohort/core/words.hpp"
#include "data/problems.hpp"

namespace cohort::data {
namespace {

using Counts = std::array<std::int64_t, kSplits>;

void warn_of_unknown_groups(const Manifest& manifest, ImportReport& report) {
  const auto is_unknown = [](const Sample& sample) {
    return sample.lesion.empty() && sample.patient.empty();
  };
  const auto unknown = std::ranges::count_if(manifest.samples, is_unknown);
  if (unknown == 0) return;
  const bool is_all = unknown == static_cast<std::ptrdiff_t>(manifest.samples.size());
  report.warnings.push_back(concat(
      is_all         ? std::string("no image has a")
      : unknown == 1 ? std::string("1 image has no")
                     : concat(unknown, " images have no"),
      " lesion or patient id: pictures of one lesion may stand on both sides of a split and make results look"
      " better than they are; add a table with lesion_id or patient_id by --join FILE.csv"));
}

void warn_of_partly_given_splits(const Manifest& manifest, ImportReport& report) {
  const auto given =
      std::ranges::count_if(manifest.samples, [](const Sample& each) { return each.split.has_value(); });
  const auto missing = static_cast<std::ptrdiff_t>(manifest.samples.size()) - given;
  if (given == 0 || missing == 0) return;
  report.warnings.push_back(
      missing == 1
          ? std::string("1 image has no split while others have: it joins its group, or else trains")
          : concat(missing, " images have no split while others have: they join their group, or else train"));
}

Counts totals_of(const LeakReport& leaks) {
  Counts totals{};
  for (const Counts& counts : leaks.class_counts) {
    for (std::size_t split = 0; split < totals.size(); ++split) totals[split] += counts[split];
  }
  return totals;
}

void warn_of_missing_classes(ImportReport& report) {
  const Counts totals = totals_of(report.leaks);
  for (std::size_t split = 0; split < totals.size(); ++split) {
    std::vector<std::string> missing;
    for (std::size_t k = 0; k < report.classes.size(); ++k) {
      if (report.leaks.class_counts[k][split] == 0) missing.push_back(report.classes[k]);
    }
    if (totals[split] == 0 || missing.empty()) continue;
    report.warnings.push_back(concat("split ", name_of(static_cast<Split>(split)), " has no sample of ",
                                     missing.size() == 1 ? "class " : "classes ", first_of(missing)));
  }
}

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(width > text.size() ? width - text.size() : 1, ' ');
}

std::string counts_line(const std::string& name, std::size_t width, const Counts& counts) {
  std::string line = padded(name, width);
  std::int64_t sum = 0;
  for (const std::int64_t count : counts) {
    line += padded(concat(count), 12);
    sum += count;
  }
  return concat(line, sum);
}

}  // namespace

void add_warnings(const Manifest& manifest, ImportReport& report) {
  warn_of_unknown_groups(manifest, report);
  warn_of_partly_given_splits(manifest, report);
  warn_of_missing_classes(report);
  if (!report.identical.empty()) {
    std::vector<std::string> pairs;
    for (const auto& [first, second] : report.identical) pairs.push_back(concat(first, " = ", second));
    report.warnings.push_back(
        concat(counted(static_cast<std::int64_t>(pairs.size()), "pair"),
               pairs.size() == 1 ? " of images has" : " of images have",
               " the same pixels (where labels agree, they stay in one split): ", first_of(pairs)));
  }
  if (!report.quarantined.empty()) {
    std::vector<std::string> files;
    for (const QuarantinedFile& each : report.quarantined) {
      files.push_back(concat(each.file.filename().string(), " (", each.reason, ")"));
    }
    report.warnings.push_back(
        concat(files.size() == 1 ? std::string("1 file was") : concat(files.size(), " files were"),
               " set aside: ", first_of(files)));
  }
}

void log_report(const Manifest& manifest, const ImportReport& report, Log& log) {
  std::vector<std::string> names;
  std::size_t width = 8;
  for (std::size_t k = 0; k < report.classes.size(); ++k) {
    const bool has_words = k < manifest.class_words.size() && !manifest.class_words[k].empty();
    names.push_back(
        concat(k, " ", report.classes[k], has_words ? concat(" (", manifest.class_words[k], ")") : ""));
    width = std::max(width, names.back().size() + 2);
  }
  log.info(concat(padded("class", width), "train       validation  test        hidden      all"));
  for (std::size_t k = 0; k < names.size(); ++k) {
    log.info(counts_line(names[k], width, report.leaks.class_counts[k]));
  }
  log.info(counts_line("all", width, totals_of(report.leaks)));
  const LeakReport& leaks = report.leaks;
  log.info(concat("groups ", leaks.groups, ", patients ", leaks.patients, ", lesions ", leaks.lesions,
                  "; shared between splits: patients ", leaks.shared_patients, ", lesions ",
                  leaks.shared_lesions, ", identical images ", leaks.shared_pixels));
  for (const std::string& warning : report.warnings) log.warning(warning);
  log.info(concat("data set digest ", to_hex(report.digest)));
  if (report.has_hidden_file) log.info(concat("hidden part digest ", to_hex(report.hidden_digest)));
}

}  // namespace cohort::data
