#include "models/training_loop.h"

#include <fstream>
#include <limits>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "models/safetensors.h"
#include "tests/models/expect_tensor.h"
#include "tests/support/temp_folder.h"

namespace necknode::models {
namespace {

TrainerOptions ShortRun(const std::filesystem::path& folder) {
  TrainerOptions options;
  options.steps = 12;
  options.learning_rate = 0.1;
  options.warmup_steps = 3;
  options.gradient_norm = 1;
  options.checkpoint_every = 5;
  options.validate_every = 0;
  options.report_every = 2;
  options.folder = folder;
  return options;
}

/// A network with dropout, so that a lost random state would show.
torch::nn::Sequential Network() {
  torch::manual_seed(5);
  return torch::nn::Sequential(torch::nn::Linear(4, 8),
                               torch::nn::BatchNorm1d(8),
                               torch::nn::ReLU(),
                               torch::nn::Dropout(0.3),
                               torch::nn::Linear(8, 1));
}

/// Learns y = x0 - x1 from a batch that only `step` decides. Stops with an exception at `stop_at`.
Trainable Task(torch::nn::Sequential& network, std::int64_t stop_at = -1) {
  const auto losses = [&network, stop_at](std::int64_t step) -> NamedLosses {
    if (step == stop_at) {
      throw Error(ErrorCode::kInternal, "killed");
    }
    torch::manual_seed(SeedOfStep(9, step));
    const auto x = torch::randn({16, 4});
    const auto wanted = x.select(1, 0) - x.select(1, 1);
    return {{"square", (network->forward(x).select(1, 0) - wanted).square().mean()}};
  };
  return {*network, losses, nullptr};
}

std::string Lines(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(LearningRateAt, WarmsUpThenFollowsTheCosine) {
  TrainerOptions options;
  options.steps = 1000;
  options.learning_rate = 0.02;
  options.warmup_steps = 200;
  EXPECT_DOUBLE_EQ(LearningRateAt(options, 0), 0.0001);
  EXPECT_DOUBLE_EQ(LearningRateAt(options, 199), 0.02);
  EXPECT_DOUBLE_EQ(LearningRateAt(options, 600), 0.01);
  EXPECT_NEAR(LearningRateAt(options, 1000), 0, 1e-12);
}

TEST(LearningRateAt, FallsInStepsOrRefuses) {
  TrainerOptions options;
  options.steps = 1000;
  options.warmup_steps = 0;
  options.schedule = "steps";
  EXPECT_DOUBLE_EQ(LearningRateAt(options, 599), options.learning_rate);
  EXPECT_DOUBLE_EQ(LearningRateAt(options, 600), 0.1 * options.learning_rate);
  EXPECT_NEAR(LearningRateAt(options, 900), 0.01 * options.learning_rate, 1e-12);
  options.schedule = "line";
  EXPECT_EQ(ErrorOf([&] { (void)LearningRateAt(options, 0); }),
            "invalid_argument: schedule is 'line', not cosine or steps");
}

TEST(RunTraining, LowersTheLossAndWritesItsCurve) {
  const tests::TempFolder folder;
  auto network = Network();
  auto options = ShortRun(folder.path());
  options.steps = 60;
  double first = 0;
  const auto last = RunTraining(options, Task(network), [&](const TrainingReport& report) {
    first = report.step == 2 ? report.loss : first;
  });
  EXPECT_EQ(last.step, 60);
  EXPECT_LT(last.loss, 0.5 * first);
  EXPECT_TRUE(Lines(folder.path() / "curve.csv")
                  .starts_with("step,learning_rate,loss,square,validation\n2,"));
}

TEST(RunTraining, StepsAsTorchsOwnOptimiser) {
  const tests::TempFolder folder;
  auto ours = Network();
  auto theirs = Network();
  auto options = ShortRun(folder.path());
  options.steps = 6;
  (void)RunTraining(options, Task(ours), nullptr);
  torch::optim::SGD sgd(
      theirs->parameters(),
      torch::optim::SGDOptions(1).momentum(options.momentum).weight_decay(options.weight_decay));
  auto task = Task(theirs);
  theirs->train();
  for (std::int64_t step = 0; step < options.steps; ++step) {
    dynamic_cast<torch::optim::SGDOptions&>(sgd.param_groups()[0].options())
        .lr(LearningRateAt(options, step));
    torch::manual_seed(SeedOfStep(options.seed, step));
    sgd.zero_grad();
    task.losses(step).front().second.backward();
    torch::nn::utils::clip_grad_norm_(theirs->parameters(), options.gradient_norm);
    sgd.step();
  }
  for (const auto& parameter : ours->named_parameters()) {
    EXPECT_TRUE(
        torch::allclose(parameter.value(), theirs->named_parameters()[parameter.key()], 1e-5, 1e-7))
        << parameter.key();
  }
}

TEST(RunTraining, KilledAndResumedGivesTheWeightsOfAnUnbrokenRun) {
  const tests::TempFolder unbroken, broken;
  auto whole = Network();
  (void)RunTraining(ShortRun(unbroken.path()), Task(whole), nullptr);

  auto options = ShortRun(broken.path());
  auto killed = Network();
  EXPECT_THROW((void)RunTraining(options, Task(killed, 8), nullptr), Error);
  torch::manual_seed(77);
  torch::nn::Sequential resumed = Network();
  for (auto& parameter : resumed->parameters()) {
    parameter.data().fill_(0.5);
  }
  options.resume = true;
  std::int64_t first_step = -1;
  auto task = Task(resumed);
  const auto losses = task.losses;
  task.losses = [&](std::int64_t step) {
    first_step = first_step < 0 ? step : first_step;
    return losses(step);
  };
  (void)RunTraining(options, task, nullptr);
  EXPECT_EQ(first_step, 5);
  for (const auto& parameter : whole->named_parameters()) {
    EXPECT_TRUE(torch::equal(parameter.value(), resumed->named_parameters()[parameter.key()]))
        << parameter.key();
  }
  EXPECT_TRUE(torch::equal(whole->named_buffers()["1.running_var"],
                           resumed->named_buffers()["1.running_var"]));
  EXPECT_EQ(Lines(unbroken.path() / "curve.csv"), Lines(broken.path() / "curve.csv"));
}

TEST(RunTraining, ResumingWithOtherOptionsIsRefusedNamingThem) {
  const tests::TempFolder folder;
  auto network = Network();
  auto options = ShortRun(folder.path());
  options.course = {{"architecture", "one"}, {"data", "phantom:seeds 1-3"}};
  (void)RunTraining(options, Task(network), nullptr);
  options.resume = true;
  EXPECT_EQ(RunTraining(options, Task(network), nullptr).first_step, 12) << "nothing is left to do";
  options.steps = 20;
  options.learning_rate = 0.2;
  options.course = {{"architecture", "two"}};
  EXPECT_EQ(ErrorOf([&] { (void)RunTraining(options, Task(network), nullptr); }),
            "invalid_argument: the checkpoint is of a run with other options: steps (12 there, 20 "
            "now), rate (0.1 there, 0.2 now), architecture (one there, two now), data "
            "(phantom:seeds 1-3 there, not set now)");
}

TEST(RunTraining, ResumingWithoutACheckpointIsRefused) {
  const tests::TempFolder folder;
  auto network = Network();
  auto options = ShortRun(folder.path() / "none");
  options.resume = true;
  EXPECT_THAT(ErrorOf([&] { (void)RunTraining(options, Task(network), nullptr); }),
              testing::AllOf(testing::StartsWith("invalid_argument: nothing to resume"),
                             testing::HasSubstr(options.folder.string())));
  EXPECT_FALSE(std::filesystem::exists(options.folder)) << "a mistyped folder is not made";
}

TEST(RunTraining, AnEarlierRunIsOverwrittenOnlyWhenAsked) {
  const tests::TempFolder folder;
  auto network = Network();
  auto options = ShortRun(folder.path());
  (void)RunTraining(options, Task(network), nullptr);
  EXPECT_THAT(ErrorOf([&] { (void)RunTraining(options, Task(network), nullptr); }),
              testing::AllOf(testing::StartsWith("invalid_argument: "),
                             testing::HasSubstr(folder.path().string()),
                             testing::HasSubstr("--overwrite")));
  options.overwrite = true;
  auto anew = Network();
  EXPECT_THROW((void)RunTraining(options, Task(anew, 1), nullptr), Error);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "checkpoint.safetensors"))
      << "else a resume would mix two runs";
}

TEST(RunTraining, CountsTheSecondsOfAllProcesses) {
  const tests::TempFolder folder;
  auto network = Network();
  auto options = ShortRun(folder.path());
  EXPECT_THROW((void)RunTraining(options, Task(network, 8), nullptr), Error);
  options.resume = true;
  const SafetensorsFile checkpoint(folder.path() / "checkpoint.safetensors");
  const auto state = nlohmann::json::parse(checkpoint.metadata().at("state"));
  const auto last = RunTraining(options, Task(network), nullptr);
  EXPECT_GT(last.seconds, state["seconds"].get<double>());
  EXPECT_GT(state["seconds"].get<double>(), 0);
}

TEST(RunTraining, AFailedWriteLeavesTheLastCheckpointWhole) {
  const tests::TempFolder folder;
  auto network = Network();
  auto options = ShortRun(folder.path());
  auto task = Task(network);
  const auto losses = task.losses;
  task.losses = [&](std::int64_t step) {
    if (step == 9) {
      // As a full disk: the folder takes no new file any more.
      std::filesystem::create_directory(folder.path() / "checkpoint.safetensors.part");
    }
    return losses(step);
  };
  EXPECT_THAT(ErrorOf([&] { (void)RunTraining(options, task, nullptr); }),
              testing::StartsWith("storage_failed: "));
  const SafetensorsFile checkpoint(folder.path() / "checkpoint.safetensors");
  EXPECT_EQ(nlohmann::json::parse(checkpoint.metadata().at("state"))["step"], 5);
}

TEST(RunTraining, StopsWhereTheLossIsNotFinite) {
  const tests::TempFolder folder;
  auto network = Network();
  Trainable task{
      *network,
      [&](std::int64_t) -> NamedLosses {
        return {{"bad", network->parameters()[0].sum() * std::numeric_limits<double>::quiet_NaN()}};
      },
      nullptr};
  EXPECT_EQ(ErrorOf([&] { (void)RunTraining(ShortRun(folder.path()), task, nullptr); }),
            "model: training diverged: the loss of step 0 is not finite");
}

}  // namespace
}  // namespace necknode::models
