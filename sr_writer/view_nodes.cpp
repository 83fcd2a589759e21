#include "sr_writer/view_nodes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <utility>

#include "sr_writer/view_words.h"

namespace necknode::sr_writer {
namespace {

constexpr std::size_t kMaxOthers = 32;  // of one group

// Place of each image among those of the report: the image library's order, else the evidence's.
class ImageOrder {
 public:
  explicit ImageOrder(const ReadReport& report) {
    report.root.ForEach([&](const ReportItem& item) {
      if (!item.name.Is(codes::kImageLibrary))
        return;
      item.ForEach([&](const ReportItem& image) {
        if (image.value_type == "IMAGE")
          Add(image.references);
      });
    });
    if (order_.empty())
      Add(report.evidence);
  }

  /// "6 of 24", or empty where the image is not among them.
  [[nodiscard]] std::string PlaceOf(const ReadReference& image) const {
    const auto found = order_.find({image.sop_instance_uid, image.frames});
    return found == order_.end()
               ? ""
               : std::to_string(found->second) + " of " + std::to_string(order_.size());
  }

 private:
  void Add(const std::vector<ReadReference>& references) {
    for (const ReadReference& reference : references)
      order_.emplace(std::pair(reference.sop_instance_uid, reference.frames), order_.size() + 1);
  }
  std::map<std::pair<std::string, std::string>, std::size_t> order_;
};

bool IsOneOf(const ReadCode& name, std::span<const Code> listed) {
  return std::any_of(listed.begin(), listed.end(), [&](const Code& code) { return name.Is(code); });
}

// Area, width and height of our box are no measurements of the node.
bool IsOfTheBox(const ReportItem& group, const ReadCode& name) {
  constexpr std::array kOfTheBox = {codes::kArea, codes::kWidth, codes::kHeight};
  const ReportItem* area = group.Child(codes::kArea);
  const ReportItem* method = area == nullptr ? nullptr : area->Child(codes::kMeasurementMethod);
  return method != nullptr && method->code.Is(codes::kBoundingBox) && IsOneOf(name, kOfTheBox);
}

std::string NumberOf(const ReportItem& group, const Code& name) {
  const ReportItem* item = group.Child(name);
  return item == nullptr ? "" : ShownNumber(*item);
}

// Of "91 %" 0.91, so that it reads like the thresholds.
std::string ProbabilityOf(const ReportItem& group) {
  const ReportItem* item = group.Child(codes::kProbabilityOfCancer);
  if (item == nullptr)
    return {};
  double percent = 0;
  const char* last = item->text.data() + item->text.size();
  const auto [end, error] = std::from_chars(item->text.data(), last, percent);
  if (!item->unit.Is(codes::kPercent) || error != std::errc() || end != last || percent < 0 ||
      percent > 100)
    return ShownNumber(*item);
  std::array<char, 16> digits{};
  const auto written = std::to_chars(
      digits.data(), digits.data() + digits.size(), percent / 100, std::chars_format::fixed, 2);
  return {digits.data(), written.ptr};
}

// "8.0 mm" of our "8": ours are rounded to 0.1 mm, and a DS has no trailing zeros.
std::string LengthOf(const ReportItem& number, bool ours) {
  ReportItem shown;
  shown.text = number.text;
  shown.unit = number.unit;
  if (ours && number.text.find('.') == std::string::npos)
    shown.text += ".0";
  return ShownNumber(shown);
}

std::string AxesOf(const ReportItem& group, bool ours) {
  const ReportItem* long_axis = group.Child(codes::kLongAxis);
  const ReportItem* short_axis = group.Child(codes::kShortAxis);
  if (long_axis != nullptr && short_axis != nullptr) {
    const std::string length = LengthOf(*long_axis, ours);
    const std::string unit = " " + long_axis->unit.value;
    const bool same_unit =
        long_axis->unit.value == short_axis->unit.value && length.ends_with(unit);
    return (same_unit ? length.substr(0, length.size() - unit.size()) : length) + " x " +
           LengthOf(*short_axis, ours);
  }
  if (long_axis != nullptr)
    return "long axis " + LengthOf(*long_axis, ours);
  return short_axis != nullptr ? "short axis " + LengthOf(*short_axis, ours) : "";
}

// A merged or finer level than the code says stands in our Comment only: "..., level II/III
// right,".
std::string LevelInComment(const std::string& comment) {
  constexpr std::string_view kKey = ", level ";
  const std::size_t start = comment.find(kKey);
  if (start == std::string::npos)
    return {};
  const std::size_t from = start + 2;
  return comment.substr(from, comment.find(',', from) - from);
}

// The number by which viewers know the key image stands in our Comment only: "..., image 36, ...".
std::string ImageInComment(const std::string& comment) {
  constexpr std::string_view kKey = ", image ";
  const std::size_t start = comment.find(kKey);
  if (start == std::string::npos)
    return {};
  const std::size_t from = start + kKey.size();
  return comment.substr(from, comment.find(',', from) - from);
}

std::string SiteOf(const ReportItem& group, const std::string& comment, bool ours) {
  const ReportItem* site = group.Child(codes::kFindingSite);
  std::string side;
  for (const ReportItem* item : {site, &group}) {
    const ReportItem* laterality = item == nullptr ? nullptr : item->Child(codes::kLaterality);
    if (side.empty() && laterality != nullptr)
      side = laterality->code.meaning;
  }
  if (!ours)
    return Shown((site == nullptr ? "" : site->code.meaning) + (side.empty() ? "" : ", " + side));
  if (const std::string level = LevelInComment(comment); !level.empty())
    return Shown(level);
  std::string text;
  for (const auto& [level, code] : codes::kLevels) {
    if (site != nullptr && site->code.Is(code))
      text = "level " + std::string(level);
  }
  if (!side.empty())
    side[0] = side[0] == 'R' ? 'r' : side[0] == 'L' ? 'l' : side[0];
  if (text.empty() && !side.empty())
    return Shown(side + " side");
  return Shown(text + (side.empty() ? "" : " " + side));
}

void JudgeNode(const ReportItem& group, bool ours, ViewedNode& node) {
  struct Words {
    Code code;
    ViewedNode::Tone tone;
    std::string_view words;
  };
  const std::array kWords = {
      Words{codes::kMalignant, ViewedNode::Tone::kSuspicious, "suspicious for metastasis"},
      Words{
          codes::kIndeterminate, ViewedNode::Tone::kIndeterminate, "indeterminate for metastasis"},
      Words{codes::kBenign, ViewedNode::Tone::kNotSuspicious, "not suspicious for metastasis"}};
  const ReportItem* finding = group.Child(codes::kFinding);
  if (finding != nullptr)
    node.judgement = Shown(finding->code.meaning);
  const ReportItem* malignancy = group.Child(codes::kMalignancy);
  if (malignancy == nullptr)
    return;
  node.judgement += (node.judgement.empty() ? "" : ", ") + Shown(malignancy->code.meaning);
  for (const Words& words : kWords) {
    if (malignancy->code.Is(words.code)) {
      node.tone = words.tone;
      if (ours)
        node.judgement = words.words;
    }
  }
}

// The first image that a coordinate of the group is selected from, or that it names itself.
const ReadReference* KeyImageOf(const ReportItem& group) {
  const ReadReference* found = nullptr;
  group.ForEach([&](const ReportItem& item) {
    if (found == nullptr && item.value_type == "IMAGE" && !item.references.empty())
      found = &item.references.front();
  });
  return found;
}

std::string ValueOf(const ReportItem& item) {
  if (item.value_type == "NUM")
    return ShownNumber(item);
  if (item.value_type == "CODE")
    return Shown(item.code.meaning);
  return item.value_type == "TEXT" ? Shown(item.text) : "";
}

std::vector<Fact> OthersOf(const ReportItem& group) {
  constexpr std::array kHavePlaces = {codes::kShortAxis,
                                      codes::kLongAxis,
                                      codes::kProbabilityOfCancer,
                                      codes::kAttenuation,
                                      codes::kFinding,
                                      codes::kFindingCategory,
                                      codes::kMalignancy,
                                      codes::kGeometricPurpose,
                                      codes::kComment};
  std::vector<Fact> others;
  for (const ReportItem& item : group.children) {
    if (item.relationship != "CONTAINS" || IsOneOf(item.name, kHavePlaces) ||
        IsOfTheBox(group, item.name) || others.size() == kMaxOthers)
      continue;
    AddFact(others, Shown(item.name.meaning), ValueOf(item));
  }
  return others;
}

// What our Comment says beyond what has a place of its own.
std::string RestOfComment(const ViewedNode& node) {
  const std::array shown = {node.name + " " + node.judgement,
                            "P " + node.probability,
                            node.site,
                            node.axes + " axial",
                            "image " + node.key_image,
                            std::string("axes not measured")};
  std::string rest;
  for (std::size_t start = 0; start <= node.comment.size();) {
    const std::size_t end = std::min(node.comment.find(", ", start), node.comment.size());
    const std::string part = node.comment.substr(start, end - start);
    if (std::find(shown.begin(), shown.end(), part) == shown.end())
      rest += (rest.empty() ? "" : ", ") + part;
    start = end + 2;
  }
  return rest;
}

ViewedNode ViewNode(const ReportItem& group,
                    const ImageOrder& order,
                    const std::string& warning,
                    bool ours) {
  ViewedNode node;
  if (const ReportItem* name = group.Child(codes::kTrackingIdentifier))
    node.name = Shown(name->text);
  if (const ReportItem* comment = group.Child(codes::kComment))
    node.comment = ShownText(WithoutWarning(comment->text, warning));
  JudgeNode(group, ours, node);
  node.probability = ProbabilityOf(group);
  node.site = SiteOf(group, node.comment, ours);
  node.axes = AxesOf(group, ours);
  node.attenuation = NumberOf(group, codes::kAttenuation);
  if (const ReadReference* image = KeyImageOf(group)) {
    node.key_image = order.PlaceOf(*image);
    node.key_sop_instance_uid = Shown(image->sop_instance_uid);
    node.key_frame = Shown(image->frames);
  }
  if (ours) {
    if (const std::string image = ImageInComment(node.comment); !image.empty())
      node.key_image = image;
    node.comment = RestOfComment(node);
  }
  node.others = OthersOf(group);
  return node;
}

}  // namespace

bool IsOurReport(const ReadReport& report) {
  return Get(report.dataset(), DCM_Manufacturer) == "necknode" &&
         Get(report.dataset(), DCM_ManufacturerModelName) == "necknode";
}

std::vector<ViewedNode> ViewNodes(const ReadReport& report,
                                  const std::string& warning,
                                  std::size_t max_nodes) {
  const ImageOrder order(report);
  const bool ours = IsOurReport(report);
  std::vector<ViewedNode> nodes;
  for (const ReportItem* group : report.groups) {
    if (nodes.size() == max_nodes)
      break;
    nodes.push_back(ViewNode(*group, order, warning, ours));
  }
  return nodes;
}

}  // namespace necknode::sr_writer
