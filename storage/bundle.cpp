#include "storage/bundle.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/error.h"

namespace necknode::storage {
namespace {

constexpr std::string_view kMagic = "NNBUNDL1";
constexpr std::size_t kHeadSize = 16;
constexpr std::size_t kEndSize = 8;
constexpr std::uint64_t kLargestPart = 256ULL << 20;  // what a damaged number may not pass

// Writes into bytes that are there already.
class Cursor {
 public:
  explicit Cursor(std::span<std::byte> to) : to_(to) {}
  void Put(std::span<const std::byte> bytes) {
    std::ranges::copy(bytes, to_.begin());
    to_ = to_.subspan(bytes.size());
  }
  void Put(std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
      to_[i] = static_cast<std::byte>(value >> (8 * i) & 0xFF);
    to_ = to_.subspan(size);
  }

 private:
  std::span<std::byte> to_;
};

std::uint64_t Number(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i)
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[i - 1]);
  return value;
}

Error Damaged() { return {ErrorCode::kInternal, "a bundle is damaged"}; }

}  // namespace

std::vector<std::byte> PackBundle(std::string_view index,
                                  std::span<const std::vector<std::byte>> parts) {
  constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
  std::uint64_t end = kHeadSize + kEndSize * parts.size() + index.size();
  std::uint64_t size = end;
  for (const auto& part : parts)
    size += part.size();
  if (index.size() > kLargestPart || parts.size() > kMost ||
      std::ranges::any_of(parts, [](const auto& part) { return part.size() > kLargestPart; }))
    throw Error(ErrorCode::kInvalidArgument, "index or parts are too large for a bundle");
  std::vector<std::byte> bytes(size);
  Cursor cursor(bytes);
  cursor.Put(std::as_bytes(std::span(kMagic)));
  cursor.Put(index.size(), 4);
  cursor.Put(parts.size(), 4);
  for (const auto& part : parts) {
    end += part.size();
    cursor.Put(end, kEndSize);
  }
  cursor.Put(std::as_bytes(std::span(index)));
  for (const auto& part : parts)
    cursor.Put(part);
  return bytes;
}

Bundle::Bundle(const ObjectStore& objects, ObjectKind kind, std::string key)
    : objects_(objects), kind_(kind), key_(std::move(key)) {
  const auto head = Exactly(0, kHeadSize);
  const auto magic = std::as_bytes(std::span(kMagic));
  if (!std::equal(magic.begin(), magic.end(), head.begin()))
    throw Error(ErrorCode::kInternal, "an object is no bundle");
  index_size_ = Number(std::span(head).subspan(8, 4));
  count_ = Number(std::span(head).subspan(12, 4));
}

std::vector<std::byte> Bundle::Exactly(std::uint64_t offset, std::uint64_t size) const {
  if (size > kLargestPart)
    throw Damaged();
  auto bytes = objects_.ReadPart(kind_, key_, offset, size);
  if (bytes.size() != size)
    throw Damaged();
  return bytes;
}

std::string Bundle::Index() const {
  const auto bytes = Exactly(kHeadSize + kEndSize * count_, index_size_);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::uint64_t Bundle::EndBefore(std::size_t number) const {
  return number == 0 ? kHeadSize + kEndSize * count_ + index_size_
                     : Number(Exactly(kHeadSize + kEndSize * (number - 1), kEndSize));
}

std::vector<std::byte> Bundle::Part(std::size_t number) const {
  if (number >= count_)
    throw Error(
        ErrorCode::kNotFound,
        "there is no part " + std::to_string(number) + ", there are " + std::to_string(count_));
  const std::uint64_t begin = EndBefore(number);
  const std::uint64_t end = EndBefore(number + 1);
  if (end < begin)
    throw Damaged();
  return Exactly(begin, end - begin);
}

}  // namespace necknode::storage
