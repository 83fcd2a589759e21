#include "models/detections.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "models/box_ops.h"
#include "models/nms.h"

namespace necknode::models {

ImageDetections BestDetections(const torch::Tensor& boxes,
                               const torch::Tensor& scores,
                               const DetectionLimits& limits,
                               std::int64_t height,
                               std::int64_t width) {
  const torch::Tensor clipped = ClipBoxes(boxes, height, width);
  std::vector<torch::Tensor> chosen_boxes, chosen_scores, chosen_labels;
  for (std::int64_t of_class = 0; of_class < scores.size(1); ++of_class) {
    const torch::Tensor of_all = scores.select(1, of_class);
    const torch::Tensor above = torch::nonzero(of_all > limits.score).view(-1);
    const std::int64_t count = std::min(limits.candidates, above.size(0));
    auto [best, place] = of_all.index_select(0, above).topk(count);
    chosen_boxes.push_back(clipped.index_select(0, above.index_select(0, place)));
    chosen_labels.push_back(torch::full_like(place, of_class + 1));
    chosen_scores.push_back(best);
  }
  const torch::Tensor all_boxes = torch::cat(chosen_boxes), all_scores = torch::cat(chosen_scores);
  const torch::Tensor labels = torch::cat(chosen_labels);
  const torch::Tensor kept =
      Nms(all_boxes, all_scores, limits.nms, labels).slice(0, 0, limits.detections);
  return {all_boxes.index_select(0, kept),
          all_scores.index_select(0, kept),
          labels.index_select(0, kept)};
}

}  // namespace necknode::models
