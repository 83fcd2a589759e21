#include "dicom_io/frame_attributes.h"

#include "core/error.h"
#include "dicom_io/value_text.h"

namespace necknode::dicom_io {

namespace {

std::optional<std::string> ValueOf(DcmItem& item, const DcmTagKey& tag) {
  OFString value;
  if (item.findAndGetOFStringArray(tag, value).bad()) {
    return std::nullopt;
  }
  const std::string_view text = Trim(std::string_view(value.c_str(), value.size()));
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

std::optional<std::string> ValueInGroup(DcmItem& item,
                                        const DcmTagKey& group,
                                        const DcmTagKey& tag) {
  DcmItem* inner = nullptr;
  if (item.findAndGetSequenceItem(group, inner, 0).bad() || inner == nullptr) {
    return std::nullopt;
  }
  return ValueOf(*inner, tag);
}

}  // namespace

FrameAttributes::FrameAttributes(DcmDataset& dataset, int frames) : dataset_(dataset) {
  dataset.findAndGetSequenceItem(DCM_SharedFunctionalGroupsSequence, shared_, 0);
  DcmSequenceOfItems* groups = nullptr;
  if (dataset.findAndGetSequence(DCM_PerFrameFunctionalGroupsSequence, groups).bad() ||
      groups == nullptr) {
    return;
  }
  // Walked once: getItem() counts from the start each time.
  for (DcmObject* item = groups->nextInContainer(nullptr); item != nullptr;
       item = groups->nextInContainer(item)) {
    per_frame_.push_back(static_cast<DcmItem*>(item));
  }
  if (per_frame_.size() != static_cast<std::size_t>(frames)) {
    throw Error(ErrorCode::kParse,
                "the image has " + std::to_string(frames) + " frames, but functional groups for " +
                    std::to_string(per_frame_.size()));
  }
}

std::optional<std::string> FrameAttributes::Text(int frame,
                                                 const DcmTagKey& group,
                                                 const DcmTagKey& tag) const {
  if (!per_frame_.empty()) {
    if (auto value = ValueInGroup(*per_frame_[static_cast<std::size_t>(frame)], group, tag)) {
      return value;
    }
  }
  if (shared_ != nullptr) {
    if (auto value = ValueInGroup(*shared_, group, tag)) {
      return value;
    }
  }
  const bool classic = per_frame_.empty() && shared_ == nullptr;
  return classic ? ValueOf(dataset_, tag) : std::nullopt;
}

std::optional<double> FrameAttributes::Number(int frame,
                                              const DcmTagKey& group,
                                              const DcmTagKey& tag) const {
  const auto text = Text(frame, group, tag);
  return text ? ParseDecimal(text->substr(0, text->find('\\'))) : std::nullopt;
}

std::optional<std::vector<double>> FrameAttributes::Numbers(int frame,
                                                            const DcmTagKey& group,
                                                            const DcmTagKey& tag,
                                                            std::size_t count) const {
  const auto text = Text(frame, group, tag);
  return text ? ParseDecimals(*text, count) : std::nullopt;
}

}  // namespace necknode::dicom_io
