#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include "core/uid.h"
#include "sr_writer/codes.h"

namespace necknode::sr_writer {

/// Throws Error(kInternal) naming `what` where DCMTK says no: we never hand it values that it may
/// refuse.
void Check(const OFCondition& condition, std::string_view what);

/// Parses Part-10 bytes. Throws Error(kParse) where DCMTK cannot.
[[nodiscard]] std::unique_ptr<DcmFileFormat> ParsePart10(std::span<const std::byte> part10);

/// The dataset as a Part-10 file in explicit little endian. The same dataset gives the same bytes.
[[nodiscard]] std::vector<std::byte> EncodePart10(const DcmDataset& dataset);

/// Sets an attribute of any text, number or UID type from its text; empty text makes an empty
/// attribute.
void Put(DcmItem& item, const DcmTagKey& tag, std::string_view value);
void Put(DcmItem& item, const DcmTagKey& tag, const Uid& uid);
/// Sets an attribute of VR US. Throws Error(kInvalidArgument) above 65535.
void PutUint16(DcmItem& item, const DcmTagKey& tag, std::size_t value);
/// The attribute's whole text (values joined by backslash), empty where absent.
[[nodiscard]] std::string Get(DcmItem& item, const DcmTagKey& tag);

/// Appends an item to a sequence, which is made where it is absent.
DcmItem& AddItem(DcmItem& item, const DcmTagKey& sequence);
/// Makes an empty sequence (type 2).
void PutEmptySequence(DcmItem& item, const DcmTagKey& sequence);
/// Appends a coded entry (PS3.3 table 8.8-1).
void AddCode(DcmItem& item, const DcmTagKey& sequence, const Code& code);

/// Calls `visit` with each item of a sequence, if it is there.
template <typename Visit>
void ForEachItem(DcmItem& item, const DcmTagKey& tag, const Visit& visit) {
  DcmSequenceOfItems* sequence = nullptr;
  if (item.findAndGetSequence(tag, sequence).bad() || sequence == nullptr)
    return;
  for (unsigned long i = 0; i < sequence->card(); ++i)
    visit(*sequence->getItem(i));
}

/// A number with a fixed count of decimals, trailing zeros removed, at most 16 characters (VR DS);
/// empty where the number is not finite or does not fit.
[[nodiscard]] std::string DecimalString(double value, int decimals);

}  // namespace necknode::sr_writer
