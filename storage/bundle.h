#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/object_store.h"

namespace necknode::storage {

/// Many parts and an index in one object: the index is a text that says what the parts are, each
/// part is read without the others. Numbers are little-endian: "NNBUNDL1", the index's size and the
/// count of parts (4 bytes each), for each part where it ends in the file (8 bytes), the index, the
/// parts. Throws Error(kInvalidArgument) where a number does not fit.
[[nodiscard]] std::vector<std::byte> PackBundle(std::string_view index,
                                                std::span<const std::vector<std::byte>> parts);

/// An object made by PackBundle, read piece by piece. `objects` must outlive it. Thread safe.
class Bundle {
 public:
  /// Reads the head. Throws as ObjectStore::Read, and Error(kInternal) where it is no bundle.
  Bundle(const ObjectStore& objects, ObjectKind kind, std::string key);

  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] std::string Index() const;
  /// Throws Error(kNotFound) where there is no such part, else as the constructor.
  [[nodiscard]] std::vector<std::byte> Part(std::size_t number) const;

 private:
  [[nodiscard]] std::vector<std::byte> Exactly(std::uint64_t offset, std::uint64_t size) const;
  /// Where the part that follows begins: number 0 is the end of the index.
  [[nodiscard]] std::uint64_t EndBefore(std::size_t number) const;

  const ObjectStore& objects_;
  const ObjectKind kind_;
  const std::string key_;
  std::uint64_t index_size_ = 0;
  std::size_t count_ = 0;
};

}  // namespace necknode::storage
