#include "dicom_io/volume_reader.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "dicom_io/part10.h"
#include "dicom_io/scanner.h"
#include "dicom_io/transfer_syntax.h"
#include "tests/dicom_io/ct_files.h"
#include "tests/dicom_io/dataset_bytes.h"

namespace necknode::tests {
namespace {

using dicom_io::CtVolume;
using dicom_io::ReadVolume;
using dicom_io::SliceSource;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

CtVolume Read(const std::vector<SliceSource>& sources) { return ReadVolume(sources, nullptr); }
CtVolume ReadOne(CtFile& file) { return Read({file.Source()}); }

constexpr std::array kItemTag = {
    std::byte{0xFE}, std::byte{0xFF}, std::byte{0x00}, std::byte{0xE0}};

struct Failure {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
};

Failure FailureOf(const std::vector<SliceSource>& sources) {
  try {
    (void)Read(sources);
  } catch (const Error& error) {
    return {error.code(), error.what()};
  }
  return {ErrorCode::kInternal, "no failure"};
}

TEST(ReadHeaders, NamesEverySliceThatCanBeParsedAndTheFirstOnesPatient) {
  auto files = AxialStack(3);
  files[0].Put(DCM_PatientID, "P1");
  files[1].Put(DCM_BitsAllocated, Uint16{7});  // cannot be decoded
  auto sources = Sources(files);
  sources.push_back(BytesSource("junk", std::string(500, 'x')));
  EXPECT_EQ(FailureOf(sources).code, ErrorCode::kUnsupported);
  const auto headers = dicom_io::ReadHeaders(sources);
  ASSERT_TRUE(headers.has_value());
  ASSERT_EQ(headers->slices.size(), 3u);
  EXPECT_EQ(headers->slices[1].header.instance_number, 2);
  EXPECT_EQ(headers->slices[1].frame, 0);
  EXPECT_EQ(dicom_io::ScanBytes(headers->reference_dataset).patient_id.Reveal(), "P1");
  EXPECT_LT(headers->reference_dataset.size(), 2000u) << "without pixel data";
  EXPECT_FALSE(dicom_io::ReadHeaders({sources.back()}).has_value());
}

TEST(ReadVolume, OrdersSlicesAndKeepsTheirEvidence) {
  auto files = AxialStack(4, 2, -30);
  auto sources = Sources(files);
  const CtVolume forward = Read(sources);
  std::reverse(sources.begin(), sources.end());
  std::vector<std::string> names;
  const CtVolume volume = ReadVolume(sources, [&](int done, int of, const std::string& name) {
    names.push_back(std::to_string(done) + "/" + std::to_string(of) + " " + name);
  });
  EXPECT_THAT(names, ElementsAre("0/4 slice-4", "1/4 slice-3", "2/4 slice-2", "3/4 slice-1"));
  const auto& grid = volume.volume.grid();
  EXPECT_EQ(grid.columns, kTestColumns);
  EXPECT_EQ(grid.rows, kTestRows);
  EXPECT_EQ(grid.slices, 4);
  EXPECT_EQ(grid.first.position, (Vec3{-10, -20, -30}));
  EXPECT_EQ(grid.slice_spacing_mm, 2);
  ASSERT_EQ(volume.slices.size(), 4U);
  for (int z = 0; z < 4; ++z) {
    const auto& slice = volume.slices[static_cast<std::size_t>(z)];
    EXPECT_EQ(slice.header.instance_number, z + 1);
    EXPECT_EQ(slice.frame, 0);
    EXPECT_EQ(slice.window_center, 40);
    EXPECT_EQ(slice.window_width, 400);
    EXPECT_EQ(slice.rescale_intercept, -1024);
    EXPECT_EQ(volume.volume.At(11, 9, z), DefaultStored(z + 1, 11, 9) - 1024);
  }
  EXPECT_EQ(volume.analysis_digest, forward.analysis_digest);
  EXPECT_EQ(volume.reference_dataset, forward.reference_dataset);
  EXPECT_THAT(volume.notes, IsEmpty());
}

TEST(ReadVolume, GivesTheFirstSlicesDatasetWithoutBulk) {
  auto files = AxialStack(3);
  for (auto& file : files) {
    file.Put(DCM_ImageComments, std::string(70'000, 'x').c_str());
  }
  const auto reference = Read(Sources(files)).reference_dataset;
  EXPECT_LT(reference.size(), 4000U);
  const auto header = dicom_io::ScanBytes(reference);
  EXPECT_EQ(header.sop_instance_uid.value(), "1.2.3.4.1");
  EXPECT_EQ(header.patient_name.Reveal(), "Doe^Jane");
  EXPECT_EQ(header.transfer_syntax_uid.value(), dicom_io::kExplicitLittleEndian);
}

TEST(ReadVolume, DigestTellsPixelsGeometryAndRescaleApart) {
  const auto digest = [](const std::function<void(CtFile&)>& change) {
    auto files = AxialStack(3);
    change(files[1]);
    return Read(Sources(files)).analysis_digest;
  };
  const std::string plain = digest([](CtFile&) {});
  EXPECT_EQ(digest([](CtFile& f) { f.Put(DCM_PatientName, "Other^Name"); }), plain);
  EXPECT_NE(digest([](CtFile& f) { f.Pixels([](int x, int) { return x; }); }), plain);
  EXPECT_NE(digest([](CtFile& f) { f.Put(DCM_RescaleIntercept, "-1000"); }), plain);
  auto moved = AxialStack(3, 2, 1);
  EXPECT_NE(Read(Sources(moved)).analysis_digest, plain);
}

TEST(ReadVolume, DecodesEveryLosslessSyntaxToTheSameVoxels) {
  CtFile plain(1);
  const CtVolume expected = ReadOne(plain);
  for (const auto syntax : {EXS_LittleEndianImplicit,
                            EXS_BigEndianExplicit,
                            EXS_DeflatedLittleEndianExplicit,
                            EXS_RLELossless,
                            EXS_JPEGProcess14,
                            EXS_JPEGProcess14SV1,
                            EXS_JPEGLSLossless,
                            EXS_JPEG2000LosslessOnly}) {
    SCOPED_TRACE(DcmXfer(syntax).getXferName());
    CtFile file(1);
    const CtVolume volume = Read({file.Source(syntax)});
    EXPECT_TRUE(std::ranges::equal(volume.volume.voxels(), expected.volume.voxels()));
    EXPECT_EQ(volume.analysis_digest, expected.analysis_digest);
    EXPECT_EQ(volume.slices[0].header.transfer_syntax_uid.value(), DcmXfer(syntax).getXferID());
    EXPECT_EQ(dicom_io::ScanBytes(volume.reference_dataset).sop_instance_uid.value(), "1.2.3.4.1");
  }
}

TEST(ReadVolume, DecodesLossyJpegNearly) {
  CtFile file(1);
  file.Put(DCM_BitsStored, Uint16{12})
      .Put(DCM_HighBit, Uint16{11})
      .Put(DCM_PixelRepresentation, Uint16{0});
  file.Pixels([](int x, int y) { return 1000 + 10 * x + 5 * y; });
  const CtVolume volume = Read({file.Source(EXS_JPEGProcess2_4)});
  for (int x = 0; x < kTestColumns; ++x) {
    EXPECT_NEAR(volume.volume.At(x, 5, 0), 1000 + 10 * x + 25 - 1024, 20);
  }
}

// Made by another encoder (OpenJPH), reversible: 12 x 10 pixels of 25 x + 40 y + x y, 12 bits
// unsigned.
constexpr const char* kHtj2kStream =
    "ff4fff51002940000000000c0000000a00000000000000000000000c0000000a000000000000000000010b0101ff50"
    "0008000200000007"
    "ff52000c00020001000104044001ff5c00072070707078ff64001600014f70656e4a50482056657220302e392e302e"
    "ff90000a00000000"
    "006f0001ff93c0017700ff7ff59b3fef9b1f7ada1b7ef36bff5ba6bffef0251fed754f3ad655bef3856d1cdd5a9733"
    "8cdb7bb560fd03"
    "efee7d7eb2e606210031bd00c0015700056c00090090620efcdc223a700277004ea955eb15f408de1081beb800fefa"
    "2300ffd9";

std::string Htj2kFile() {
  std::string stream;
  for (const char* hex = kHtj2kStream; *hex != '\0'; hex += 2) {
    stream += static_cast<char>(std::strtol(std::string(hex, 2).c_str(), nullptr, 16));
  }
  DatasetBytes d;
  d.Uids().Element(0x00180050, "DS", "2").Element(0x00200032, "DS", "0\\0\\0");
  d.Element(0x00200037, "DS", "1\\0\\0\\0\\1\\0").Head(0x00280002, "US", 2).Number(1, 2);
  d.Element(0x00280004, "CS", "MONOCHROME2").Head(0x00280010, "US", 2).Number(10, 2);
  d.Head(0x00280011, "US", 2).Number(12, 2).Element(0x00280030, "DS", "1\\1");
  d.Head(0x00280100, "US", 2).Number(16, 2).Head(0x00280101, "US", 2).Number(12, 2);
  d.Head(0x00280102, "US", 2).Number(11, 2).Head(0x00280103, "US", 2).Number(0, 2);
  d.Element(0x00281052, "DS", "-1024").Element(0x00281053, "DS", "1");
  d.Head(0x7FE00010, "OB", kUndefined).Head(0xFFFEE000, "", 0);
  d.Element(0xFFFEE000, "", stream).Head(0xFFFEE0DD, "", 0);
  return Part10File(d.text(), dicom_io::kHtj2kLossless);
}

TEST(ReadVolume, DecodesHighThroughputJpeg2000) {
  const CtVolume volume = Read({BytesSource("ht", Htj2kFile())});
  for (int y = 0; y < 10; ++y) {
    for (int x = 0; x < 12; ++x) {
      EXPECT_EQ(volume.volume.At(x, y, 0), 25 * x + 40 * y + x * y - 1024);
    }
  }
}

TEST(ReadVolume, MasksBitsAboveTheStoredOnesAndExtendsTheSign) {
  CtFile file(1);
  file.Put(DCM_BitsStored, Uint16{12}).Put(DCM_HighBit, Uint16{11}).Put(DCM_RescaleIntercept, "0");
  file.Pixels([](int x, int) { return x == 0 ? 0xA123 : x == 1 ? 0x5FFF : 0x0800; });
  const CtVolume volume = ReadOne(file);
  EXPECT_EQ(volume.volume.At(0, 0, 0), 0x123);
  EXPECT_EQ(volume.volume.At(1, 0, 0), -1);
  EXPECT_EQ(volume.volume.At(2, 0, 0), -2048);
  CtFile shifted(1);
  shifted.Put(DCM_BitsStored, Uint16{12})
      .Put(DCM_HighBit, Uint16{15})
      .Put(DCM_PixelRepresentation, Uint16{0});
  shifted.Pixels([](int, int) { return 1000 << 4 | 7; });
  EXPECT_EQ(ReadOne(shifted).volume.At(0, 0, 0), 1000 - 1024);
}

TEST(ReadVolume, RescalesRoundsAndClips) {
  CtFile file(1);
  file.Put(DCM_PixelRepresentation, Uint16{0})
      .Put(DCM_RescaleSlope, "2.5")
      .Put(DCM_RescaleIntercept, "-1000");
  file.Pixels([](int x, int) { return x == 0 ? 1 : x == 1 ? 60'000 : 401; });
  const CtVolume volume = ReadOne(file);
  EXPECT_EQ(volume.volume.At(0, 0, 0), -998);
  EXPECT_EQ(volume.volume.At(1, 0, 0), 32'767);
  EXPECT_EQ(volume.volume.At(2, 0, 0), 3);
  EXPECT_EQ(volume.slices[0].rescale_slope, 2.5);
}

TEST(ReadVolume, MakesPaddingAir) {
  CtFile file(1);
  file.Put(DCM_RescaleIntercept, "100");
  file.dataset().putAndInsertSint16(DcmTag(DCM_PixelPaddingValue, EVR_SS), -2000);
  file.dataset().putAndInsertSint16(DcmTag(DCM_PixelPaddingRangeLimit, EVR_SS), -1990);
  file.Pixels([](int x, int) { return x == 0 ? -2000 : x == 1 ? -1990 : -1989; });
  const CtVolume volume = ReadOne(file);
  EXPECT_EQ(volume.volume.At(0, 0, 0), Volume::kAirHu);
  EXPECT_EQ(volume.volume.At(1, 0, 0), Volume::kAirHu);
  EXPECT_EQ(volume.volume.At(2, 0, 0), -1889);
}

TEST(ReadVolume, NotesInvertedDisplayAndUnspecifiedRescale) {
  CtFile file(1), plain(1);
  file.Put(DCM_PhotometricInterpretation, "MONOCHROME1").Put(DCM_RescaleType, "US");
  const CtVolume volume = ReadOne(file);
  EXPECT_TRUE(volume.slices[0].monochrome1);
  EXPECT_TRUE(std::ranges::equal(volume.volume.voxels(), ReadOne(plain).volume.voxels()));
  EXPECT_THAT(
      volume.notes,
      ElementsAre(HasSubstr("MONOCHROME1"), HasSubstr("Rescale Type US"), HasSubstr("single")));
}

TEST(ReadVolume, RefusesWhatHasNoHounsfieldUnits) {
  const auto failure = [](const std::function<void(CtFile&)>& change) {
    CtFile file(1);
    change(file);
    return FailureOf({file.Source()});
  };
  auto missing = failure([](CtFile& f) { f.dataset().findAndDeleteElement(DCM_RescaleSlope); });
  EXPECT_EQ(missing.code, ErrorCode::kUnsupported);
  EXPECT_THAT(missing.message, AllOf(StartsWith("slice-1: "), HasSubstr("Rescale Slope")));
  EXPECT_THAT(failure([](CtFile& f) { f.Put(DCM_RescaleType, "Z_EFF"); }).message,
              HasSubstr("Z_EFF"));
  EXPECT_THAT(failure([](CtFile& f) { f.Put(DCM_RescaleSlope, "0"); }).message, HasSubstr("is 0"));
  EXPECT_THAT(failure([](CtFile& f) { f.Put(DCM_SOPClassUID, UID_MRImageStorage); }).message,
              HasSubstr("not a CT"));
  EXPECT_THAT(failure([](CtFile& f) { f.Put(DCM_PhotometricInterpretation, "RGB"); }).message,
              HasSubstr("grey"));
}

TEST(ReadVolume, NamesTheSourceThatIsDamaged) {
  auto files = AxialStack(3);
  auto sources = Sources(files);
  const auto whole = sources[1].read();
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{131}, std::size_t{400}, whole.size() - 50, whole.size() - 1}) {
    sources[1] = BytesSource(
        "slice-2",
        std::vector<std::byte>(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    const auto failure = FailureOf(sources);
    EXPECT_EQ(failure.code, ErrorCode::kParse) << size;
    EXPECT_THAT(failure.message, StartsWith("slice-2: "));
  }
}

TEST(ReadVolume, RefusesPixelDataThatIsMissingOrTooShort) {
  CtFile none(1), few(1), huge(1);
  none.dataset().findAndDeleteElement(DCM_PixelData);
  EXPECT_THAT(FailureOf({none.Source()}).message, HasSubstr("no Pixel Data"));
  few.Put(DCM_Rows, Uint16{11});
  EXPECT_THAT(FailureOf({few.Source()}).message, HasSubstr("240 bytes, 264 expected"));
  huge.Put(DCM_Rows, Uint16{60'000}).Put(DCM_Columns, Uint16{60'000});
  EXPECT_EQ(FailureOf({huge.Source()}).code, ErrorCode::kUnsupported);
}

TEST(ReadVolume, RefusesDamagedCompressedPixels) {
  for (const auto syntax :
       {EXS_RLELossless, EXS_JPEGProcess14SV1, EXS_JPEGLSLossless, EXS_JPEG2000LosslessOnly}) {
    SCOPED_TRACE(DcmXfer(syntax).getXferName());
    CtFile file(1);
    auto bytes = file.Bytes(syntax);
    // The fragment's end, without the sequence delimiter; in RLE 0x80 means nothing.
    const std::byte junk{syntax == EXS_RLELossless ? std::uint8_t{0x80} : std::uint8_t{0xFF}};
    std::fill(bytes.end() - 70, bytes.end() - 8, junk);
    EXPECT_EQ(FailureOf({BytesSource("damaged", bytes)}).code, ErrorCode::kParse);
  }
}

TEST(ReadVolume, RefusesCompressedPixelsThatAreCutShort) {
  for (const auto syntax : {EXS_RLELossless,
                            EXS_JPEGProcess14SV1,
                            EXS_JPEGProcess2_4,
                            EXS_JPEGLSLossless,
                            EXS_JPEG2000LosslessOnly}) {
    SCOPED_TRACE(DcmXfer(syntax).getXferName());
    CtFile file(1);
    file.Put(DCM_BitsStored, Uint16{12}).Put(DCM_HighBit, Uint16{11});
    file.Put(DCM_PixelRepresentation, Uint16{0});
    file.Pixels([](int x, int y) { return (x * 397 + y * 211) % 4096; });
    auto bytes = file.Bytes(syntax);
    // The last fragment loses 32 bytes and says so: well formed, but not a whole image.
    const auto item = std::find_end(bytes.begin(), bytes.end(), kItemTag.begin(), kItemTag.end());
    ASSERT_NE(item, bytes.end());
    const auto length = static_cast<int>(item[4]) + 256 * static_cast<int>(item[5]) - 32;
    item[4] = static_cast<std::byte>(length & 255);
    item[5] = static_cast<std::byte>(length >> 8);
    bytes.erase(bytes.end() - 40, bytes.end() - 8);
    EXPECT_EQ(FailureOf({BytesSource("short", bytes)}).code, ErrorCode::kParse);
  }
}

TEST(ReadVolume, RefusesCompressedPixelsOfAnotherSize) {
  for (const auto syntax :
       {EXS_RLELossless, EXS_JPEGProcess14SV1, EXS_JPEGLSLossless, EXS_JPEG2000LosslessOnly}) {
    for (const Uint16 rows : {Uint16{kTestRows - 2}, Uint16{kTestRows + 2}}) {
      SCOPED_TRACE(std::string(DcmXfer(syntax).getXferName()) + " " + std::to_string(rows));
      CtFile file(1);
      auto bytes = file.Bytes(syntax);
      const std::string tag("\x28\0\x10\0US\x02\0", 8);
      const auto needle = AsBytes(tag);
      const auto found = std::search(bytes.begin(), bytes.end(), needle.begin(), needle.end());
      ASSERT_NE(found, bytes.end());
      found[8] = static_cast<std::byte>(rows);
      if (syntax == EXS_RLELossless && rows < kTestRows) {
        continue;  // RLE has no size of its own, what is too much is padding
      }
      EXPECT_EQ(FailureOf({BytesSource("size", bytes)}).code, ErrorCode::kParse);
    }
  }
}

TEST(ReadVolume, RefusesACodestreamOfAnotherSize) {
  std::string file = Htj2kFile();
  const auto rows = file.find(std::string("\x28\0\x10\0US\x02\0\x0A", 9));
  ASSERT_NE(rows, std::string::npos);
  file[rows + 8] = 9;
  EXPECT_THAT(FailureOf({BytesSource("ht", file)}).message,
              HasSubstr("10 x 12 pixels, the dataset 9 x 12"));
}

// Three frames, the geometry in functional groups, out of order.
CtFile EnhancedFile() {
  CtFile file(1);
  auto& d = file.dataset();
  file.Put(DCM_SOPClassUID, UID_EnhancedCTImageStorage).Put(DCM_NumberOfFrames, "3");
  for (const auto& tag : {DCM_ImagePositionPatient,
                          DCM_ImageOrientationPatient,
                          DCM_PixelSpacing,
                          DCM_RescaleSlope,
                          DCM_RescaleIntercept,
                          DCM_WindowCenter,
                          DCM_WindowWidth,
                          DCM_SliceThickness}) {
    d.findAndDeleteElement(tag);
  }
  std::vector<Uint16> words;
  for (int frame = 0; frame < 3; ++frame) {
    words.insert(words.end(), kTestRows * kTestColumns, static_cast<Uint16>(1000 + frame));
  }
  d.putAndInsertUint16Array(DCM_PixelData, words.data(), words.size());
  DcmItem *shared = nullptr, *group = nullptr;
  d.findOrCreateSequenceItem(DCM_SharedFunctionalGroupsSequence, shared);
  shared->findOrCreateSequenceItem(DCM_PixelMeasuresSequence, group);
  group->putAndInsertString(DCM_PixelSpacing, "0.5\\0.4");
  group->putAndInsertString(DCM_SliceThickness, "3");
  shared->findOrCreateSequenceItem(DCM_PlaneOrientationSequence, group);
  group->putAndInsertString(DCM_ImageOrientationPatient, "1\\0\\0\\0\\1\\0");
  shared->findOrCreateSequenceItem(DCM_FrameVOILUTSequence, group);
  group->putAndInsertString(DCM_WindowCenter, "50");
  group->putAndInsertString(DCM_WindowWidth, "350");
  const char* const positions[] = {"0\\0\\3", "0\\0\\0", "0\\0\\6"};
  const char* const intercepts[] = {"-1024", "-1000", "-1024"};
  for (long frame = 0; frame < 3; ++frame) {
    DcmItem* item = nullptr;
    d.findOrCreateSequenceItem(DCM_PerFrameFunctionalGroupsSequence, item, frame);
    item->findOrCreateSequenceItem(DCM_PlanePositionSequence, group);
    group->putAndInsertString(DCM_ImagePositionPatient, positions[frame]);
    item->findOrCreateSequenceItem(DCM_PixelValueTransformationSequence, group);
    group->putAndInsertString(DCM_RescaleIntercept, intercepts[frame]);
    group->putAndInsertString(DCM_RescaleSlope, "1");
    group->putAndInsertString(DCM_RescaleType, "HU");
  }
  return file;
}

TEST(ReadVolume, ReadsEnhancedCtFrameByFrame) {
  CtFile plain = EnhancedFile();
  const CtVolume volume = ReadOne(plain);
  EXPECT_EQ(volume.volume.grid().slices, 3);
  EXPECT_EQ(volume.volume.grid().slice_spacing_mm, 3);
  EXPECT_EQ(volume.volume.At(0, 0, 0), 1001 - 1000);
  EXPECT_EQ(volume.volume.At(0, 0, 1), 1000 - 1024);
  EXPECT_EQ(volume.volume.At(0, 0, 2), 1002 - 1024);
  EXPECT_EQ(volume.slices[0].frame, 2);
  EXPECT_EQ(volume.slices[1].frame, 1);
  EXPECT_EQ(volume.slices[2].frame, 3);
  EXPECT_EQ(volume.slices[0].window_width, 350);
  EXPECT_EQ(volume.slices[2].header.image_position, (Vec3{0, 0, 6}));
  EXPECT_EQ(volume.slices[2].header.slice_thickness, 3);
  EXPECT_EQ(dicom_io::ScanBytes(volume.reference_dataset).number_of_frames, 3);
  for (const auto syntax : {EXS_JPEGProcess14SV1, EXS_RLELossless, EXS_JPEGLSLossless}) {
    CtFile compressed = EnhancedFile();
    EXPECT_EQ(Read({compressed.Source(syntax)}).analysis_digest, volume.analysis_digest);
  }
}

TEST(ReadVolume, RefusesEnhancedCtWithoutAGroupForEachFrame) {
  CtFile file = EnhancedFile();
  file.Put(DCM_NumberOfFrames, "2");
  EXPECT_THAT(FailureOf({file.Source()}).message,
              HasSubstr("2 frames, but functional groups for 3"));
}

TEST(ReadVolume, RefusesGeometryWithThePosition) {
  auto files = AxialStack(6, 2.5);
  files.erase(files.begin() + 3);
  const auto missing = FailureOf(Sources(files));
  EXPECT_EQ(missing.code, ErrorCode::kGeometry);
  EXPECT_THAT(missing.message,
              HasSubstr("slice spacing is 5.00 mm after position z = 5.0 mm, expected 2.50 mm"));
  CtFile nowhere(1);
  nowhere.dataset().findAndDeleteElement(DCM_ImagePositionPatient);
  const auto failure = FailureOf({nowhere.Source()});
  EXPECT_EQ(failure.code, ErrorCode::kGeometry);
  EXPECT_THAT(failure.message, HasSubstr("Image Position"));
}

TEST(ReadVolume, RefusesASeriesWithoutImages) {
  EXPECT_EQ(FailureOf({}).code, ErrorCode::kGeometry);
}

}  // namespace
}  // namespace necknode::tests
