#include "dicom_io/scanner.h"

#include <chrono>
#include <functional>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "core/error.h"
#include "dicom_io/element_parser.h"
#include "dicom_io/header_builder.h"
#include "dicom_io/inflater.h"
#include "dicom_io/part10.h"
#include "dicom_io/transfer_syntax.h"
#include "tests/dicom_io/dataset_bytes.h"
#include "tests/support/temp_folder.h"

namespace necknode::tests {
namespace {

using dicom_io::DatasetScanner;
using dicom_io::Encoding;
using testing::ElementsAre;
using testing::HasSubstr;

const Uid kExplicit(dicom_io::kExplicitLittleEndian);
const Uid kImplicit(dicom_io::kImplicitLittleEndian);
const Uid kBig(dicom_io::kExplicitBigEndian);
const Uid kDeflated(dicom_io::kDeflatedExplicitLittleEndian);
constexpr Encoding kImplicitEncoding{.explicit_vr = false, .big_endian = false};
constexpr Encoding kBigEncoding{.explicit_vr = true, .big_endian = true};

InstanceHeader Scan(const std::string& dataset,
                    const Uid& syntax = kExplicit,
                    std::size_t piece = 1 << 20) {
  DatasetScanner scanner(syntax);
  const auto bytes = AsBytes(dataset);
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    scanner.Feed(bytes.subspan(at, std::min(piece, bytes.size() - at)));
  }
  return scanner.Finish();
}

// The message that the scan of `dataset` fails with; empty where it does not fail.
std::string ScanRefusal(const std::string& dataset, const Uid& syntax = kExplicit) {
  try {
    (void)Scan(dataset, syntax);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kParse);
    return error.what();
  }
  return {};
}

