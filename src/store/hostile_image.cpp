#include "store/hostile_image.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "store/hdf5_handle.hpp"
#include "store/hostile_structure.hpp"

namespace cohort::store {
namespace {

/// A group of the expectation, or an array (no members).
struct Place {
  std::map<std::string, Place, std::less<>> members;
  std::uint32_t array = 0;  ///< the array, or the first one below
  bool is_seen = false;
};

Place tree_of(std::span<const ExpectedArray> expected) {
  Place root;
  for (std::uint32_t i = 0; i < expected.size(); ++i) {
    Place* place = &root;
    for (const std::string& part : split(expected[i].path, '/')) {
      const auto [member, is_new] = place->members.try_emplace(part);
      place = &member->second;
      if (is_new) place->array = i;
    }
    require(place->members.empty() && place->array == i, "read_hostile: expected paths do not differ");
  }
  return root;
}

/// Groups and arrays below.
std::size_t members_of(const Place& place) {
  std::size_t count = place.members.size();
  for (const auto& [name, member] : place.members) count += members_of(member);
  return count;
}

// The library would copy the image up to three times; these let it use the one that is there.
void* same_image(std::size_t size, H5FD_file_image_op_t, void* image) {
  const auto& bytes = *static_cast<std::span<std::byte>*>(image);
  return size == bytes.size() ? bytes.data() : nullptr;
}
void* copy_nothing(void* target, const void*, std::size_t, H5FD_file_image_op_t, void*) {
  return target;
}
void* never_grow(void*, std::size_t, H5FD_file_image_op_t, void*) {
  return nullptr;
}
herr_t free_nothing(void*, H5FD_file_image_op_t, void*) {
  return 0;
}
void* same_owner(void* image) {
  return image;
}
herr_t free_no_owner(void*) {
  return 0;
}

/// Opens the bytes as a file that lives in memory only. The span must outlive the handle.
Handle open_image(std::span<std::byte>& image) {
  const Handle access = file_access();
  H5FD_file_image_callbacks_t callbacks{same_image, copy_nothing,  never_grow, free_nothing,
                                        same_owner, free_no_owner, &image};
  constexpr std::size_t growth = 4096;  // never used: the file is read only
  if (H5Pset_fapl_core(access.get(), growth, false) < 0 ||
      H5Pset_file_image_callbacks(access.get(), &callbacks) < 0 ||
      H5Pset_file_image(access.get(), image.data(), image.size()) < 0)
    throw Error("set up HDF5 for a file in memory");
  return {H5Fopen("image", H5F_ACC_RDONLY, access.get()), H5Fclose};
}

/// Bytes of all values, by the extents that were checked.
std::uint64_t values_bytes(const Handle& dataset, const ExpectedArray& expected) {
  const Handle space(H5Dget_space(dataset.get()), H5Sclose);
  const hssize_t count = H5Sget_simple_extent_npoints(space.get());
  return count < 0 ? 0 : static_cast<std::uint64_t>(count) * size_of(expected.kind);
}

class Walk {
 public:
  explicit Walk(std::span<const ExpectedArray> expected) : expected_(expected), datasets_(expected.size()) {}

  Finding file(hid_t file, Place& root) {
    const Handle creation(H5Fget_create_plist(file), H5Pclose);
    hsize_t user_block = 0;
    if (H5Pget_userblock(creation.get(), &user_block) < 0 || user_block != 0) return {Reason::user_block, 0};
    const Handle group(H5Gopen2(file, "/", H5P_DEFAULT), H5Gclose);
    if (!group.is_open()) return {Reason::not_opened, 0};
    if (const Finding found = object(group, H5O_TYPE_GROUP, root.array); found.reason != Reason::none)
      return found;
    return members(group, root);
  }

  /// The arrays, checked, in the order of the expectation.
  [[nodiscard]] const std::vector<Handle>& datasets() const { return datasets_; }

 private:
  struct Visit {
    Place& place;
    Finding found;
  };

  static herr_t visit_link(hid_t, const char* name, const H5L_info_t* link, void* opaque) {
    auto& visit = *static_cast<Visit*>(opaque);
    const auto member = visit.place.members.find(std::string_view(name));
    if (member == visit.place.members.end() || member->second.is_seen)
      visit.found = {Reason::unexpected_member, visit.place.array};
    else if (link->type != H5L_TYPE_HARD)
      visit.found = {Reason::not_hard_link, member->second.array};
    else
      member->second.is_seen = true;
    return visit.found.reason == Reason::none ? 0 : 1;
  }

  /// The links of a group, all of them, before any is followed.
  static Finding links(const Handle& group, Place& place) {
    Visit visit{place, {}};
    const herr_t result = H5Literate(group.get(), H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, visit_link, &visit);
    if (visit.found.reason != Reason::none) return visit.found;
    if (result < 0) return {Reason::unreadable_values, place.array};
    for (const auto& [name, member] : place.members)
      if (!member.is_seen) return {Reason::absent_member, member.array};
    return {};
  }

  /// What holds for groups and arrays alike: kind, no attributes, one link.
  Finding object(const Handle& opened, H5O_type_t type, std::uint32_t array) {
    H5O_info_t info;
    if (H5Oget_info2(opened.get(), &info, H5O_INFO_BASIC | H5O_INFO_NUM_ATTRS) < 0)
      return {Reason::unreadable_values, array};
    if (info.type != type) return {type == H5O_TYPE_GROUP ? Reason::not_group : Reason::not_array, array};
    if (info.num_attrs != 0) return {Reason::has_attributes, array};
    if (info.rc > 1 || !addresses_.insert(info.addr).second) return {Reason::shared, array};
    return {};
  }

