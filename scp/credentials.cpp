#include "scp/credentials.h"

#include <algorithm>
#include <array>
#include <fstream>

#include "core/error.h"

namespace necknode::scp {
namespace {

constexpr std::size_t kMaxSecretBytes = 16'384;

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

std::array<const std::filesystem::path*, 2> FilesOf(const WebService& service) {
  return {&service.password_file, &service.token_file};
}

}  // namespace

std::string ReadSecret(const std::filesystem::path& file) {
  const auto refuse = [&](const std::string& reason) {
    throw Error(ErrorCode::kConfig, "credentials " + file.string() + ": " + reason);
  };
  std::ifstream stream(file, std::ios::binary);
  std::string text(kMaxSecretBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream.is_open() || stream.bad() || !std::filesystem::is_regular_file(file)) {
    refuse("cannot be read");
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > kMaxSecretBytes) {
    refuse("longer than " + std::to_string(kMaxSecretBytes) + " bytes");
  }
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
    text.pop_back();
  }
  if (text.empty()) {
    refuse("is empty");
  }
  if (std::any_of(text.begin(), text.end(), IsControl)) {
    refuse("has more than one line or control characters");
  }
  return text;
}

std::string CredentialProblem(const WebService& service) {
  try {
    for (const auto* file : FilesOf(service)) {
      if (!file->empty()) {
        static_cast<void>(ReadSecret(*file));
      }
    }
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

bool IsOpenToAll(const std::filesystem::path& file) {
  using std::filesystem::perms;
  std::error_code error;
  const perms all = std::filesystem::status(file, error).permissions();
  return !error && (all & (perms::others_read | perms::others_write)) != perms::none;
}

}  // namespace necknode::scp