std::string FullDataset(Encoding encoding) {
  DatasetBytes d(encoding);
  d.Element(0x00080005, "CS", "\\ISO 2022 IR 87");
  d.Element(0x00080008, "CS", "ORIGINAL\\PRIMARY\\AXIAL");
  d.Element(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2").Element(0x00080018, "UI", "1.2.3.4.5");
  d.Element(0x00080020, "DA", "20260102").Element(0x00080022, "DA", "20260103");
  d.Element(0x00080030, "TM", "101112").Element(0x00080032, "TM", "131415.5");
  d.Element(0x00080050, "SH", "ACC1")
      .Element(0x00080060, "CS", "CT")
      .Element(0x00080070, "LO", "Maker");
  d.Element(0x00081030, "LO", "Neck")
      .Element(0x0008103E, "LO", "Neck 2.0 ")
      .Element(0x00081090, "LO", "Model");
  // A sequence of each kind, holding the same tags with other values.
  d.Head(0x00081140, "SQ", kUndefined)
      .Head(0xFFFEE000, "", kUndefined)
      .Element(0x00080018, "UI", "9.9");
  d.Head(0x00081150, "SQ", 0).Head(0xFFFEE00D, "", 0).Head(0xFFFEE0DD, "", 0);
  const std::string inner = DatasetBytes(encoding).Element(0x0020000D, "UI", "8.8").text();
  d.Head(0x00081199, "SQ", static_cast<std::uint32_t>(inner.size()) + 8);
  d.Head(0xFFFEE000, "", static_cast<std::uint32_t>(inner.size())).Raw(inner);
  d.Element(0x00100010, "PN", "Doe^Jane")
      .Element(0x00100020, "LO", "P1")
      .Element(0x00100021, "LO", "Issuer");
  d.Element(0x00100030, "DA", "19700101").Element(0x00101010, "AS", "056Y");
  d.Element(0x00180010, "LO", "Contrast")
      .Element(0x00180015, "CS", "NECK")
      .Element(0x00180050, "DS", "+2.50");
  d.Element(0x00180088, "DS", "2.0")
      .Element(0x00181120, "DS", "-0.5")
      .Element(0x00181210, "SH", "B30f");
  d.Element(0x0020000D, "UI", "1.2.3")
      .Element(0x0020000E, "UI", "1.2.3.4")
      .Element(0x00200011, "IS", " 3 ");
  d.Element(0x00200012, "IS", "+4").Element(0x00200013, "IS", "17");
  d.Element(0x00200032, "DS", " -120.5\\-3e1\\4.25").Element(0x00200037, "DS", "1\\0\\0\\0\\1\\0");
  d.Element(0x00200052, "UI", "1.2.9").Element(0x00280008, "IS", "2");
  d.Head(0x00280010, "US", 2).Number(512, 2).Head(0x00280011, "US", 2).Number(300, 2);
  d.Element(0x00280030, "DS", "0.40\\0.5").Element(0x00282110, "CS", "01");
  d.Element(0x7FE00010, "OW", std::string(600, '\x7F'));
  return d.text();
}

void ExpectFull(const InstanceHeader& h) {
  EXPECT_EQ(h.specific_character_set, "\\ISO 2022 IR 87");
  EXPECT_THAT(h.image_type, ElementsAre("ORIGINAL", "PRIMARY", "AXIAL"));
  EXPECT_EQ(h.sop_class_uid.value(), "1.2.840.10008.5.1.4.1.1.2");
  EXPECT_EQ(h.sop_instance_uid.value(), "1.2.3.4.5");
  EXPECT_EQ(h.study_instance_uid.value(), "1.2.3");
  EXPECT_EQ(h.series_instance_uid.value(), "1.2.3.4");
  EXPECT_EQ(h.frame_of_reference_uid.value(), "1.2.9");
  EXPECT_EQ(h.patient_name.Reveal(), "Doe^Jane");
  EXPECT_EQ(h.patient_id.Reveal(), "P1");
  EXPECT_EQ(h.issuer_of_patient_id.Reveal(), "Issuer");
  EXPECT_EQ(h.patient_birth_date.Reveal(), "19700101");
  EXPECT_EQ(h.accession_number.Reveal(), "ACC1");
  EXPECT_EQ(h.patient_age, "056Y");
  EXPECT_EQ(h.study_date + h.study_time, "20260102101112");
  EXPECT_EQ(h.acquisition_date_time, "20260103131415.5");
  EXPECT_EQ(h.study_description, "Neck");
  EXPECT_EQ(h.series_description, "Neck 2.0");
  EXPECT_EQ(h.modality, "CT");
  EXPECT_EQ(h.manufacturer, "Maker");
  EXPECT_EQ(h.manufacturer_model_name, "Model");
  EXPECT_EQ(h.body_part_examined, "NECK");
  EXPECT_EQ(h.convolution_kernel, "B30f");
  EXPECT_EQ(h.contrast_bolus_agent, "Contrast");
  EXPECT_TRUE(h.lossy);
  EXPECT_EQ(h.series_number, 3);
  EXPECT_EQ(h.acquisition_number, 4);
  EXPECT_EQ(h.instance_number, 17);
  EXPECT_EQ(h.rows, 512);
  EXPECT_EQ(h.columns, 300);
  EXPECT_EQ(h.number_of_frames, 2);
  EXPECT_EQ(h.image_position, (Vec3{-120.5, -30, 4.25}));
  EXPECT_EQ(h.image_orientation, (std::array<double, 6>{1, 0, 0, 0, 1, 0}));
  EXPECT_EQ(h.pixel_spacing, (std::array<double, 2>{0.4, 0.5}));
  EXPECT_EQ(h.slice_thickness, 2.5);
  EXPECT_EQ(h.spacing_between_slices, 2.0);
  EXPECT_EQ(h.gantry_tilt, -0.5);
}

std::string Deflate(const std::string& text) {
  z_stream zlib{};
  deflateInit2(&zlib, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&zlib, text.size()), '\0');
  std::string in = text;
  zlib.next_in = reinterpret_cast<Bytef*>(in.data());
  zlib.avail_in = static_cast<uInt>(in.size());
  zlib.next_out = reinterpret_cast<Bytef*>(out.data());
  zlib.avail_out = static_cast<uInt>(out.size());
  deflate(&zlib, Z_FINISH);
  out.resize(zlib.total_out);
  deflateEnd(&zlib);
  return out;
}

