#include "sr_writer/report_text.h"

#include <algorithm>

#include "sr_writer/earlier_text.h"
#include "sr_writer/number_text.h"
#include "sr_writer/padded.h"
#include "sr_writer/place_text.h"

namespace necknode::sr_writer {
namespace {

constexpr std::size_t kMaxLongString = 64;  // VR LO, PS3.5 section 6.2

std::string Plain(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0xC0 || byte == 0x7F)
      plain += '?';  // one for a UTF-8 character: its further bytes are below
    else if (byte < 0x80)
      plain += byte < 0x20 || c == '\\' ? ' ' : c;
  }
  return plain;
}

std::string Judgement(Malignancy malignancy) {
  switch (malignancy) {
    case Malignancy::kMalignant:
      return "suspicious for metastasis";
    case Malignancy::kIndeterminate:
      return "indeterminate for metastasis";
    case Malignancy::kBenign:
      break;
  }
  return "not suspicious for metastasis";
}

std::string Axes(const LymphNode& node) {
  if (node.short_axis && node.long_axis)
    return Fixed(node.long_axis->length_mm, 1) + " x " + Fixed(node.short_axis->length_mm, 1) +
           " mm axial";
  if (node.short_axis)
    return "short axis " + Fixed(node.short_axis->length_mm, 1) + " mm axial";
  if (node.long_axis)
    return "long axis " + Fixed(node.long_axis->length_mm, 1) + " mm axial";
  return "axes not measured";
}

// " (the contour runs out of the box)", or empty where the axes were measured.
std::string WhyNotMeasured(const LymphNode& node) {
  std::string reason = node.not_measured_reason;
  std::ranges::replace(reason, ',', ';');  // parts of a Comment are set apart by commas
  return reason.empty() ? "" : " (" + reason + ")";
}

std::string Findings(const Assessment& assessment) {
  if (assessment.status == AssessmentStatus::kFailed)
    return "The analysis failed: no result";
  if (assessment.nodes.empty())
    return "No lymph node candidate above the thresholds; this does not exclude disease";
  const auto count = [&](Malignancy malignancy) {
    return std::count_if(assessment.nodes.begin(),
                         assessment.nodes.end(),
                         [&](const LymphNode& node) { return node.malignancy == malignancy; });
  };
  std::string text = Count(assessment.nodes.size(), "lymph node") + ": ";
  std::string separator;
  for (const Malignancy malignancy :
       {Malignancy::kMalignant, Malignancy::kIndeterminate, Malignancy::kBenign}) {
    if (count(malignancy) == 0)
      continue;
    text += separator + std::to_string(count(malignancy)) + " " + Judgement(malignancy);
    separator = ", ";
  }
  return text;
}

int SliceCount(const Assessment& assessment) {
  return std::max(0, assessment.last_slice - assessment.first_slice + 1);
}

// "images 40 to 36" as viewers number them, else "slices 41 to 45".
std::string Range(const Assessment& assessment, int first, int last) {
  const auto at = [&](int slice) {
    const std::string name = SliceName(assessment, slice);
    return name.substr(name.find(' ') + 1);
  };
  return std::string(assessment.image_numbers.empty() ? "slices " : "images ") + at(first) +
         " to " + at(last);
}

std::string Slices(const Assessment& assessment) {
  const int count = SliceCount(assessment);
  if (count == 0)
    return "no slice analysed";
  return Count(static_cast<std::size_t>(count), "slice") + " analysed (" +
         Range(assessment, assessment.first_slice, assessment.last_slice) +
         (count < assessment.grid.slices
              ? " of " + std::to_string(assessment.grid.slices) + ", the others hold no neck"
              : "") +
         ")";
}

std::string ThresholdText(const Thresholds& thresholds) {
  std::string text = "boxes with a detection score of at least " +
                     Fixed(thresholds.detection_score, 2) + ", suspicious from P " +
                     Fixed(thresholds.malignant_probability, 2);
  if (thresholds.indeterminate_low < thresholds.indeterminate_high)
    text += ", indeterminate from P " + Fixed(thresholds.indeterminate_low, 2) + " to " +
            Fixed(thresholds.indeterminate_high, 2);
  return text;
}

}  // namespace

