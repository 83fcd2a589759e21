#include "core/error.h"
#include "scp/pdu.h"
#include "tests/fuzz/require.h"

namespace {

using necknode::fuzz::Require;
namespace scp = necknode::scp;

void ReadAssociateRequest(std::span<const std::byte> body) {
  const scp::AssociateRequest request = scp::DecodeAssociateRequest(body);
  Require(!request.contexts.empty() && request.contexts.size() <= 128, "1 to 128 contexts");
  scp::AssociateAccept accept;
  for (const auto& context : request.contexts) {
    Require(context.id % 2 == 1, "context ids are odd");
    accept.contexts.push_back(
        {context.id, scp::ContextResult::kAccepted, context.abstract_syntax, {}});
  }
  Require(!scp::EncodeAssociateAccept(accept).empty(), "an answer");
}

void ReadData(std::span<const std::byte> body) {
  std::size_t bytes = 0;
  for (const scp::Pdv& value : scp::DecodeData(body)) {
    Require(value.bytes.data() >= body.data() &&
                value.bytes.data() + value.bytes.size() <= body.data() + body.size(),
            "values lie within the PDU");
    bytes += value.bytes.size() + 6;  // length, context id, control header
  }
  Require(bytes == body.size(), "values fill the PDU");
}

}  // namespace

// The bodies of A-ASSOCIATE-RQ and P-DATA-TF, as the acceptor reads them.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto body = std::as_bytes(std::span(data, size));
  for (auto* read : {&ReadAssociateRequest, &ReadData}) {
    try {
      read(body);
    } catch (const necknode::Error& error) {
      Require(error.code() == necknode::ErrorCode::kParse, "refused as what cannot be parsed");
    }
  }
  return 0;
}