TEST(DatasetScanner, FillsTheHeaderInEveryEncodingAndWhateverThePieces) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{1} << 20}) {
    ExpectFull(Scan(FullDataset({}), kExplicit, piece));
    ExpectFull(Scan(FullDataset(kImplicitEncoding), kImplicit, piece));
    ExpectFull(Scan(FullDataset(kBigEncoding), kBig, piece));
    ExpectFull(Scan(Deflate(FullDataset({})), kDeflated, piece));
  }
}

TEST(DatasetScanner, RefusesATruncationAtEveryByteThatDoesNotEndAnElement) {
  for (const auto& [dataset, syntax] : {std::pair{FullDataset({}), kExplicit},
                                        {FullDataset(kImplicitEncoding), kImplicit},
                                        {FullDataset(kBigEncoding), kBig},
                                        {Deflate(FullDataset({})), kDeflated}}) {
    int accepted = 0;
    for (std::size_t size = 0; size < dataset.size(); ++size) {
      accepted += ScanRefusal(dataset.substr(0, size), syntax).empty() ? 1 : 0;
    }
    // A cut between two elements after the UIDs cannot be seen; a deflated stream shows every one.
    EXPECT_EQ(accepted, syntax == kDeflated ? 0 : 12);
  }
}

TEST(DatasetScanner, RefusesLengthsThatLeadOutside) {
  const std::string uids = DatasetBytes().Uids().text();
  const auto with = [&](DatasetBytes d) { return uids + d.text(); };
  EXPECT_THAT(ScanRefusal(with(DatasetBytes().Head(0x7FE00010, "OW", 0x7FFFFFFF).Raw("abcd"))),
              HasSubstr("ends inside"));
  EXPECT_THAT(ScanRefusal(with(
                  DatasetBytes().Head(0x00400275, "SQ", 12).Head(0xFFFEE000, "", 100).Raw("abcd"))),
              HasSubstr("leads out"));
  EXPECT_THAT(ScanRefusal(with(DatasetBytes()
                                   .Head(0x00400275, "SQ", 20)
                                   .Head(0xFFFEE000, "", 12)
                                   .Head(0x00400007, "LO", 200)
                                   .Raw("abcd"))),
              HasSubstr("leads out"));
  EXPECT_THAT(ScanRefusal(with(
                  DatasetBytes().Head(0x00400275, "SQ", 14).Head(0xFFFEE000, "", 6).Raw("abcdef"))),
              HasSubstr("crosses the end"));
  EXPECT_THAT(
      ScanRefusal(with(DatasetBytes().Head(0x00400275, "SQ", kUndefined).Head(0xFFFEE000, "", 0))),
      HasSubstr("ends inside"));
  EXPECT_THAT(
      ScanRefusal(with(DatasetBytes().Head(0x00400275, "SQ", 8).Head(0xFFFEE000, "", kUndefined))),
      HasSubstr("not closed"));
  EXPECT_THAT(
      ScanRefusal(
          with(DatasetBytes().Head(0x7FE00010, "OB", kUndefined).Head(0xFFFEE000, "", kUndefined))),
      HasSubstr("fragment"));
}