Assessment Printable(const Assessment& assessment) {
  Assessment printable = assessment;
  ModelIdentity& model = printable.model;
  for (std::string* text : {&printable.reason,
                            &model.package,
                            &model.version,
                            &model.digest,
                            &model.manufacturer,
                            &model.detector,
                            &model.classifier,
                            &model.warning})
    *text = Plain(*text);
  for (auto* texts : {&printable.broken_limits, &printable.notes}) {
    for (std::string& text : *texts)
      text = Plain(text);
  }
  for (LymphNode& node : printable.nodes) {
    node.level = Plain(node.level);
    node.not_measured_reason = Plain(node.not_measured_reason);
    if (node.earlier) {
      for (std::string* text :
           {&node.earlier->study_date, &node.earlier->identifier, &node.earlier->reason})
        *text = Plain(*text);
    }
  }
  if (printable.comparison) {
    printable.comparison->study_date = Plain(printable.comparison->study_date);
    printable.comparison->reason = Plain(printable.comparison->reason);
  }
  return printable;
}

std::string WarningOf(const ModelIdentity& model) {
  if (model.clinical)
    return {};
  return model.warning.empty() ? "NOT FOR CLINICAL USE" : model.warning;
}

std::string WithWarning(const ModelIdentity& model, std::string_view text) {
  const std::string warning = WarningOf(model);
  return warning.empty() ? std::string(text) : warning + ": " + std::string(text);
}

std::string ShortWithWarning(const ModelIdentity& model, std::string_view text) {
  return WithWarning(model, text).substr(0, kMaxLongString);
}

std::string ShortText(std::string_view text) {
  constexpr std::string_view kMore = " ...";
  if (text.size() <= kMaxLongString)
    return std::string(text);
  const std::size_t space = text.rfind(' ', kMaxLongString - kMore.size());
  const std::size_t end =
      space == std::string_view::npos || space == 0 ? kMaxLongString - kMore.size() : space;
  return std::string(text.substr(0, end)) + std::string(kMore);
}

std::string Label(const LymphNode& node) {
  const std::string mark = node.malignancy == Malignancy::kIndeterminate ? " indeterminate" : "";
  return node.Identifier() + mark + " P " + Fixed(node.probability, 2);
}

std::string Place(const LymphNode& node, bool experimental_levels) {
  const bool has_side = node.side == Side::kLeft || node.side == Side::kRight;
  const std::string side(ToString(node.side));
  if (!node.level.empty())
    return "level " + node.level + (node.side == Side::kNotDetermined ? "" : " " + side) +
           (experimental_levels ? " (level experimental)" : "");
  if (has_side)
    return side + " side";
  return node.side == Side::kMidline ? side : "";
}

std::string NodeComment(const Assessment& assessment,
                        const LymphNode& node,
                        bool experimental_levels) {
  std::string text =
      node.Identifier() + " " + Judgement(node.malignancy) + ", P " + Fixed(node.probability, 2);
  if (const std::string place = Place(node, experimental_levels); !place.empty())
    text += ", " + place;
  text += ", " + Axes(node) + WhyNotMeasured(node) + ", " + SliceName(assessment, node.key_slice) +
          TextureText(node);
  if (const std::string earlier = EarlierText(node); !earlier.empty())
    text += ", " + earlier;
  return text;
}

std::string AlgorithmParameters(const Assessment& assessment) {
  const ModelIdentity& model = assessment.model;
  const Thresholds& thresholds = assessment.thresholds;
  std::string text = std::string("clinical=") + (model.clinical ? "true" : "false");
  if (!model.clinical)
    text += "; warning=" + WarningOf(model);
  text += "; detector=" + model.detector + "; classifier=" + model.classifier +
          "; detection_score=" + Fixed(thresholds.detection_score, 2) +
          "; malignant_probability=" + Fixed(thresholds.malignant_probability, 2);
  if (thresholds.indeterminate_low < thresholds.indeterminate_high)
    text += "; indeterminate=" + Fixed(thresholds.indeterminate_low, 2) + ".." +
            Fixed(thresholds.indeterminate_high, 2);
  text += "; package_digest=" + model.digest;
  for (const std::string& limit : assessment.broken_limits)
    text += "; broken_limit=" + limit;
  return text;
}

