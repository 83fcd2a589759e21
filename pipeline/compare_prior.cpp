#include "pipeline/compare_prior.h"

#include <cstddef>
#include <exception>
#include <new>
#include <optional>

#include "core/error.h"
#include "pipeline/match_prior.h"
#include "pipeline/prior_nodes.h"

namespace necknode::pipeline {
namespace {

PriorFindings FindingsOf(const dicom_io::CtVolume& ct,
                         const PriorExam& prior,
                         const PriorReader& reader) {
  if (!prior.result_json.empty()) {
    if (auto known = ReadPriorNodes(prior.result_json, ct.volume.grid()))
      return *known;
  }
  Assessment found = reader.analyse(ct);
  return {ct.volume.grid(), found.first_slice, found.last_slice, std::move(found.nodes), false};
}

dicom_io::CtVolume Read(const PriorExam& prior, const PriorReader& reader) {
  try {
    return reader.read(prior.sources);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kStorageFailed)
      throw;
    throw Error(error.code(), std::string("its images could not be read: ") + error.what());
  }
}

void Compare(const Volume& current,
             const PriorExam& prior,
             const PriorReader& reader,
             Assessment& assessment) {
  const dicom_io::CtVolume ct = Read(prior, reader);
  const PatientText& born = ct.slices.front().header.patient_birth_date;
  if (!born.empty() && !prior.patient_birth_date.empty() && born != prior.patient_birth_date)
    throw Error(ErrorCode::kConflict, "the same Patient ID with another birth date");
  const PriorFindings findings = FindingsOf(ct, prior, reader);
  const Registration registration = RegisterPrior(current, ct.volume);
  const std::vector<EarlierFinding> earlier =
      MatchPrior(assessment.nodes, current.grid(), findings, registration);
  for (std::size_t i = 0; i < earlier.size(); ++i) {
    assessment.nodes[i].earlier = earlier[i];
    assessment.nodes[i].earlier->study_date = prior.study_date;
  }
  assessment.comparison->quality = registration.quality;
  assessment.comparison->earlier_nodes = static_cast<int>(findings.nodes.size());
  assessment.comparison->reason = registration.doubt;
}

}  // namespace

void ComparePrior(const Volume& current,
                  const PriorExam& prior,
                  const PriorReader& reader,
                  Assessment& assessment) {
  assessment.comparison.emplace();
  Comparison& comparison = *assessment.comparison;
  comparison.study_instance_uid = prior.study_instance_uid;
  comparison.study_date = prior.study_date;
  comparison.reason = prior.not_compared;
  if (!comparison.reason.empty())
    return;
  try {
    Compare(current, prior, reader, assessment);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kStorageFailed)
      throw;  // not the images' fault
    comparison.reason = error.what();
  } catch (const std::bad_alloc&) {
    comparison.reason = "out of memory";
  } catch (const std::exception& error) {
    comparison.reason = std::string("internal error: ") + error.what();
  }
  Round(assessment);
}

}  // namespace necknode::pipeline
