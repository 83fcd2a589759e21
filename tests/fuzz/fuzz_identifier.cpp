#include "core/error.h"
#include "scp/identifier.h"
#include "tests/fuzz/require.h"

// The identifier of a query answer in either transfer syntax (the first byte decides).
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using necknode::fuzz::Require;
  if (size == 0) {
    return 0;
  }
  try {
    const necknode::scp::Identifier identifier(std::as_bytes(std::span(data + 1, size - 1)),
                                               data[0] % 2 == 1);
    Require(identifier.Text(0x0020000D).size() < size, "a text from inside");
    const auto count = identifier.Count(0x00201209);
    Require(!count || *count >= 0, "no negative count");
  } catch (const necknode::Error& error) {
    Require(error.code() == necknode::ErrorCode::kParse, "refused as what cannot be parsed");
  }
  return 0;
}
