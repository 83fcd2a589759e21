#include "app/stage_clock.h"

namespace necknode::app {

void StageClock::Enter(const std::string& stage, const std::string& device) {
  if (stage == stage_) {
    return;
  }
  Leave();
  stage_ = stage;
  device_ = device.substr(0, device.find(' '));
  begun_ = std::chrono::steady_clock::now();
}

void StageClock::Leave() {
  if (stage_.empty()) {
    return;
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
  counted_.Observe("necknode_stage_duration_seconds", {{"stage", stage_}}, seconds);
  if (stage_.starts_with("detect")) {
    counted_.Add("necknode_inference_seconds_total", {{"device", device_}}, seconds);
  }
  stage_.clear();
}

}  // namespace necknode::app
