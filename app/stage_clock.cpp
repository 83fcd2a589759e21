#include "app/stage_clock.h"

namespace necknode::app {
namespace {

constexpr const char* kStageDuration = "necknode_stage_duration_seconds";
constexpr const char* kInferenceTime = "necknode_inference_seconds_total";

std::string NameOf(const std::string& device) { return device.substr(0, device.find(' ')); }

}  // namespace

void StageClock::CountFromZero(const std::string& device) {
  for (const char* stage : {"read", "detect", "measure", "write", "pictures", "store"}) {
    counted_.BeginHistogram(kStageDuration, {{"stage", stage}});
  }
  counted_.Add(kInferenceTime, {{"device", NameOf(device)}}, 0);
}

void StageClock::Enter(const std::string& stage, const std::string& device) {
  if (stage == stage_) {
    return;
  }
  Leave();
  stage_ = stage;
  device_ = NameOf(device);
  begun_ = std::chrono::steady_clock::now();
}

void StageClock::Leave() {
  if (stage_.empty()) {
    return;
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
  counted_.Observe(kStageDuration, {{"stage", stage_}}, seconds);
  if (stage_.starts_with("detect")) {
    counted_.Add(kInferenceTime, {{"device", device_}}, seconds);
  }
  stage_.clear();
}

}  // namespace necknode::app
