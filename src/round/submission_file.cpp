// Submissions on disk. Ours are written with care; those of others are read by the limited child.
#include <algorithm>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/submission.hpp"
#include "cohort/store/atomic_file.hpp"
#include "round/submission_arrays.hpp"

namespace cohort::round {
namespace {

using Arrays = std::span<const std::vector<std::byte>>;

std::vector<store::ExpectedArray> expectation(const nn::StateLayout& layout) {
  std::vector<store::ExpectedArray> expected{
      {"header", store::Kind::u8, {}, static_cast<std::int64_t>(kMostHeaderBytes)},
      {"signature", store::Kind::u8, {}, static_cast<std::int64_t>(identity::Signature{}.size())}};
  expect_tensors(expected, "parameters", layout.parameters);
  expect_tensors(expected, "statistics", layout.statistics);
  return expected;
}

std::string signature_bytes(const Submission& submission) {
  if (!submission.signature) return std::string(1, '\0');
  return {submission.signature->begin(), submission.signature->end()};
}

std::optional<identity::Signature> signature_from(const std::string& bytes) {
  identity::Signature signature{};
  if (bytes == std::string(1, '\0')) return std::nullopt;
  if (bytes.size() != signature.size()) throw DataError("signature: neither 64 bytes nor one that is 0");
  std::copy(bytes.begin(), bytes.end(), signature.begin());
  return signature;
}

/// Everything but the values' sense. Throws DataError.
Submission assembled(Arrays arrays, const nn::StateLayout& layout) {
  Submission submission;
  submission.header = header_from_text(take_text(arrays));
  submission.signature = signature_from(take_text(arrays));
  submission.parameters = AlignedBuffer<float>(static_cast<std::size_t>(layout.parameter_count));
  submission.statistics = AlignedBuffer<float>(static_cast<std::size_t>(layout.statistic_count));
  take_tensors(arrays, layout.parameters, submission.parameters.span());
  take_tensors(arrays, layout.statistics, submission.statistics.span());
  return submission;
}

Verdict verdict_of(store::HostileProblem problem) {
  switch (problem) {
    case store::HostileProblem::none:
      return Verdict::ok;
    case store::HostileProblem::size:
      return Verdict::size;
    case store::HostileProblem::format:
    case store::HostileProblem::failed:
      return Verdict::format;
    case store::HostileProblem::missing:
    case store::HostileProblem::unreadable:
    case store::HostileProblem::interrupted:
      return Verdict::transient;
  }
  throw std::logic_error("read_submission: unknown problem");
}

ReadSubmission refused(Verdict verdict, std::string detail) {
  return {verdict, std::move(detail), std::nullopt};
}

ReadSubmission judged(Submission submission, const nn::StateLayout& layout) {
  for (const auto& [tensors, flat] : {std::pair{&layout.parameters, submission.parameters.span()},
                                      std::pair{&layout.statistics, submission.statistics.span()}})
    if (const auto problem = unusable_value(*tensors, flat)) return refused(Verdict::non_finite, *problem);
  if (model_digest(layout, submission.parameters.span(), submission.statistics.span()) !=
      submission.header.model)
    return refused(Verdict::format, "the tensors are not those that the header names by their digest");
  return {Verdict::ok, "", std::move(submission)};
}

/// Compares what stands on disk with what was to be written.
void verify(const std::filesystem::path& path, const nn::StateLayout& layout, const Submission& submission) {
  const store::ContainerReader reader(path);
  std::vector<std::vector<std::byte>> arrays;
  for (const store::ExpectedArray& array : expectation(layout)) {
    const store::ArrayInfo info = reader.info(array.path);
    std::int64_t bytes = static_cast<std::int64_t>(store::size_of(info.kind));
    for (const std::int64_t extent : info.extents) bytes *= extent;
    arrays.emplace_back(static_cast<std::size_t>(bytes));
    reader.read(array.path, array.kind, arrays.back());
  }
  const Submission written = assembled(arrays, layout);
  const auto bits = [](std::span<const float> values) { return sha256(std::as_bytes(values)); };
  if (header_text(written.header) != header_text(submission.header) ||
      written.signature != submission.signature ||
      bits(written.parameters.span()) != bits(submission.parameters.span()) ||
      bits(written.statistics.span()) != bits(submission.statistics.span()))
    throw Error(
        concat("write ", path.native(), ": reads back other than it was written; is the disk sound?"));
}

}  // namespace

void save_submission(const std::filesystem::path& path, const nn::StateLayout& layout,
                     const Submission& submission) {
  const std::string header = header_text(submission.header);
  const auto write = [&](const std::filesystem::path& temporary) {
    store::ContainerWriter writer(temporary);
    write_bytes(writer, "header", header);
    write_bytes(writer, "signature", signature_bytes(submission));
    write_tensors(writer, "parameters", layout.parameters, submission.parameters.span());
    write_tensors(writer, "statistics", layout.statistics, submission.statistics.span());
    writer.close();
  };
  store::write_atomically(
      path, write, [&](const std::filesystem::path& temporary) { verify(temporary, layout, submission); });
}

ReadSubmission read_submission(const std::filesystem::path& path, const nn::StateLayout& layout,
                               const store::HostileLimits& limits) {
  const store::HostileContents contents = store::read_hostile(path, expectation(layout), limits);
  if (contents.problem != store::HostileProblem::none)
    return refused(verdict_of(contents.problem), contents.detail);
  try {
    return judged(assembled(contents.arrays, layout), layout);
  } catch (const DataError& e) {
    return refused(Verdict::format, e.what());
  }
}

}  // namespace cohort::round
