#include "store/hostile_image.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "store/hostile_array.hpp"
#include "store/hostile_attribute.hpp"
#include "store/hostile_group.hpp"

namespace cohort::store {
namespace {

/// A group of the expectation, or an array (no members).
struct Place {
  std::map<std::string, Place, std::less<>> members;
  std::uint32_t array = 0;               ///< the array, or the first one below
  std::optional<std::uint64_t> address;  ///< of its header, once it is found
  bool is_optional = true;               ///< so is every array below
};

Place tree_of(std::span<const ExpectedArray> expected) {
  Place root;
  for (std::uint32_t i = 0; i < expected.size(); ++i) {
    if (expected[i].is_attribute) continue;
    Place* place = &root;
    for (const std::string& part : split(expected[i].path, '/')) {
      const auto [member, is_new] = place->members.try_emplace(part);
      place = &member->second;
      if (is_new) place->array = i;
      place->is_optional = place->is_optional && expected[i].is_optional;
    }
  }
  return root;
}

/// Groups and arrays below.
std::size_t count_members(const Place& place) {
  std::size_t count = place.members.size();
  for (const auto& [name, member] : place.members) count += count_members(member);
  return count;
}

// A member has a header, perhaps with a second block, and a gap behind its name; a group has a tree and a
// heap besides; half-full leaves and nodes come to less than one for each member. The rest is room for a
// member too many, which has its own words.
std::size_t most_parts(std::size_t members) {
  return 8 * (members + 1);
}

/// How many members of the root may be others, where those are skipped; a checkpoint has a handful.
constexpr std::size_t kMostOthers = 32;

std::uint64_t most_heap_bytes(std::size_t members) {
  return (64 + members) << 10;
}

/// Address of the root group's header. What stands behind the end that the file gives itself is cut off:
/// other readers take it for absent, or for zeros.
std::uint64_t read_superblock(HostileBytes& image) {
  constexpr std::uint64_t nowhere = ~std::uint64_t{0};
  constexpr std::string_view signature("\x89HDF\r\n\x1a\n", 8);
  if (!image.begins_with(signature)) throw Misshapen(Reason::no_signature);
  constexpr std::uint64_t shortest = 48;
  if (image.size() < shortest) throw Misshapen(Reason::cut_short);
  HostileBytes block = image.from(signature.size());
  const std::uint64_t version = block.take(1);
  if (version != 0 && version != 2) throw Misshapen(Reason::part_unknown);
  if (version == 0)
    for (int i = 0; i < 4; ++i) block.expect(1, 0);  // versions of other parts
  block.expect(1, 8);                                // bytes of an address
  block.expect(1, 8);                                // of a length
  if (version == 0) {
    block.expect(1, 0);
    block.expect(2, kHalfLeaf);
    block.expect(2, kHalfNode);
  }
  block.skip(version == 0 ? 4 : 1);  // flags
  if (block.take(8) != 0) throw Misshapen(Reason::user_block);
  if (version == 0)
    block.skip(8);  // free space
  else
    block.expect(8, nowhere);  // extension
  const std::uint64_t end = block.take(8);
  if (end > image.size()) throw Misshapen(Reason::cut_short);
  if (version == 0) {
    block.expect(8, nowhere);  // driver
    block.skip(8);             // name
  }
  image = image.part(0, end);
  return block.take(8);
}

/// Follows the expectation through the file.
class Walk {
 public:
  Walk(std::span<const std::byte> image, std::span<const ExpectedArray> expected, Others others)
      : image_(image),
        expected_(expected),
        others_(others),
        root_(tree_of(expected)),
        members_(count_members(root_) + (others == Others::skipped ? kMostOthers : 0)) {}

  Finding read() {
    try {
      root_.address = read_superblock(image_);
      group(root_);
    } catch (const Misshapen& misshapen) {
      return {misshapen.reason(), array_};
    }
    return {};
  }

  /// In the order of the expectation.
  [[nodiscard]] const std::vector<std::span<const std::byte>>& values() const { return values_; }

 private:
  /// What holds for groups and arrays alike: one link, and no attributes unless they are skipped.
  ObjectHeader object(const Place& place) {
    array_ = place.array;
    if (!addresses_.insert(*place.address).second) throw Misshapen(Reason::shared);
    ObjectHeader header = read_header(image_, *place.address, parts_, others_);
    if (others_ == Others::refused) {
      if (header.has(Message::attribute)) throw Misshapen(Reason::has_attributes);
      if (const auto attributes = header.only(Message::attribute_info)) expect_none_elsewhere(*attributes, 2);
    }
    if (header.links > 1) throw Misshapen(Reason::shared);
    return header;
  }

  void group(Place& place) {
    const ObjectHeader header = object(place);
    if (&place == &root_) attributes(header);
    for (const GroupMember& member : read_group(image_, header, parts_, most_heap_bytes(members_)))
      meet(place, member);
    for (auto& [name, member] : place.members) {
      array_ = member.array;
      if (!member.address && !member.is_optional) throw Misshapen(Reason::absent_member);
    }
    for (auto& [name, member] : place.members) {
      if (!member.address) continue;
      if (member.members.empty())
        values_[member.array] = read_array(image_, object(member), expected_[member.array]);
      else
        group(member);
    }
  }

  void attributes(const ObjectHeader& header) {
    for (std::uint32_t i = 0; i < expected_.size(); ++i) {
      if (!expected_[i].is_attribute) continue;
      array_ = i;
      values_[i] = read_attribute(header, expected_[i]);
    }
  }

  void meet(Place& place, const GroupMember& member) {
    const auto known = place.members.find(member.name);
    if (known == place.members.end() && &place == &root_ && others_ == Others::skipped) return;
    if (known == place.members.end() || known->second.address) throw Misshapen(Reason::unexpected_member);
    if (!member.is_hard) {
      array_ = known->second.array;
      throw Misshapen(Reason::not_hard_link);
    }
    known->second.address = member.address;
  }

  HostileBytes image_;
  std::span<const ExpectedArray> expected_;
  Others others_;
  Place root_;
  std::size_t members_;
  HostileParts parts_{most_parts(members_)};
  std::set<std::uint64_t> addresses_;
  std::vector<std::span<const std::byte>> values_{expected_.size()};
  std::uint32_t array_ = 0;  ///< what is looked at
};

}  // namespace

Finding read_image(std::span<const std::byte> image, std::span<const ExpectedArray> expected, Others others,
                   const TakeArray& take) {
  Walk walk(image, expected, others);
  const Finding found = walk.read();
  if (found.reason == Reason::none)
    for (std::uint32_t i = 0; i < expected.size(); ++i) take(i, walk.values()[i]);
  return found;
}

}  // namespace cohort::store
