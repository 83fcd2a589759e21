#include "core/lymph_node.h"

#include "core/error.h"

namespace necknode {

Compartment LymphNode::GetCompartment() const {
  if (level.empty() || level.starts_with("VII"))
    return Compartment::kNotDetermined;
  return level == "VI" ? Compartment::kCentral : Compartment::kLateral;
}

const NodeBox& LymphNode::KeyBox() const {
  for (const NodeBox& box : boxes) {
    if (box.slice == key_slice) {
      return box;
    }
  }
  throw Error(ErrorCode::kInternal,
              Identifier() + " has no box on its key slice " + std::to_string(key_slice));
}

std::optional<double> LymphNode::ShortAxisChange() const {
  if (!short_axis || !earlier || !earlier->short_axis_mm)
    return std::nullopt;
  return short_axis->length_mm - *earlier->short_axis_mm;
}

}  // namespace necknode
