#include "training/training_course.h"

#include "models/training_curve.h"
#include "training/line_plot.h"

namespace necknode::training {

models::NamedTexts CourseOf(const nlohmann::ordered_json& parts) {
  models::NamedTexts course;
  for (const auto& [part, content] : parts.items()) {
    if (!content.is_object()) {
      course.emplace_back(part, content.dump());
      continue;
    }
    for (const auto& [name, value] : content.items()) {
      course.emplace_back(part + " " + name, value.dump());
    }
  }
  return course;
}

TrainingProgress WithPicture(const models::TrainerOptions& options,
                             const TrainingProgress& progress) {
  return [every = options.checkpoint_every,
          steps = options.steps,
          folder = options.folder,
          progress,
          drawn = std::int64_t{0}](const models::TrainingReport& report) mutable {
    if (progress) {
      progress(report);
    }
    if (report.step - drawn >= every || report.step == steps) {
      drawn = report.step;
      DrawTrainingCurve(folder / models::kCurveFile, folder / kCurvePicture);
    }
  };
}

models::TrainingReport CompletedFromCurve(models::TrainingReport last,
                                          const std::filesystem::path& folder) {
  const auto curve = models::ReadCurve(folder / models::kCurveFile);
  for (auto row = curve.rbegin(); row != curve.rend(); ++row) {
    if (last.losses.empty()) {
      last.losses = row->losses;
      last.loss = row->loss;
    }
    if (last.validation.empty()) {
      last.validation = row->validation;
    }
  }
  return last;
}

}  // namespace necknode::training
