#pragma once

#include <functional>
#include <string>

#include "admin/node_services.h"

namespace necknode::admin {

/// Whether `search` stands in a study's patient name, patient ID, Study Instance UID or
/// description, as they read in UTF-8: without regard to case in the Latin, Greek and Cyrillic
/// alphabets and to the marks of Latin letters, carets of names as blanks, each word of the search
/// by itself.
[[nodiscard]] std::function<bool(const storage::StudyRow&)> StudyMatches(const std::string& search,
                                                                         TextDecoder text);

/// UTF-8 text as it is compared. Visible for tests.
[[nodiscard]] std::string Folded(const std::string& text);

}  // namespace necknode::admin
