#pragma once

#include <filesystem>
#include <string>

#include "scp/web_service.h"

namespace necknode::scp {

/// What a password or token file holds, without the line end behind it. Throws Error(kConfig)
/// naming the file where it cannot be read, is empty, longer than 16 KiB, or has control
/// characters, which would end the header that it goes into. No message holds any of the content.
[[nodiscard]] std::string ReadSecret(const std::filesystem::path& file);

/// What is wrong with the service's password or token file, or empty.
[[nodiscard]] std::string CredentialProblem(const WebService& service);

/// Whether every user of this machine may read or write the file, which no secret should be.
[[nodiscard]] bool IsOpenToAll(const std::filesystem::path& file);

}  // namespace necknode::scp
