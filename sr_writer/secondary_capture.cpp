#include <array>
#include <cmath>
#include <set>
#include <utility>

#include "core/error.h"
#include "sr_writer/common_modules.h"
#include "sr_writer/index_picture.h"
#include "sr_writer/report_text.h"

namespace necknode::sr_writer {
namespace {

// Room for the instance numbers of one run; a new run goes on in the same series.
constexpr int kInstancesPerRun = 1000;

// "L\P" of an axial image: towards which side of the patient rows and columns run (PS3.3
// C.7.6.1.1.1).
std::string Direction(const Vec3& vector) {
  const std::array<std::pair<double, const char*>, 3> axes{
      {{vector.x, "LR"}, {vector.y, "PA"}, {vector.z, "HF"}}};
  std::string letters;
  std::array<bool, 3> used{};
  for (std::size_t step = 0; step < axes.size(); ++step) {
    std::size_t best = axes.size();
    for (std::size_t i = 0; i < axes.size(); ++i) {
      if (!used[i] && (best == axes.size() || std::abs(axes[i].first) > std::abs(axes[best].first)))
        best = i;
    }
    used[best] = true;
    constexpr double kNegligible = 0.05;
    if (std::abs(axes[best].first) > kNegligible)
      letters += axes[best].second[axes[best].first > 0 ? 0 : 1];
  }
  return letters;
}

std::string PatientOrientation(const ImagePlane& plane) {
  const std::string rows = Direction(plane.row_direction);
  const std::string columns = Direction(plane.column_direction);
  return rows.empty() || columns.empty() ? "" : rows + "\\" + columns;
}

void PutPicture(DcmItem& item, const KeyPicture& picture) {
  PutUint16(item, DCM_SamplesPerPixel, 3);
  Put(item, DCM_PhotometricInterpretation, "RGB");
  PutUint16(item, DCM_PlanarConfiguration, 0);
  PutUint16(item, DCM_Rows, static_cast<std::size_t>(picture.rows));
  PutUint16(item, DCM_Columns, static_cast<std::size_t>(picture.columns));
  PutUint16(item, DCM_BitsAllocated, 8);
  PutUint16(item, DCM_BitsStored, 8);
  PutUint16(item, DCM_HighBit, 7);
  PutUint16(item, DCM_PixelRepresentation, 0);
  Check(item.putAndInsertUint8Array(DCM_PixelData, picture.rgb.data(), picture.rgb.size()),
        "insert the pixels");
}

/// What one image of the series shows, and of which slices it was made.
struct Capture {
  KeyPicture picture;
  std::string orientation;
  std::string derivation;
  std::vector<const EvidenceImage*> sources;
};

void PutSources(DcmItem& item, const std::vector<const EvidenceImage*>& sources) {
  AddImageReferences(item, DCM_SourceImageSequence, sources);
  DcmSequenceOfItems* sequence = nullptr;
  Check(item.findAndGetSequence(DCM_SourceImageSequence, sequence), "find the source images");
  for (unsigned long i = 0; i < sequence->card(); ++i)
    AddCode(*sequence->getItem(i), DCM_PurposeOfReferenceCodeSequence, codes::kSourceImage);
}

void PutImageModules(DcmItem& item,
                     const Assessment& assessment,
                     SourceInstance& source,
                     const Capture& capture) {
  Put(item, DCM_ConversionType, "WSD");
  Put(item, DCM_ImageType, "DERIVED\\SECONDARY");
  Put(item, DCM_PatientOrientation, capture.orientation);
  Put(item, DCM_BurnedInAnnotation, "NO");
  std::string derivation = capture.derivation + ": not verified";
  if (const std::string limits = BrokenLimits(assessment); !limits.empty())
    derivation += ". " + limits;
  constexpr std::size_t kShortText = 1024;
  Put(item,
      DCM_DerivationDescription,
      WithWarning(assessment.model, derivation).substr(0, kShortText));
  source.PutLossyCompression(item);
  PutSources(item, capture.sources);
  PutPicture(item, capture.picture);
}

// The index image first, where there is one, then the key slices.
std::vector<Capture> CapturesOf(const Assessment& assessment, const Evidence& evidence) {
  std::vector<Capture> captures;
  if (auto index = DrawIndexPicture(assessment, evidence.volume))
    captures.push_back({std::move(*index),
                        "L\\F",
                        "Coronal projection of the analysed slices, places of lymph nodes found by "
                        "AI drawn in",
                        AnalysedImages(assessment, evidence)});
  std::set<int> key_slices;
  for (const LymphNode& node : assessment.nodes)
    key_slices.insert(node.key_slice);
  for (const int slice : key_slices)
    captures.push_back({DrawKeySlice(assessment, evidence.volume, slice),
                        PatientOrientation(assessment.grid.first),
                        "Window 350/50, boxes of lymph nodes found by AI drawn in",
                        {&evidence.images[static_cast<std::size_t>(slice)]}});
  return captures;
}

}  // namespace

std::vector<Document> WriteSecondaryCaptures(const Assessment& assessment,
                                             const Evidence& evidence,
                                             const DocumentContext& context) {
  RequireUsable(assessment, evidence);
  const Assessment said = Printable(assessment);
  SourceInstance source(evidence.reference_dataset, context.assumed_charset);
  const DicomMoment moment = ContentMoment(source, context);
  std::vector<Document> documents;
  for (const Capture& capture : CapturesOf(said, evidence)) {
    const int ordinal = static_cast<int>(documents.size());
    DcmDataset dataset;
    DocumentIdentity identity;
    identity.kind = "SC";
    identity.sop_class_uid = UID_SecondaryCaptureImageStorage;
    identity.modality = "OT";  // never CT: a CT would be routed back to us
    identity.ordinal = ordinal;
    identity.series_number = context.sc_series_number;
    identity.instance_number = (context.run - 1) * kInstancesPerRun + ordinal + 1;
    identity.series_description = "Neck lymph node key images";
    identity.series_code = codes::kIllustrationOfRoi;
    Document document = PutCommonModules(dataset, said, source, context, identity);
    Put(dataset, DCM_ContentDate, moment.date);
    Put(dataset, DCM_ContentTime, moment.time);
    PutImageModules(dataset, said, source, capture);
    document.part10 = EncodePart10(dataset);
    documents.push_back(std::move(document));
  }
  return documents;
}

}  // namespace necknode::sr_writer
