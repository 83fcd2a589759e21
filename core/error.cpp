#include "core/error.h"

namespace necknode {

std::string_view ToString(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "invalid_argument";
    case ErrorCode::kConfig:
      return "config";
    case ErrorCode::kParse:
      return "parse";
    case ErrorCode::kUnsupported:
      return "unsupported";
    case ErrorCode::kGeometry:
      return "geometry";
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kConflict:
      return "conflict";
    case ErrorCode::kNoSpace:
      return "no_space";
    case ErrorCode::kStorageFailed:
      return "storage_failed";
    case ErrorCode::kNetwork:
      return "network";
    case ErrorCode::kTimeout:
      return "timeout";
    case ErrorCode::kModel:
      return "model";
    case ErrorCode::kInternal:
      return "internal";
  }
  return "unknown";
}

}  // namespace necknode
