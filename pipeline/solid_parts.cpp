#include "pipeline/solid_parts.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include <opencv2/imgproc.hpp>

namespace necknode::pipeline {
namespace {

/// Numbers that are found to mean the same part are joined to the lowest of them.
class Joined {
 public:
  int Add() {
    parent_.push_back(static_cast<int>(parent_.size()));
    return parent_.back();
  }
  int Find(int i) {
    while (parent_[static_cast<std::size_t>(i)] != i) {
      int& parent = parent_[static_cast<std::size_t>(i)];
      parent = parent_[static_cast<std::size_t>(parent)];
      i = parent;
    }
    return i;
  }
  void Join(int a, int b) {
    const auto [low, high] = std::minmax({Find(a), Find(b)});
    parent_[static_cast<std::size_t>(high)] = low;
  }

 private:
  std::vector<int> parent_;
};

// Labels of one slice, 0 outside; numbers go on over the slices.
cv::Mat LabelSlice(const AxialView& view, int k, int hu, Joined& joined) {
  std::vector<std::int16_t> slice = view.Slice(k);
  const cv::Mat above = cv::Mat(view.rows(), view.columns(), CV_16SC1, slice.data()) > hu;
  cv::Mat labels;
  const int count = cv::connectedComponents(above, labels, 8, CV_32S);
  std::vector<int> numbers(static_cast<std::size_t>(count));
  for (int label = 1; label < count; ++label)
    numbers[static_cast<std::size_t>(label)] = joined.Add();
  for (int row = 0; row < labels.rows; ++row) {
    int* at = labels.ptr<int>(row);
    for (int column = 0; column < labels.cols; ++column)
      at[column] = at[column] == 0 ? -1 : numbers[static_cast<std::size_t>(at[column])];
  }
  return labels;
}

void JoinSlices(const cv::Mat& below, const cv::Mat& above, Joined& joined) {
  for (int row = 0; row < below.rows; ++row) {
    const int *lower = below.ptr<int>(row), *upper = above.ptr<int>(row);
    for (int column = 0; column < below.cols; ++column) {
      if (lower[column] >= 0 && upper[column] >= 0)
        joined.Join(lower[column], upper[column]);
    }
  }
}

void AddCell(SolidPart& part, int column, int row, int k) {
  const SolidPart::Cell cell{static_cast<std::int16_t>(column),
                             static_cast<std::int16_t>(row),
                             static_cast<std::int16_t>(k)};
  part.cells.push_back(cell);
  part.low = {std::min(part.low.column, cell.column),
              std::min(part.low.row, cell.row),
              std::min(part.low.k, cell.k)};
  part.high = {std::max(part.high.column, cell.column),
               std::max(part.high.row, cell.row),
               std::max(part.high.k, cell.k)};
}

}  // namespace

std::vector<SolidPart> FindSolidParts(const AxialView& view, int hu, int min_cells) {
  Joined joined;
  std::vector<cv::Mat> labels;
  for (int k = 0; k < view.slices(); ++k) {
    labels.push_back(LabelSlice(view, k, hu, joined));
    if (k > 0)
      JoinSlices(labels[labels.size() - 2], labels.back(), joined);
  }
  std::map<int, SolidPart> by_number;
  for (int k = 0; k < view.slices(); ++k) {
    const cv::Mat& slice = labels[static_cast<std::size_t>(k)];
    for (int row = 0; row < slice.rows; ++row) {
      const int* at = slice.ptr<int>(row);
      for (int column = 0; column < slice.cols; ++column) {
        if (at[column] >= 0)
          AddCell(by_number[joined.Find(at[column])], column, row, k);
      }
    }
  }
  std::vector<SolidPart> parts;
  for (auto& [number, part] : by_number) {
    if (static_cast<int>(part.cells.size()) >= min_cells)
      parts.push_back(std::move(part));
  }
  std::ranges::stable_sort(
      parts, std::greater{}, [](const SolidPart& part) { return part.cells.size(); });
  return parts;
}

}  // namespace necknode::pipeline
