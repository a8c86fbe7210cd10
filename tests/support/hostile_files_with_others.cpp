// Files with more in them than is expected, made by the library out of the good one.
#include <hdf5.h>

#include <array>
#include <functional>
#include <string>

#include "support/hostile_files.hpp"

namespace cohort::store {
namespace {

namespace fs = std::filesystem;

constexpr std::array<float, 2> kPair{7, 8};

hid_t text_type(std::size_t bytes) {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, bytes);
  return type;
}

/// Identifiers that are left open go with their file, which is closed strongly.
void add_attribute(hid_t file, const char* object, const char* name, hid_t type, hid_t space,
                   const void* value) {
  const hid_t owner = H5Oopen(file, object, H5P_DEFAULT);
  const hid_t made = H5Acreate2(owner, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  if (value != nullptr) H5Awrite(made, type, value);
}

void add_scalar(hid_t file, const char* name, hid_t type, const void* value) {
  add_attribute(file, "/", name, type, H5Screate(H5S_SCALAR), value);
}

hid_t list(hsize_t count) {
  return H5Screate_simple(1, &count, nullptr);
}

void add_pair(hid_t file, const char* path, hid_t properties = H5P_DEFAULT) {
  const hid_t links = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links, 1);
  const hid_t made =
      H5Dcreate2(file, path, H5T_IEEE_F32LE, list(kPair.size()), links, properties, H5P_DEFAULT);
  H5Dwrite(made, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, kPair.data());
}

hid_t deflated() {
  const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
  const hsize_t count = kPair.size();
  H5Pset_chunk(properties, 1, &count);
  H5Pset_deflate(properties, 9);
  return properties;
}

/// Of every sort, and more than this reader would take of any.
void add_others(hid_t file) {
  add_pair(file, "x/deep/deeper");
  add_pair(file, "filtered", deflated());
  H5Lcreate_soft("/nowhere", file, "soft", H5P_DEFAULT, H5P_DEFAULT);
  const hid_t named = H5Tcopy(H5T_IEEE_F32LE);
  H5Tcommit2(file, "type", named, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  for (int i = 0; i < 12; ++i) add_pair(file, ("more/" + std::to_string(i)).c_str());
  const std::string names(60'000, 'n');
  for (const char* object : {"/", "/p", "/p/w"}) {
    add_attribute(file, object, "names", text_type(names.size()), H5Screate(H5S_SCALAR), names.data());
    add_attribute(file, object, "of_that_type", named, list(2), kPair.data());
    add_attribute(file, object, "never_written", H5T_STD_I32LE, list(3), nullptr);
  }
}

struct Change {
  const char* name;
  HostileProblem problem;
  const char* detail;
  std::function<void(hid_t file)> change;
};

void add_title(hid_t file, const std::string& title) {
  add_scalar(file, "title", text_type(title.size()), title.data());
}

void add_options(hid_t file) {
  add_pair(file, "o/w");
  add_title(file, "raw");
  const std::int64_t count = -5;
  add_scalar(file, "count", H5T_STD_I64LE, &count);
}

std::vector<Change> changes() {
  constexpr auto none = HostileProblem::none, format = HostileProblem::format;
  const char *form = "form that is not read", *type = "another type", *unexpected = "not expected";
  return {
      {"with_others", none, "", add_others},
      {"with_external_link", none, "",
       [](hid_t file) { H5Lcreate_external("victim.h5", "/p", file, "far", H5P_DEFAULT, H5P_DEFAULT); }},
      {"with_options", none, "",
       [](hid_t file) {
         add_options(file);
         add_pair(file, "x", deflated());
       }},
      {"with_others_and_options", none, "",
       [](hid_t file) {
         add_others(file);
         add_options(file);
       }},
      {"other_in_a_group", format, unexpected, [](hid_t file) { add_pair(file, "p/x"); }},
      {"other_in_an_optional_group", format, unexpected, [](hid_t file) { add_pair(file, "o/x"); }},
      {"optional_filtered", format, "neither contiguous nor compact",
       [](hid_t file) { add_pair(file, "o/w", deflated()); }},
      {"optional_by_soft_link", format, "not a hard link",
       [](hid_t file) { H5Lcreate_soft("/p", file, "o", H5P_DEFAULT, H5P_DEFAULT); }},
      {"optional_linked_twice", format, "linked more than once",
       [](hid_t file) {
         add_pair(file, "o/w");
         H5Lcreate_hard(file, "o/w", file, "again", H5P_DEFAULT, H5P_DEFAULT);
       }},
      {"optional_group_is_array", format, "does not stand in a group",
       [](hid_t file) { add_pair(file, "o"); }},
      {"title_too_long", format, type, [](hid_t file) { add_title(file, "nine char"); }},
      {"title_of_any_length", format, type,
       [](hid_t file) {
         const char* title = "raw";
         add_scalar(file, "title", text_type(H5T_VARIABLE), &title);
       }},
      {"title_filled_with_spaces", format, type,
       [](hid_t file) {
         const hid_t text = text_type(3);
         H5Tset_strpad(text, H5T_STR_SPACEPAD);
         add_scalar(file, "title", text, "raw");
       }},
      {"title_of_named_type", format, form,
       [](hid_t file) {
         const hid_t text = text_type(3);
         H5Tcommit2(file, "type", text, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
         add_scalar(file, "title", text, "raw");
       }},
      {"title_is_a_number", format, type,
       [](hid_t file) { add_scalar(file, "title", H5T_IEEE_F32LE, kPair.data()); }},
      {"count_is_real", format, type, [](hid_t file) { add_scalar(file, "count", H5T_IEEE_F64LE, nullptr); }},
      {"count_is_a_list", HostileProblem::size, "other extents",
       [](hid_t file) { add_attribute(file, "/", "count", H5T_STD_I64LE, list(2), nullptr); }},
      {"more_attributes_than_are_read", format, "more parts",
       [](hid_t file) {
         for (int i = 0; i < 300; ++i) add_scalar(file, std::to_string(i).c_str(), H5T_STD_I32LE, nullptr);
       }},
      {"more_others_than_are_read", format, "more parts",
       [](hid_t file) {
         for (int i = 0; i < 4000; ++i) add_pair(file, ("other" + std::to_string(i)).c_str());
       }},
  };
}

}  // namespace

std::vector<HostileFile> write_files_with_others(const fs::path& folder) {
  std::vector<HostileFile> files;
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18);
  H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
  for (const auto& [name, problem, detail, change] : changes()) {
    fs::copy_file(folder / "good", folder / name);
    const hid_t file = H5Fopen((folder / name).c_str(), H5F_ACC_RDWR, access);
    change(file);
    H5Fclose(file);
    files.push_back({name, problem, detail});
  }
  H5Pclose(access);
  return files;
}

}  // namespace cohort::store