std::string BrokenLimits(const Assessment& assessment) {
  std::string text;
  for (const std::string& limit : assessment.broken_limits)
    text += (text.empty() ? "Outside the intended use: " : "; ") + limit;
  return text;
}

std::string ReaderNotes(const Assessment& assessment) {
  std::string text;
  for (const std::string& note : assessment.notes)
    text += (text.empty() ? "Of the images: " : "; ") + note;
  return text;
}

std::string CaseSummary(const Assessment& assessment, std::string_view series_number, bool lossy) {
  std::string text = Findings(assessment) + ".";
  if (const std::string places = SuspiciousPlaces(assessment); !places.empty())
    text += " " + places + ".";
  if (!assessment.reason.empty())
    text += (assessment.status == AssessmentStatus::kPartial ? " Not everything was analysed: "
                                                             : " Reason: ") +
            assessment.reason + ".";
  if (const std::string compared = ComparisonText(assessment); !compared.empty())
    text += " " + compared + ".";
  const std::string landmarks = LandmarkText(assessment);
  text += " Series " + (series_number.empty() ? "without number" : std::string(series_number)) +
          ", " + Slices(assessment) + "." + (landmarks.empty() ? "" : " " + landmarks + ".") +
          " Thresholds: " + ThresholdText(assessment.thresholds) + ".";
  if (const std::string limits = BrokenLimits(assessment); !limits.empty())
    text += " " + limits + ".";
  if (const std::string notes = ReaderNotes(assessment); !notes.empty())
    text += " " + notes + ".";
  if (lossy)
    text += " The source images had gone through lossy compression.";
  text += " AI result, not verified.";
  return WithWarning(assessment.model, text);
}

std::string SoftwareVersion(const DocumentContext& context) {
  return context.software_version.empty() ? "unknown" : context.software_version;
}

std::string SerialNumber(const Assessment& assessment, const DocumentContext& context) {
  constexpr std::size_t kDigits = 16;
  if (!context.device_serial_number.empty())
    return context.device_serial_number;
  return assessment.model.digest.empty() ? "0" : assessment.model.digest.substr(0, kDigits);
}

std::string Summarise(const Assessment& assessment) {
  std::string text;
  if (const std::string warning = WarningOf(assessment.model); !warning.empty())
    text += warning + "\n";
  text += std::string(ToString(assessment.status)) + ": " + Findings(assessment) + "; " +
          Slices(assessment) + "; model " + assessment.model.package + " " +
          assessment.model.version + "\n";
  if (!assessment.reason.empty())
    text += "reason: " + assessment.reason + "\n";
  if (const std::string limits = BrokenLimits(assessment); !limits.empty())
    text += limits + "\n";
  for (const std::string& line : {SuspiciousPlaces(assessment), LandmarkText(assessment)}) {
    if (!line.empty())
      text += line + "\n";
  }
  if (const std::string compared = ComparisonText(assessment); !compared.empty())
    text += compared + "\n";
  if (const std::string notes = ReaderNotes(assessment); !notes.empty())
    text += notes + "\n";
  for (const LymphNode& node : assessment.nodes) {
    text += Padded(node.Identifier(), 6) + " " + Padded(Judgement(node.malignancy), 29) + " P " +
            Fixed(node.probability, 2) + "  " + Padded(Place(node, false), 22) + " " +
            Padded(Axes(node), 19) + " " +
            Range(assessment, node.boxes.front().slice, node.boxes.back().slice) + ", key " +
            SliceName(assessment, node.key_slice) + WhyNotMeasured(node) + TextureText(node);
    if (const std::string earlier = EarlierText(node); !earlier.empty())
      text += "; " + earlier;
    text += "\n";
  }
  return text;
}

}  // namespace necknode::sr_writer
