#include "training/data_options.h"

#include <charconv>

#include "core/error.h"

namespace necknode::training {

std::string SeedRange::ToString() const {
  return std::to_string(first) + "-" + std::to_string(last);
}

SeedRange ParsePhantomData(const std::string& text, const SeedRange& fallback) {
  constexpr const char* kForm = "is not 'phantom' or 'phantom:seeds A-B' with 0 < A <= B";
  if (text == "phantom") {
    return fallback;
  }
  std::string rest = text.starts_with("phantom:") ? text.substr(8) : "";
  if (rest.starts_with("seeds")) {
    rest.erase(0, rest.find_first_not_of(" =", 5));
  }
  SeedRange range{0, 0};
  const char* end = rest.data() + rest.size();
  const auto first = std::from_chars(rest.data(), end, range.first);
  if (first.ec == std::errc() && first.ptr != end && *first.ptr == '-') {
    const auto last = std::from_chars(first.ptr + 1, end, range.last);
    if (last.ec == std::errc() && last.ptr == end && range.first > 0 && range.first <= range.last) {
      return range;
    }
  }
  throw Error(ErrorCode::kInvalidArgument, "data '" + text + "' " + kForm);
}

}  // namespace necknode::training