TEST(DatasetScanner, RefusesElementsThatDoNotBelongThere) {
  const std::string uids = DatasetBytes().Uids().text();
  const auto with = [&](DatasetBytes d) { return uids + d.text(); };
  EXPECT_THAT(ScanRefusal(with(DatasetBytes().Element(0x00020010, "UI", "1.2.840.10008.1.2"))),
              HasSubstr("(0002,0010)"));
  EXPECT_THAT(ScanRefusal(with(DatasetBytes().Raw(std::string(16, '\0')))),
              HasSubstr("no value representation"));
  EXPECT_THAT(ScanRefusal(with(DatasetBytes().Head(0xFFFEE00D, "", 0))), HasSubstr("wrong place"));
  EXPECT_THAT(ScanRefusal(with(DatasetBytes().Head(0xFFFEE0DD, "", 0))), HasSubstr("wrong place"));
  EXPECT_THAT(
      ScanRefusal(with(DatasetBytes().Head(0x00400275, "SQ", 10).Element(0x00400007, "LO", "x"))),
      HasSubstr("where an item is expected"));
  EXPECT_THAT(ScanRefusal(with(DatasetBytes().Head(0x00400007, "UT", kUndefined))),
              HasSubstr("undefined length"));
  EXPECT_THAT(ScanRefusal(with(
                  DatasetBytes().Element(0x00100020, "LO", "A").Element(0x00100020, "LO", "B"))),
              HasSubstr("(0010,0020) comes twice"));
  EXPECT_THAT(ScanRefusal(with(DatasetBytes().Element(0x00100020, "UT", std::string(5000, 'A')))),
              HasSubstr("4096"));
}

TEST(DatasetScanner, DemandsTheThreeUids) {
  EXPECT_THAT(ScanRefusal(""), HasSubstr("Study Instance UID"));
  EXPECT_THAT(
      ScanRefusal(
          DatasetBytes().Element(0x0020000D, "UI", "1.2").Element(0x00080018, "UI", "1.2").text()),
      HasSubstr("Series Instance UID"));
  EXPECT_THAT(ScanRefusal(DatasetBytes()
                              .Element(0x00080018, "UI", "../../etc/passwd")
                              .Element(0x0020000D, "UI", "1.2")
                              .Element(0x0020000E, "UI", "1.2")
                              .text()),
              HasSubstr("not a UID"));
}

TEST(DatasetScanner, TakesElementsInAnyGroupOrderAndUnreadableNumbersAsAbsent) {
  const auto header = Scan(DatasetBytes()
                               .Element(0x00280008, "IS", "1A")
                               .Element(0x00180050, "DS", "inf")
                               .Element(0x00200032, "DS", "1\\2")
                               .Uids()
                               .text());
  EXPECT_EQ(header.number_of_frames, std::nullopt);
  EXPECT_EQ(header.slice_thickness, std::nullopt);
  EXPECT_EQ(header.image_position, std::nullopt);
}

TEST(DatasetScanner, ReadsUnknownValuesOfUndefinedLengthAsImplicitLittleEndian) {
  for (const auto& [encoding, syntax] : {std::pair{Encoding{}, kExplicit}, {kBigEncoding, kBig}}) {
    const std::string hidden = DatasetBytes(kImplicitEncoding)
                                   .Head(0xFFFEE000, "", kUndefined)
                                   .Element(0x00091002, "LO", "private")
                                   .Head(0xFFFEE00D, "", 0)
                                   .Head(0xFFFEE0DD, "", 0)
                                   .text();
    const std::string dataset =
        DatasetBytes(encoding).Head(0x00091001, "UN", kUndefined).Raw(hidden).Uids().text();
    EXPECT_EQ(Scan(dataset, syntax, 1).study_instance_uid.value(), "1.2.3");
  }
}

TEST(DatasetScanner, SkipsFragmentsThatHoldDelimiters) {
  const std::string dataset = DatasetBytes()
                                  .Uids()
                                  .Head(0x7FE00010, "OB", kUndefined)
                                  .Head(0xFFFEE000, "", 0)
                                  .Head(0xFFFEE000, "", 8)
                                  .Head(0xFFFEE0DD, "", 0)
                                  .Head(0xFFFEE0DD, "", 0)
                                  .Element(0xFFFCFFFC, "OB", "padding!")
                                  .text();
  EXPECT_EQ(Scan(dataset).sop_instance_uid.value(), "1.2.3.4.5");
}

