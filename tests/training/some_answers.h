#pragma once

#include "training/evaluation.h"

namespace necknode::training {

/// Two studies with a node each, the first, malignant, on two slices; three boxes are found, one is
/// false; the logits favour the truth.
inline Answers SomeAnswers() {
  Answers answers;
  answers.data = "phantom:seeds 200001-200002";
  answers.images = 4;
  answers.images_with_nodes = 3;
  answers.patients = answers.studies = 2;
  answers.places = {{0, 4}, {0, 5}, {1, 7}, {1, 8}};
  answers.patient_names = {"200001", "200002"};
  answers.patient_of_study = {0, 1};
  const Box box{10, 10, 20, 20};
  answers.truths = {{0, box, 0}, {1, box, 0}, {2, box, 1}};
  answers.malignant = {true, true, false};
  answers.node = {0, 0, 1};
  answers.nodes = {{0, 0, 1, true}, {1, 1, 3, false}};
  answers.scored = {
      {0, box, 0.9, 0}, {1, {10, 10, 20, 30}, 0.8, 0}, {2, box, 0.7, 1}, {3, box, 0.3, 1}};
  answers.logits = {3, -1, -2, 0};
  return answers;
}

}  // namespace necknode::training
