#include "data/sample_record.hpp"

namespace cohort::data {

Digest sample_record(const SampleFields& fields, const Digest& pixel_digest) {
  Sha256 hash;
  hash.update_field("cohort-sample-1");
  for (const std::string_view text : {fields.id, fields.class_name, fields.lesion, fields.patient}) {
    hash.update_field(text);
  }
  hash.update(std::as_bytes(std::span(pixel_digest)));
  hash.update_u64(static_cast<std::uint64_t>(fields.height));
  hash.update_u64(static_cast<std::uint64_t>(fields.width));
  return hash.finish();
}

}  // namespace cohort::data
