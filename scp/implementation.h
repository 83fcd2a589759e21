#pragma once

#include <string_view>

namespace necknode::scp {

/// What we call ourselves in associations and in the meta group of received files (PS3.7 D.3.3.2).
inline constexpr std::string_view kImplementationClassUid =
    "2.25.151480351893914349473127221712240896713";
inline constexpr std::string_view kImplementationVersionName = "NECKNODE_" NECKNODE_VERSION;
static_assert(kImplementationVersionName.size() <= 16);

}  // namespace necknode::scp
