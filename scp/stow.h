#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "scp/storage_scu.h"
#include "scp/web_service.h"

namespace necknode::scp {

/// Sends documents to a web service by STOW-RS (PS3.18 10.5: POST <url>/studies), each in a request
/// of its own, so that one that is refused takes no other along. A document's next alternative is
/// sent where the one before was refused for its SOP class (0122H). Never throws for what the
/// server does: each document has its result, in the order given. Where the server is away or
/// overloaded, the rest are kRetry.
[[nodiscard]] std::vector<SendResult> StoreByWeb(const WebService& service,
                                                 const std::vector<Outgoing>& documents,
                                                 std::chrono::seconds timeout);

/// What EchoByWeb asks for, in full.
[[nodiscard]] std::string EchoUrl(const WebService& service);

/// Searches for one study (QIDO-RS, PS3.18 10.6), what comes closest to a C-ECHO; what is found is
/// thrown away. Returns an empty string where a DICOMweb service answers, else what failed.
[[nodiscard]] std::string EchoByWeb(const WebService& service, std::chrono::seconds timeout);

}  // namespace necknode::scp
