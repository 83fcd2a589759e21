#pragma once

#include "models/resnet.h"

namespace necknode::models {

/// Stage `stage` (2, 3 or 4) of `body` keeps its input's resolution: the stride of its first block
/// becomes 1. With `dilate` the 3x3 of its further blocks are dilated by 2, so that they see as far
/// as before (torchvision's replace_stride_with_dilation; Dai et al., "R-FCN", 2016, section 3).
/// Parameters stay as they are. Later stages inherit the finer resolution.
void KeepResolution(ResNetBodyImpl& body, int stage, bool dilate);

}  // namespace necknode::models
