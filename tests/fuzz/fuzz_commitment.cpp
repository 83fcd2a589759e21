#include "core/error.h"
#include "scp/commitment_dataset.h"
#include "tests/fuzz/require.h"

// A dataset of storage commitment in either transfer syntax (the first byte decides); what could be
// read must survive being written again.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using necknode::fuzz::Require;
  namespace scp = necknode::scp;
  if (size == 0) {
    return 0;
  }
  const bool explicit_vr = data[0] % 2 == 1;
  try {
    const auto read =
        scp::DecodeCommitment(std::as_bytes(std::span(data + 1, size - 1)), explicit_vr);
    for (const auto& item : read.referenced) {
      if (item.sop_instance_uid.value().size() > 64 || item.sop_class_uid.value().size() > 64) {
        return 0;
      }
    }
    if (read.transaction_uid.value().size() > 64) {
      return 0;
    }
    const auto again = scp::DecodeCommitment(scp::EncodeCommitment(read, true), true);
    Require(again.referenced == read.referenced, "the same references");
    Require(again.failed.size() == read.failed.size(), "the same failures");
  } catch (const necknode::Error& error) {
    Require(error.code() == necknode::ErrorCode::kParse, "refused as what cannot be parsed");
  }
  return 0;
}
