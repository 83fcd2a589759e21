#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace necknode {

/// What kind of failure an Error reports; boundaries map it to a DIMSE status, a job state or an
/// exit code.
enum class ErrorCode {
  kInvalidArgument,  ///< the caller's or user's input is wrong
  kConfig,           ///< the configuration is wrong
  kParse,            ///< bytes that are not what they claim to be
  kUnsupported,      ///< well formed, but outside what this program handles
  kGeometry,         ///< slices that do not form a regular volume
  kNotFound,
  kConflict,       ///< the state changed under the caller (lost lease, moved study)
  kNoSpace,        ///< the disk or the reserve is full: try again when there is room
  kStorageFailed,  ///< a write or sync failed: this process must not acknowledge anything more
  kNetwork,
  kTimeout,
  kModel,     ///< a model package or its weights are unusable
  kInternal,  ///< our own mistake
};

/// Name of a code as logs and JSON print it, e.g. "no_space".
std::string_view ToString(ErrorCode code);

/// The one exception type: thrown when an operation cannot finish. Expected outcomes are return
/// values. The message says what, which value and which limit; it never holds patient data.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  [[nodiscard]] ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace necknode