  Finding members(const Handle& group, Place& place) {
    if (const Finding found = links(group, place); found.reason != Reason::none) return found;
    for (auto& [name, member] : place.members) {
      const bool is_group = !member.members.empty();
      Handle opened(H5Oopen(group.get(), name.c_str(), H5P_DEFAULT), H5Oclose);
      if (!opened.is_open()) return {Reason::unreadable_values, member.array};
      Finding found = object(opened, is_group ? H5O_TYPE_GROUP : H5O_TYPE_DATASET, member.array);
      if (found.reason == Reason::none)
        found = is_group ? members(opened, member)
                         : Finding{array(opened, expected_[member.array]), member.array};
      if (found.reason != Reason::none) return found;
      if (!is_group) datasets_[member.array] = std::move(opened);
    }
    return {};
  }

  static Reason extents(const Handle& dataset, const ExpectedArray& expected) {
    const Handle space(H5Dget_space(dataset.get()), H5Sclose);
    if (H5Sget_simple_extent_type(space.get()) !=
        (expected.extents.empty() && expected.most_elements <= 0 ? H5S_SCALAR : H5S_SIMPLE))
      return Reason::extents;
    std::array<hsize_t, H5S_MAX_RANK> found{};
    const int rank = H5Sget_simple_extent_ndims(space.get());
    if (rank < 0 || H5Sget_simple_extent_dims(space.get(), found.data(), nullptr) != rank)
      return Reason::extents;
    if (expected.most_elements > 0)
      return rank == 1 && found[0] >= 1 && found[0] <= static_cast<hsize_t>(expected.most_elements)
                 ? Reason::none
                 : Reason::extents;
    const bool is_equal =
        std::equal(expected.extents.begin(), expected.extents.end(), found.begin(), found.begin() + rank,
                   [](std::int64_t wanted, hsize_t is) { return static_cast<hsize_t>(wanted) == is; });
    return is_equal ? Reason::none : Reason::extents;
  }

  static Reason storage(const Handle& dataset, const ExpectedArray& expected) {
    const Handle creation(H5Dget_create_plist(dataset.get()), H5Pclose);
    const H5D_layout_t layout = H5Pget_layout(creation.get());
    if (layout != H5D_CONTIGUOUS && layout != H5D_COMPACT) return Reason::layout;
    if (H5Pget_nfilters(creation.get()) != 0) return Reason::filtered;
    if (H5Pget_external_count(creation.get()) != 0) return Reason::external;
    H5D_space_status_t status = H5D_SPACE_STATUS_ERROR;
    if (H5Dget_space_status(dataset.get(), &status) < 0 || status != H5D_SPACE_STATUS_ALLOCATED ||
        H5Dget_storage_size(dataset.get()) != values_bytes(dataset, expected))
      return Reason::not_stored;
    return Reason::none;
  }

  static Reason array(const Handle& dataset, const ExpectedArray& expected) {
    if (const Reason found = extents(dataset, expected); found != Reason::none) return found;
    const Handle type(H5Dget_type(dataset.get()), H5Tclose);
    if (!type.is_open() || H5Tcommitted(type.get()) != 0 ||
        H5Tequal(type.get(), file_type(expected.kind)) <= 0)
      return Reason::element_type;
    return storage(dataset, expected);
  }

  std::span<const ExpectedArray> expected_;
  std::vector<Handle> datasets_;
  std::set<haddr_t> addresses_;
};

bool has_signature(std::span<const std::byte> image) {
  constexpr std::array<unsigned char, 8> signature{0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
  return image.size() >= signature.size() &&
         std::equal(signature.begin(), signature.end(), image.begin(),
                    [](unsigned char wanted, std::byte is) { return std::byte{wanted} == is; });
}

}  // namespace

bool shut_hdf5_in() {
  start_hdf5();
  if (H5PLset_loading_state(0) < 0) return false;
  return H5Lis_registered(H5L_TYPE_EXTERNAL) == 0 || H5Lunregister(H5L_TYPE_EXTERNAL) >= 0;
}

Finding read_image(std::span<std::byte> image, std::span<const ExpectedArray> expected,
                   const TakeArray& take) {
  if (!has_signature(image)) return {Reason::no_signature, 0};
  Place root = tree_of(expected);
  if (const Reason found = check_structure(image, members_of(root)); found != Reason::none) return {found, 0};
  const Handle file = open_image(image);
  if (!file.is_open()) return {Reason::not_opened, 0};
  Walk walk(expected);
  if (const Finding found = walk.file(file.get(), root); found.reason != Reason::none) return found;
  std::vector<std::byte> values;
  for (std::uint32_t i = 0; i < expected.size(); ++i) {
    const Handle& dataset = walk.datasets()[i];
    values.resize(values_bytes(dataset, expected[i]));
    if (!may_have(expected[i], values.size())) return {Reason::extents, i};
    if (H5Dread(dataset.get(), memory_type(expected[i].kind), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) <
        0)
      return {Reason::unreadable_values, i};
    take(i, values);
  }
  return {};
}

}  // namespace cohort::store
