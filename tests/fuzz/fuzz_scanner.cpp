#include <algorithm>
#include <array>
#include <string>

#include "core/error.h"
#include "dicom_io/scanner.h"
#include "tests/fuzz/require.h"

namespace {

using necknode::fuzz::Require;

constexpr std::array kSyntaxes = {"1.2.840.10008.1.2.1",
                                  "1.2.840.10008.1.2",
                                  "1.2.840.10008.1.2.2",
                                  "1.2.840.10008.1.2.1.99",
                                  "1.2.840.10008.1.2.4.90"};

/// The SOP Instance UID, or "!" where the dataset is refused.
std::string Scan(const char* syntax, std::span<const std::byte> bytes, std::size_t piece) {
  necknode::dicom_io::DatasetScanner scanner{necknode::Uid(syntax)};
  while (!bytes.empty()) {
    const std::size_t count = std::min(piece, bytes.size());
    scanner.Feed(bytes.first(count));
    bytes = bytes.subspan(count);
  }
  try {
    return scanner.Finish().sop_instance_uid.value();
  } catch (const necknode::Error& error) {
    Require(error.code() == necknode::ErrorCode::kParse, "refused as what cannot be parsed");
    return "!";
  }
}

}  // namespace

// A dataset in the transfer syntax that the first byte picks, in one piece and in pieces of the
// length that the second says: both must end alike. Then the same bytes as a file.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const auto bytes = std::as_bytes(std::span(data, size)).subspan(2);
  const char* syntax = kSyntaxes[data[0] % kSyntaxes.size()];
  const std::string whole = Scan(syntax, bytes, bytes.size());
  const std::string pieces = Scan(syntax, bytes, std::max<std::size_t>(data[1], 1));
  Require(whole == pieces, ("the whole is read as its pieces: " + whole + " / " + pieces).c_str());
  try {
    (void)necknode::dicom_io::ScanBytes(bytes);
  } catch (const necknode::Error& error) {
    Require(error.code() == necknode::ErrorCode::kParse, "refused as what cannot be parsed");
  }
  return 0;
}
