#include "core/error.h"
#include "scp/command_set.h"
#include "tests/fuzz/require.h"

// A command set of group 0000 and the response to it, which must be readable by the same rules.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using necknode::fuzz::Require;
  namespace scp = necknode::scp;
  try {
    const auto request = scp::DecodeCommand(std::as_bytes(std::span(data, size)));
    const auto response = scp::EncodeResponse(request, {scp::kStatusCannotUnderstand, "no", {}});
    const auto again = scp::DecodeCommand(response);
    Require(again.command_field == (request.command_field | 0x8000), "a response to the request");
    Require(!again.HasDataset(), "without a dataset");
  } catch (const necknode::Error& error) {
    Require(error.code() == necknode::ErrorCode::kParse, "refused as what cannot be parsed");
  }
  return 0;
}
