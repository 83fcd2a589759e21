#include "sr_writer/dicom_bytes.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcostrmb.h>

#include "core/error.h"

namespace necknode::sr_writer {

void Check(const OFCondition& condition, std::string_view what) {
  if (condition.bad())
    throw Error(ErrorCode::kInternal, std::string(what) + ": " + condition.text());
}

std::unique_ptr<DcmFileFormat> ParsePart10(std::span<const std::byte> part10) {
  auto file = std::make_unique<DcmFileFormat>();
  DcmInputBufferStream stream;
  stream.setBuffer(part10.data(), static_cast<offile_off_t>(part10.size()));
  stream.setEos();
  file->transferInit();
  const OFCondition condition = file->read(stream);
  file->transferEnd();
  if (condition.bad())
    throw Error(ErrorCode::kParse, std::string("not a readable DICOM file: ") + condition.text());
  if (file->getDataset()->card() == 0)
    throw Error(ErrorCode::kParse,
                "not a DICOM file: no dataset in " + std::to_string(part10.size()) + " bytes");
  return file;
}

std::vector<std::byte> EncodePart10(const DcmDataset& dataset) {
  // DcmFileFormat writes the meta header from the dataset's SOP class and instance, and takes a
  // copy for it.
  DcmFileFormat file(new DcmDataset(dataset), OFFalse);
  std::vector<std::byte> bytes;
  std::vector<std::byte> buffer(std::size_t{1} << 16U);
  DcmOutputBufferStream stream(buffer.data(), static_cast<offile_off_t>(buffer.size()));
  const auto drain = [&] {
    void* written = nullptr;
    offile_off_t length = 0;
    stream.flushBuffer(written, length);
    bytes.insert(bytes.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(length));
  };
  file.transferInit();
  OFCondition condition = EC_StreamNotifyClient;
  while (condition == EC_StreamNotifyClient) {
    condition = file.write(stream,
                           EXS_LittleEndianExplicit,
                           EET_ExplicitLength,
                           nullptr,
                           EGL_withoutGL,
                           EPD_withoutPadding);
    drain();
  }
  file.transferEnd();
  Check(condition, "encode a document");
  stream.flush();
  drain();
  return bytes;
}

void Put(DcmItem& item, const DcmTagKey& tag, std::string_view value) {
  if (value.empty())
    Check(item.insertEmptyElement(tag), "insert an empty attribute");
  else
    Check(item.putAndInsertOFStringArray(tag, OFString(value.data(), value.size())),
          "insert an attribute");
}

void Put(DcmItem& item, const DcmTagKey& tag, const Uid& uid) { Put(item, tag, uid.value()); }

void PutUint16(DcmItem& item, const DcmTagKey& tag, std::size_t value) {
  if (value > std::numeric_limits<Uint16>::max())
    throw Error(ErrorCode::kInvalidArgument,
                "value " + std::to_string(value) + " does not fit an attribute of 16 bits");
  Check(item.putAndInsertUint16(tag, static_cast<Uint16>(value)), "insert a number");
}

std::string Get(DcmItem& item, const DcmTagKey& tag) {
  OFString value;
  if (item.findAndGetOFStringArray(tag, value).bad())
    return {};
  return {value.data(), value.size()};
}

DcmItem& AddItem(DcmItem& item, const DcmTagKey& sequence) {
  DcmItem* added = nullptr;
  Check(item.findOrCreateSequenceItem(sequence, added, -2), "append a sequence item");
  return *added;
}

void PutEmptySequence(DcmItem& item, const DcmTagKey& sequence) {
  Check(item.insertEmptyElement(sequence), "insert an empty sequence");
}

void AddCode(DcmItem& item, const DcmTagKey& sequence, const Code& code) {
  DcmItem& entry = AddItem(item, sequence);
  Put(entry, DCM_CodeValue, code.value);
  Put(entry, DCM_CodingSchemeDesignator, code.scheme);
  Put(entry, DCM_CodeMeaning, code.meaning);
}

std::string DecimalString(double value, int decimals) {
  if (!std::isfinite(value))
    return {};
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(
      digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed, decimals);
  if (error != std::errc())
    return {};
  std::string text(digits.data(), end);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.')
      text.pop_back();
  }
  if (text == "-0")
    text = "0";
  constexpr std::size_t kMaxDecimalString = 16;
  return text.size() <= kMaxDecimalString ? text : std::string();
}

}  // namespace necknode::sr_writer
