#include "pipeline/optimal_assignment.h"

#include <limits>

namespace necknode::pipeline {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Shortest augmenting paths with potentials. Column 0 is where a row starts that has none yet; the
// columns after the real ones are places to stay alone, one for each row.
class Assignment {
 public:
  Assignment(const std::vector<std::vector<double>>& costs, std::size_t columns, double alone)
      : costs_(costs),
        real_(columns),
        alone_(alone),
        of_row_(costs.size() + 1),
        of_column_(columns + costs.size() + 1),
        owner_(of_column_.size()) {}

  void Place(std::size_t row) {
    owner_[0] = row;
    std::size_t column = 0;
    std::vector<double> least(of_column_.size(), kInfinity);
    std::vector<std::size_t> before(of_column_.size());
    std::vector<bool> used(of_column_.size());
    do {
      used[column] = true;
      const std::size_t from = owner_[column];
      std::size_t next = 0;
      double step = kInfinity;
      for (std::size_t j = 1; j < of_column_.size(); ++j) {
        if (used[j])
          continue;
        const double reduced = Cost(from, j) - of_row_[from] - of_column_[j];
        if (reduced < least[j]) {
          least[j] = reduced;
          before[j] = column;
        }
        if (least[j] < step) {
          step = least[j];
          next = j;
        }
      }
      for (std::size_t j = 0; j < of_column_.size(); ++j) {
        if (used[j]) {
          of_row_[owner_[j]] += step;
          of_column_[j] -= step;
        } else {
          least[j] -= step;
        }
      }
      column = next;
    } while (owner_[column] != 0);
    for (; column != 0; column = before[column])
      owner_[column] = owner_[before[column]];
  }

  [[nodiscard]] std::size_t Owner(std::size_t column) const { return owner_[column]; }

 private:
  [[nodiscard]] double Cost(std::size_t row, std::size_t column) const {
    return column <= real_ ? costs_[row - 1][column - 1] : alone_;
  }

  const std::vector<std::vector<double>>& costs_;
  std::size_t real_;
  double alone_;
  std::vector<double> of_row_, of_column_;  // potentials
  std::vector<std::size_t> owner_;          // row of a column, 0: none
};

}  // namespace

std::vector<std::optional<std::size_t>> AssignOptimally(
    const std::vector<std::vector<double>>& costs, double alone) {
  std::vector<std::optional<std::size_t>> columns(costs.size());
  if (costs.empty())
    return columns;
  const std::size_t count = costs.front().size();
  Assignment assignment(costs, count, alone);
  for (std::size_t row = 1; row <= costs.size(); ++row)
    assignment.Place(row);
  for (std::size_t column = 1; column <= count; ++column) {
    if (const std::size_t row = assignment.Owner(column); row != 0)
      columns[row - 1] = column - 1;
  }
  return columns;
}

}  // namespace necknode::pipeline
