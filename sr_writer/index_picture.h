#pragma once

#include <optional>

#include "sr_writer/documents.h"

namespace necknode::sr_writer {

/// The analysed range seen from the front as in a scout view, with a box for each node at its
/// place, its label beside the patient, letters of direction and a scale bar. Head up, patient's
/// right on the left, the same scale in both directions, whatever the order and the in-plane
/// rotation of the slices. nullopt where there is no node or the slices are not axial (their normal
/// is more than 37 degrees off the patient's axis).
[[nodiscard]] std::optional<KeyPicture> DrawIndexPicture(const Assessment& assessment,
                                                         const Volume& volume);

}  // namespace necknode::sr_writer
