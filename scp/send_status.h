#pragma once

#include <cstdint>
#include <string>

#include "scp/storage_scu.h"

namespace necknode::scp {

/// What the status of a C-STORE-RSP means for the document (PS3.4 Table B.2-1; the house's table:
/// docs/conformance.md). `sent_sop_instance_uid` is left empty.
[[nodiscard]] SendResult ResultOfStatus(std::uint16_t status);

/// A document that was not delivered, for another reason than a status.
[[nodiscard]] SendResult Failure(SendResult::Kind kind, std::string status, std::string detail);

/// "0xA700".
[[nodiscard]] std::string StatusText(std::uint16_t status);

/// The status where nothing listens at the peer's address.
inline constexpr const char* kConnectionRefused = "connection refused";

/// The status where the peer's host has no address.
inline constexpr const char* kUnknownHost = "unknown host";

/// The status where what answers does not speak DICOM.
inline constexpr const char* kNotDicom = "no DICOM answer";

/// The status of a document whose web server answered success without saying that it stored it.
inline constexpr const char* kNoStoreResponse = "no store response";

/// How often a document may fail with kNoStoreResponse or a status that StatusText printed; 0:
/// without limit, or no such status.
[[nodiscard]] int AttemptsAllowed(const std::string& status_text);

}  // namespace necknode::scp