TEST(DatasetScanner, TakesImplicitBytesThatOnlyBeginLikeASequenceAsBytes) {
  const std::string like_items =
      DatasetBytes().Head(0xFFFEE000, "", 6).Raw("abcdef").Head(0xFFFEE000, "", 9).text();
  const std::string dataset =
      DatasetBytes(kImplicitEncoding).Element(0x00091001, "OB", like_items).Uids().text();
  EXPECT_EQ(Scan(dataset, kImplicit).sop_instance_uid.value(), "1.2.3.4.5");
}

TEST(DatasetScanner, RefusesDeepNestingAtOnce) {
  for (const auto& [encoding, syntax] :
       {std::pair{Encoding{}, kExplicit}, {kImplicitEncoding, kImplicit}}) {
    DatasetBytes undefined(encoding);
    undefined.Uids();
    for (int i = 0; i < 20'000; ++i) {
      undefined.Head(0x00400275, "SQ", kUndefined).Head(0xFFFEE000, "", kUndefined);
    }
    EXPECT_THAT(ScanRefusal(undefined.text(), syntax), HasSubstr("deeper than 64"));
    std::string defined;
    for (int i = 0; i < 200; ++i) {
      const auto size = static_cast<std::uint32_t>(defined.size());
      defined = DatasetBytes(encoding)
                    .Head(0x00400275, "SQ", size + 8)
                    .Head(0xFFFEE000, "", size)
                    .Raw(defined)
                    .text();
    }
    EXPECT_THAT(ScanRefusal(DatasetBytes(encoding).Uids().Raw(defined).text(), syntax),
                HasSubstr("deeper than 64"));
  }
}

TEST(DatasetScanner, AcceptsNestingUpToTheLimit) {
  std::string nested;
  for (int i = 0; i < dicom_io::ElementParser::kMaxDepth; ++i) {
    const auto size = static_cast<std::uint32_t>(nested.size());
    nested = DatasetBytes()
                 .Head(0x00400275, "SQ", size + 8)
                 .Head(0xFFFEE000, "", size)
                 .Raw(nested)
                 .text();
  }
  EXPECT_EQ(ScanRefusal(DatasetBytes().Uids().Raw(nested).text()), "");
}

TEST(DatasetScanner, RefusesADeflateBomb) {
  z_stream zlib{};
  deflateInit2(&zlib, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string zeros =
      DatasetBytes().Uids().Head(0x7FE00010, "OW", 1U << 30).text() + std::string(1 << 20, '\0');
  std::string out(1 << 20, '\0');
  zlib.next_out = reinterpret_cast<Bytef*>(out.data());
  zlib.avail_out = static_cast<uInt>(out.size());
  for (int i = 0; i < 100; ++i) {
    zlib.next_in = reinterpret_cast<Bytef*>(zeros.data());
    zlib.avail_in = static_cast<uInt>(zeros.size());
    deflate(&zlib, i == 99 ? Z_FINISH : Z_NO_FLUSH);
    zeros.assign(1 << 20, '\0');
  }
  out.resize(zlib.total_out);
  deflateEnd(&zlib);
  EXPECT_THAT(ScanRefusal(out, kDeflated), HasSubstr("inflates beyond the limit"));
}

TEST(DatasetScanner, RefusesDamagedAndTrailingDeflatedBytes) {
  const std::string deflated = Deflate(FullDataset({}));
  EXPECT_EQ(ScanRefusal(deflated + std::string(1, '\0'), kDeflated), "");
  EXPECT_THAT(ScanRefusal(deflated + "more than 9 bytes", kDeflated), HasSubstr("bytes follow"));
  EXPECT_THAT(ScanRefusal("\xFF" + deflated, kDeflated), HasSubstr("damaged"));
  EXPECT_THAT(ScanRefusal("", kDeflated), HasSubstr("unfinished"));
}

TEST(DatasetScanner, SurvivesRandomMutations) {
  std::mt19937 random(20260101);
  const std::vector<std::pair<std::string, Uid>> seeds = {
      {FullDataset({}), kExplicit},
      {FullDataset(kImplicitEncoding), kImplicit},
      {FullDataset(kBigEncoding), kBig},
      {Deflate(FullDataset({})), kDeflated}};
  int refused = 0;
  for (int round = 0; round < 4000; ++round) {
    auto [dataset, syntax] = seeds[static_cast<std::size_t>(round) % seeds.size()];
    for (unsigned change = 0; change <= random() % 8; ++change) {
      const std::size_t at = random() % dataset.size();
      switch (random() % 4) {
        case 0:
          dataset[at] = static_cast<char>(random());
          break;
        case 1:
          dataset[at] = static_cast<char>(random() % 2 == 0 ? 0xFF : 0xFE);
          break;
        case 2:
          dataset.erase(at, random() % 16);
          break;
        default:
          dataset.insert(at, dataset, random() % dataset.size(), random() % 32);
          break;
      }
    }
    try {
      (void)Scan(dataset, syntax, 1 + random() % 64);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kParse);
      ++refused;
    }
  }
  EXPECT_GT(refused, 1000);
}

