#pragma once

#include <memory>
#include <string>

#include "training/data_options.h"
#include "training/labelled_study.h"
#include "training/phantom_pool.h"

namespace necknode::training {

/// A phantom as a labelled study, all of whose slices are labelled; shares its volume. Nodes are
/// numbered in the order of phantom.nodes. The patient is the seed.
[[nodiscard]] std::shared_ptr<const LabelledStudy> AsLabelledStudy(
    const std::shared_ptr<const phantom::Phantom>& phantom);

/// Phantoms of a range of seeds, one study each.
class PhantomStudies : public LabelledStudies {
 public:
  /// `base` is what all have in common but the seed; `in_memory` of them are kept.
  PhantomStudies(const SeedRange& seeds,
                 const phantom::PhantomOptions& base,
                 std::size_t in_memory = 2)
      : seeds_(seeds), slices_(static_cast<std::size_t>(base.slices)), pool_(base, in_memory) {}
  [[nodiscard]] std::size_t Count() const override { return seeds_.Count(); }
  [[nodiscard]] std::shared_ptr<const LabelledStudy> Get(std::size_t index) override;
  [[nodiscard]] std::string PatientOf(std::size_t index) const override;
  [[nodiscard]] std::size_t SlicesOf(std::size_t /*index*/) const override { return slices_; }
  [[nodiscard]] std::string Description() const override;

 private:
  SeedRange seeds_;
  std::size_t slices_;
  PhantomPool pool_;
};

}  // namespace necknode::training
