#include "pipeline/write_documents.h"

#include <utility>

#include "pipeline/content_time.h"

namespace necknode::pipeline {
namespace {

std::vector<sr_writer::EvidenceImage> EvidenceOf(const dicom_io::CtVolume& ct) {
  std::vector<sr_writer::EvidenceImage> images;
  images.reserve(ct.slices.size());
  for (const dicom_io::SliceEvidence& slice : ct.slices) {
    sr_writer::EvidenceImage image;
    image.sop_class_uid = slice.header.sop_class_uid;
    image.sop_instance_uid = slice.header.sop_instance_uid;
    image.frame = slice.frame;
    image.rows = slice.header.rows.value_or(ct.volume.grid().rows);
    image.columns = slice.header.columns.value_or(ct.volume.grid().columns);
    image.window_center = slice.window_center;
    image.window_width = slice.window_width;
    image.rescale_slope = slice.rescale_slope;
    image.rescale_intercept = slice.rescale_intercept;
    image.monochrome1 = slice.monochrome1;
    images.push_back(std::move(image));
  }
  return images;
}

sr_writer::DocumentContext ContextOf(const dicom_io::CtVolume& ct, const StudyOptions& options) {
  sr_writer::DocumentContext context;
  context.job_key = options.job_key;
  context.route = options.route;
  context.content_time_is_local = options.content_time == WallTime{};
  context.content_time =
      context.content_time_is_local ? NewestContentTime(ct) : options.content_time;
  context.run = options.run;
  context.predecessors = options.predecessors;
  context.software_version = options.software_version;
  return context;
}

}  // namespace

std::vector<sr_writer::Document> WriteDocuments(const Assessment& assessment,
                                                const dicom_io::CtVolume& ct,
                                                const StudyOptions& options) {
  const std::vector<sr_writer::EvidenceImage> images = EvidenceOf(ct);
  const sr_writer::Evidence evidence{ct.reference_dataset, images, ct.volume};
  const sr_writer::DocumentContext context = ContextOf(ct, options);
  std::vector<sr_writer::Document> documents;
  for (const auto report_class :
       {sr_writer::ReportClass::kComprehensive3D, sr_writer::ReportClass::kComprehensive}) {
    documents.push_back(
        sr_writer::WriteMeasurementReport(assessment, evidence, context, report_class));
  }
  if (assessment.nodes.empty())
    return documents;
  documents.push_back(sr_writer::WritePresentationState(assessment, evidence, context));
  for (sr_writer::Document& picture :
       sr_writer::WriteSecondaryCaptures(assessment, evidence, context)) {
    documents.push_back(std::move(picture));
  }
  return documents;
}

}  // namespace necknode::pipeline
