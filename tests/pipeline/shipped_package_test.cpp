#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "phantom/dicom_series.h"
#include "pipeline/process_study.h"
#include "tests/support/read_bytes.h"
#include "tests/support/temp_folder.h"

namespace necknode::pipeline {
namespace {

bool IsFound(const phantom::TrueNode& truth, const std::vector<LymphNode>& nodes) {
  return std::ranges::any_of(nodes, [&](const LymphNode& node) {
    return std::ranges::any_of(node.boxes, [&](const NodeBox& box) {
      return std::ranges::any_of(truth.boxes, [&](const auto& true_box) {
        return true_box.slice == box.slice && IntersectionOverUnion(true_box.box, box.box) >= 0.3;
      });
    });
  });
}

TEST(ShippedPackage, FindsHalfOfAPhantomsNodesWithinItsIntendedUse) {
  const std::filesystem::path folder =
      std::filesystem::path(NECKNODE_SOURCE_DIR) / "models" / "packages" / "phantom" / "2";
  const models::Package package = models::LoadPackage(folder);
  models::UseAllCpus();
  models::Inference inference(package, "cpu");
  phantom::PhantomOptions options;
  options.seed = 20261;
  options.slices = 40;
  StudyOptions study;
  study.job_key = "job";
  const phantom::Phantom neck = phantom::MakePhantom(options);
  const tests::TempFolder out;
  std::vector<dicom_io::SliceSource> sources;
  for (const auto& file : phantom::WriteDicomSeries(neck, {}, out.path() / "ct")) {
    sources.push_back({file.filename().string(), [file] { return tests::ReadBytes(file); }});
  }
  const StudyResult result = ProcessStudy(sources, inference, package, study, nullptr, nullptr);
  ASSERT_EQ(result.outcome, Outcome::kDone) << result.reason;
  EXPECT_TRUE(result.assessment.broken_limits.empty());
  const auto found = std::ranges::count_if(neck.nodes, [&](const phantom::TrueNode& truth) {
    return IsFound(truth, result.assessment.nodes);
  });
  EXPECT_GE(2 * static_cast<std::size_t>(found), neck.nodes.size());
}

}  // namespace
}  // namespace necknode::pipeline
