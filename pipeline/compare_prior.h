#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/assessment.h"
#include "core/uid.h"
#include "dicom_io/volume_reader.h"

namespace necknode::pipeline {

/// An earlier study of the same patient, to compare with.
struct PriorExam {
  Uid study_instance_uid;
  std::string study_date;                      ///< DA, or empty
  std::vector<dicom_io::SliceSource> sources;  ///< of one series
  /// result.json of its analysis. Empty, or not of these images: they are analysed for the
  /// comparison, and their nodes have no identifiers.
  std::string result_json;
  PatientText patient_birth_date;  ///< of the current study's patient; another one: not compared
  std::string not_compared;        ///< why there is nothing to compare with, else empty
};

/// How the caller reads and analyses the earlier study. Both throw Error for what its images hold;
/// what is no std::exception passes through.
struct PriorReader {
  std::function<dicom_io::CtVolume(const std::vector<dicom_io::SliceSource>&)> read;
  std::function<Assessment(const dicom_io::CtVolume&)> analyse;
};

/// Fills `assessment.comparison` and every node's `earlier`: aligns the studies, matches the nodes.
/// Whatever is wrong with the earlier study becomes the comparison's reason; only
/// Error(kStorageFailed) is thrown on. `assessment` must be rounded, and is so afterwards.
void ComparePrior(const Volume& current,
                  const PriorExam& prior,
                  const PriorReader& reader,
                  Assessment& assessment);

}  // namespace necknode::pipeline