TEST(DatasetScanner, IgnoresBytesAfterAFailure) {
  DatasetScanner scanner(kExplicit);
  scanner.Feed(AsBytes(std::string(8, '\0')));
  scanner.Feed(AsBytes(FullDataset({})));
  EXPECT_THROW((void)scanner.Finish(), Error);
}

TEST(SplitPart10, FindsTheDatasetBehindTheMetaGroup) {
  const std::string dataset = FullDataset(kBigEncoding);
  for (const bool preamble : {true, false}) {
    const std::string file = Part10File(dataset, dicom_io::kExplicitBigEndian, preamble);
    const auto parts = dicom_io::SplitPart10(AsBytes(file));
    EXPECT_TRUE(parts.has_meta);
    EXPECT_EQ(parts.transfer_syntax_uid, kBig);
    EXPECT_EQ(parts.media_storage_sop_instance_uid.value(), "1.2.3.4.5");
    EXPECT_EQ(file.substr(parts.dataset_offset), dataset);
  }
}

TEST(SplitPart10, KnowsBareDatasetsByTheirFirstElement) {
  const auto implicit = dicom_io::SplitPart10(AsBytes(FullDataset(kImplicitEncoding)));
  EXPECT_EQ(implicit.transfer_syntax_uid, kImplicit);
  EXPECT_EQ(implicit.dataset_offset, 0U);
  EXPECT_EQ(dicom_io::SplitPart10(AsBytes(FullDataset({}))).transfer_syntax_uid, kExplicit);
}

TEST(SplitPart10, RefusesWhatIsNoDicomFileAndEveryTruncation) {
  EXPECT_THROW((void)dicom_io::SplitPart10({}), Error);
  EXPECT_THROW((void)dicom_io::SplitPart10(AsBytes("a text file that is no DICOM")), Error);
  EXPECT_THROW((void)dicom_io::SplitPart10(AsBytes(std::string(200, '\0'))), Error);
  const std::string file = Part10File("", dicom_io::kExplicitLittleEndian);
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_THROW((void)dicom_io::SplitPart10(AsBytes(file.substr(0, size))), Error) << size;
  }
}

TEST(ScanFile, ReadsFilesAndNamesAbsentOnes) {
  const TempFolder folder;
  const auto path = folder.path() / "a.dcm";
  std::ofstream(path, std::ios::binary)
      << Part10File(FullDataset({}), dicom_io::kExplicitLittleEndian);
  const auto header = dicom_io::ScanFile(path);
  ExpectFull(header);
  EXPECT_EQ(header.transfer_syntax_uid, kExplicit);
  try {
    (void)dicom_io::ScanFile(folder.path() / "absent.dcm");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_THAT(error.what(), HasSubstr("absent.dcm"));
  }
}

}  // namespace
}  // namespace necknode::tests
