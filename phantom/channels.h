#pragma once

#include <cstddef>

namespace necknode::phantom {

/// Tissues whose surfaces the anatomy knows. A later one covers an earlier one where both claim a
/// place.
enum class Channel : unsigned {
  kMuscleD,
  kMuscleC,
  kMuscleB,
  kMuscleA,  ///< four, so that neighbouring muscles keep the fat plane between them
  kTongue,
  kParotid,
  kSubmandibular,
  kMucosa,  ///< walls of pharynx, larynx, trachea and oesophagus
  kLung,
  kThyroid,
  kDisc,
  kCanal,  ///< spinal canal with the cord
  kBrain,
  kVein,
  kArtery,
  kAirway,
  kFold,  ///< soft tissue inside the airway: epiglottis, uvula
  kCartilage,
  kBone,
  kTooth,
};
inline constexpr std::size_t kChannels = 20;

[[nodiscard]] constexpr std::size_t IndexOf(Channel channel) {
  return static_cast<std::size_t>(channel);
}

}  // namespace necknode::phantom
