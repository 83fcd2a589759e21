#include "core/ae_title.h"

#include <algorithm>
#include <cctype>

namespace necknode {

bool SameAeTitle(std::string_view a, std::string_view b, bool case_insensitive) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [case_insensitive](char x, char y) {
    return x == y || (case_insensitive && std::tolower(static_cast<unsigned char>(x)) ==
                                              std::tolower(static_cast<unsigned char>(y)));
  });
}

}  // namespace necknode
