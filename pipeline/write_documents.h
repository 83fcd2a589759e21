#pragma once

#include <vector>

#include "pipeline/process_study.h"

namespace necknode::pipeline {

/// All documents of a run: the SR as Comprehensive 3D and as Comprehensive, then, where there are
/// nodes, the presentation state and the Secondary Captures. `assessment` must be rounded. The same
/// input gives the same bytes.
[[nodiscard]] std::vector<sr_writer::Document> WriteDocuments(const Assessment& assessment,
                                                              const dicom_io::CtVolume& ct,
                                                              const StudyOptions& options);

}  // namespace necknode::pipeline
