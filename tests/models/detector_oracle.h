#pragma once

#include <memory>
#include <string>

#include "models/safetensors.h"
#include "tests/models/expect_tensor.h"
#include "tests/models/oracle.h"
#include "tests/support/temp_folder.h"

namespace necknode::models {

/// What oracle/detectors.py wrote, run once a process. A failed run (no torchvision, say) fails
/// every test that asks.
class DetectorOracle {
 public:
  static const DetectorOracle& Get() {
    static const DetectorOracle oracle;
    if (!oracle.error_.empty())
      throw Error(ErrorCode::kInternal, oracle.error_);
    return oracle;
  }
  [[nodiscard]] torch::Tensor Operator(const std::string& name) const {
    return operators_->Tensor(name);
  }
  [[nodiscard]] torch::Tensor Network(const std::string& name) const {
    return network_->Tensor(name);
  }
  [[nodiscard]] std::filesystem::path weights() const { return folder_.path() / "weights"; }

 private:
  DetectorOracle() {
    const auto file = [this](const char* name) { return (folder_.path() / name).string(); };
    error_ = RunOracle("detectors.py",
                       {{"operators", file("operators")},
                        {"network", file("network")},
                        {"weights", file("weights")}},
                       folder_.path());
    if (error_.empty()) {
      operators_ = std::make_unique<SafetensorsFile>(file("operators"));
      network_ = std::make_unique<SafetensorsFile>(file("network"));
    }
  }

  tests::TempFolder folder_;
  std::string error_;
  std::unique_ptr<SafetensorsFile> operators_, network_;
};

/// Fails unless both have the same shape and differ by at most `tolerance`; infinities and
/// not-a-numbers must stand at the same places.
inline void ExpectNear(const torch::Tensor& found,
                       const torch::Tensor& wanted,
                       double tolerance,
                       const std::string& what) {
  ASSERT_EQ(found.sizes(), wanted.sizes()) << what;
  const torch::Tensor a = found.detach().to(torch::kDouble), b = wanted.to(torch::kDouble);
  const torch::Tensor finite = torch::isfinite(b);
  const torch::Tensor difference = torch::where(finite, (a - b).abs(), torch::zeros_like(a));
  EXPECT_LE(difference.numel() > 0 ? difference.max().item<double>() : 0, tolerance) << what;
  const torch::Tensor rest = ~finite;
  EXPECT_TRUE(torch::equal(torch::nan_to_num(a.masked_select(rest), 7),
                           torch::nan_to_num(b.masked_select(rest), 7)))
      << what << ": infinities";
}

}  // namespace necknode::models
