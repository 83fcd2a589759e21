#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>

#include "sr_writer/check_rules.h"

namespace necknode::sr_writer {
namespace {

constexpr std::size_t kBoxValues = 10;  // five points

// A group's own name, e.g. "group LN-1": a Tracking Identifier names no patient.
std::string Name(const ReportItem& group) {
  const ReportItem* identifier = group.Child(codes::kTrackingIdentifier);
  return "group " + (identifier == nullptr || identifier->text.empty()
                         ? std::string("without identifier")
                         : identifier->text);
}

const ReportItem* FirstNumber(const ReportItem& group) {
  for (const ReportItem& child : group.children) {
    if (child.value_type == "NUM")
      return &child;
  }
  return nullptr;
}

const ReportItem* Coordinates(const ReportItem& item) {
  for (const ReportItem& child : item.children) {
    if (child.value_type == "SCOORD")
      return &child;
  }
  return nullptr;
}

bool IsRegion(const ReportItem& coordinates) {
  const auto& data = coordinates.graphic_data;
  return coordinates.graphic_type == "POLYLINE" && data.size() >= 6;
}

void Title(const ReadReport& report, const Objection& object) {
  if (!report.root.name.Is(codes::kImagingMeasurementReport))
    object("the title is (" + report.root.name.value + "," + report.root.name.scheme + ",\"" +
           report.root.name.meaning + "\")");
}

void Template(const ReadReport& report, const Objection& object) {
  if (report.root.template_id != "1500")
    object("the root's template is \"" + report.root.template_id + "\"");
}

void NoEmptyContainer(const ReadReport& report, const Objection& object) {
  report.root.ForEach([&](const ReportItem& item) {
    if (item.value_type == "CONTAINER" && item.children.empty())
      object("container \"" + item.name.meaning + "\" is empty");
  });
}

void GroupHasCoordinates(const ReadReport& report, const Objection& object) {
  for (const ReportItem* group : report.groups) {
    const bool found =
        std::any_of(group->children.begin(), group->children.end(), [](const ReportItem& child) {
          return child.value_type == "NUM" && Coordinates(child) != nullptr;
        });
    if (!found)
      object(Name(*group) + " has no NUM with an SCOORD");
  }
}

void FirstNumHasCoordinates(const ReadReport& report, const Objection& object) {
  for (const ReportItem* group : report.groups) {
    const ReportItem* number = FirstNumber(*group);
    if (number != nullptr && Coordinates(*number) == nullptr)
      object(Name(*group) + " begins with NUM \"" + number->name.meaning + "\" without SCOORD");
  }
}

void FirstNumIsArea(const ReadReport& report, const Objection& object) {
  for (const ReportItem* group : report.groups) {
    const ReportItem* number = FirstNumber(*group);
    const ReportItem* coordinates = number == nullptr ? nullptr : Coordinates(*number);
    if (coordinates != nullptr && IsRegion(*coordinates) && !number->name.Is(codes::kArea))
      object(Name(*group) + " has the region on \"" + number->name.meaning + "\"");
  }
}

void ClosedBox(const ReadReport& report, const Objection& object) {
  for (const ReportItem* group : report.groups) {
    group->ForEach([&](const ReportItem& item) {
      if (item.value_type != "SCOORD" || item.graphic_type != "POLYLINE")
        return;
      const auto& data = item.graphic_data;
      if (data.size() != kBoxValues)
        object(Name(*group) + " has a polyline of " + std::to_string(data.size() / 2) + " points");
      else if (data[0] != data[8] || data[1] != data[9])
        object(Name(*group) + " has a polyline that is not closed");
    });
  }
}

void InsideImage(const ReadReport& report, const Objection& object) {
  constexpr double kMaxSize = 65535;  // Rows and Columns are US
  const double columns = report.columns > 0 ? report.columns : kMaxSize;
  const double rows = report.rows > 0 ? report.rows : kMaxSize;
  report.root.ForEach([&](const ReportItem& item) {
    if (item.value_type != "SCOORD")
      return;
    for (std::size_t i = 0; i < item.graphic_data.size(); ++i) {
      const double value = item.graphic_data[i];
      if (!(value >= 0 && value <= (i % 2 == 0 ? columns : rows))) {
        object("\"" + item.name.meaning + "\" has coordinate " + std::to_string(value) +
               " outside the image");
        return;
      }
    }
  });
}

void SelectsImage(const ReadReport& report, const Objection& object) {
  report.root.ForEach([&](const ReportItem& item) {
    if (item.value_type != "SCOORD")
      return;
    const bool found =
        std::any_of(item.children.begin(), item.children.end(), [](const ReportItem& child) {
          return child.relationship == "SELECTED FROM" && child.value_type == "IMAGE" &&
                 !child.references.empty();
        });
    if (!found)
      object("SCOORD \"" + item.name.meaning + "\" selects from no image");
  });
}

void NoSpatialCoordinates3d(const ReadReport& report, const Objection& object) {
  report.root.ForEach([&](const ReportItem& item) {
    if (item.value_type == "SCOORD3D")
      object("\"" + item.name.meaning + "\" is an SCOORD3D");
  });
}

void Tracked(const ReadReport& report, const Objection& object) {
  for (const ReportItem* group : report.groups) {
    for (const Code& name : {codes::kTrackingIdentifier, codes::kTrackingUid}) {
      const ReportItem* item = group->Child(name);
      if (item == nullptr || item->text.empty())
        object(Name(*group) + " has no " + std::string(name.meaning));
    }
  }
}

void UniqueTrackingUids(const ReadReport& report, const Objection& object) {
  std::map<std::string, int> counts;
  for (const ReportItem* group : report.groups) {
    const ReportItem* uid = group->Child(codes::kTrackingUid);
    if (uid != nullptr && !uid->text.empty() && ++counts[uid->text] == 2)
      object(Name(*group) + " has the Tracking Unique Identifier of an earlier group");
  }
}

void DecimalStrings(const ReadReport& report, const Objection& object) {
  constexpr std::size_t kMaxLength = 16;
  report.root.ForEach([&](const ReportItem& item) {
    if (item.value_type == "NUM" && item.text.size() > kMaxLength)
      object("\"" + item.name.meaning + "\" has a value of " + std::to_string(item.text.size()) +
             " characters");
  });
}

void NumbersAreNumbers(const ReadReport& report, const Objection& object) {
  report.root.ForEach([&](const ReportItem& item) {
    if (item.value_type != "NUM" || item.text.empty())
      return;
    std::string_view text = item.text;
    if (text.front() == '+')
      text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
      object("\"" + item.name.meaning + "\" has the value \"" + item.text + "\"");
  });
}

void FindingSiteIsModifier(const ReadReport& report, const Objection& object) {
  report.root.ForEach([&](const ReportItem& item) {
    if (item.name.Is(codes::kFindingSite) && item.relationship != "HAS CONCEPT MOD")
      object("Finding Site is related by " + item.relationship);
  });
}

void FindingIsNoDiagnosis(const ReadReport& report, const Objection& object) {
  for (const ReportItem* group : report.groups) {
    const ReportItem* finding = group->Child(codes::kFinding);
    if (finding != nullptr && finding->code.Is(codes::kSecondaryNeoplasm))
      object(Name(*group) + " has the Finding \"" + finding->code.meaning + "\"");
  }
}

void BoundedBy(const ReadReport& report, const Objection& object) {
  for (const ReportItem* group : report.groups) {
    const ReportItem* coordinates = Coordinates(*group);
    if (coordinates == nullptr || coordinates->graphic_data.size() != kBoxValues)
      continue;
    const ReportItem* purpose = group->Child(codes::kGeometricPurpose);
    if (purpose == nullptr || !purpose->code.Is(codes::kBoundedBy))
      object(Name(*group) + " does not say that its region bounds the finding");
  }
}

void HasLabel(const ReadReport& report, const Objection& object) {
  for (const ReportItem* group : report.groups) {
    const ReportItem* comment = group->Child(codes::kComment);
    if (comment == nullptr || comment->text.empty())
      object(Name(*group) + " has no Comment");
  }
}

void Meanings(const ReadReport& report, const Objection& object) {
  constexpr std::array kCompared = {codes::kImagingMeasurementReport,
                                    codes::kImageLibrary,
                                    codes::kImageLibraryGroup,
                                    codes::kImagingMeasurements,
                                    codes::kMeasurementGroup,
                                    codes::kTrackingIdentifier,
                                    codes::kTrackingUid,
                                    codes::kFinding,
                                    codes::kArea,
                                    codes::kComment};
  report.root.ForEach([&](const ReportItem& item) {
    for (const Code& code : kCompared) {
      if (item.name.Is(code) && item.name.meaning != code.meaning)
        object("(" + item.name.value + "," + item.name.scheme + ") is called \"" +
               item.name.meaning + "\", not \"" + std::string(code.meaning) + "\"");
    }
  });
}

constexpr std::array kContentRules = {
    Rule{
        "title-126000", true, "OHIF opens only (126000,DCM,\"Imaging Measurement Report\")", Title},
    Rule{"template-1500", true, "viewers look for TID 1500 at the root", Template},
    Rule{"no-empty-container",
         true,
         "Orthanc Stone and highdicom stop at an empty container",
         NoEmptyContainer},
    Rule{"group-has-coordinates",
         true,
         "OHIF stops at a Measurement Group without coordinates and hides every box of the report",
         GroupHasCoordinates},
    Rule{"first-num-has-coordinates",
         true,
         "OHIF takes the region from the group's first NUM and hydrates nothing else",
         FirstNumHasCoordinates},
    Rule{"first-num-is-area", true, "OHIF hydrates a region only from an Area", FirstNumIsArea},
    Rule{"closed-box",
         true,
         "a box is a polyline of five points, the last one the first",
         ClosedBox},
    Rule{"inside-image",
         true,
         "coordinates are pixel edges from 0\\0 to Columns\\Rows",
         InsideImage},
    Rule{"selects-image", true, "without an image a region is drawn nowhere", SelectsImage},
    Rule{"no-scoord3d", true, "OHIF never draws an SCOORD3D polygon", NoSpatialCoordinates3d},
    Rule{"group-is-tracked",
         true,
         "viewers tell findings apart by their tracking identifiers",
         Tracked},
    Rule{"unique-tracking-uids",
         true,
         "OHIF loses the second group of one Tracking Unique Identifier",
         UniqueTrackingUids},
    Rule{"num-at-most-16-characters", true, "VR DS, PS3.5 section 6.2", DecimalStrings},
    Rule{"num-is-number", true, "VR DS, PS3.5 section 6.2", NumbersAreNumbers},
    Rule{"finding-site-is-modifier", true, "TID 1410: HAS CONCEPT MOD", FindingSiteIsModifier},
    Rule{"finding-is-no-diagnosis", true, "a score is not a diagnosis", FindingIsNoDiagnosis},
    Rule{"bounded-by",
         false,
         "3D Slicer takes a region for a box only where this says so",
         BoundedBy},
    Rule{"comment-is-label",
         false,
         "OHIF shows the Comment as the label, coded answers never",
         HasLabel},
    Rule{"english-meanings", true, "viewers compare these meanings as strings", Meanings},
};

}  // namespace

std::span<const Rule> ContentRules() { return kContentRules; }

}  // namespace necknode::sr_writer
