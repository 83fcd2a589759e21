#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/assessment.h"
#include "core/clock.h"
#include "core/uid.h"
#include "core/volume.h"

namespace necknode::sr_writer {

/// One analysed image: what SR, GSPS and SC refer to.
struct EvidenceImage {
  Uid sop_class_uid, sop_instance_uid;
  int frame = 0;  ///< 1-based for a multi-frame instance, 0 for a single-frame one
  int rows = 0, columns = 0;
  double window_center = 0,
         window_width = 0;  ///< the source's first window, width 0 where it has none
  double rescale_slope = 1, rescale_intercept = 0;
  bool monochrome1 = false;
};

/// What the documents are made from besides the Assessment. Borrowed for the call.
struct Evidence {
  const std::vector<std::byte>&
      reference_dataset;  ///< Part-10 bytes of one source instance: patient and study
  const std::vector<EvidenceImage>& images;  ///< one per slice of the volume, ascending
  const Volume& volume;                      ///< for the key images; only key slices are read
};

/// An earlier document of the same SOP class that a new one replaces.
struct Predecessor {
  Uid sop_class_uid, sop_instance_uid, series_instance_uid;
};

/// Identity, time and numbering of a job's documents.
struct DocumentContext {
  std::string job_key;  ///< UIDs derive from it (docs/data_on_disk.md)
  std::string route;
  /// The instant of Content Date and Time. Written in the source's Timezone Offset From UTC
  /// (0008,0201) where it has one, else shifted by utc_offset: without that attribute, dates and
  /// times are local ones.
  WallTime content_time{};
  std::chrono::minutes utc_offset{0};
  /// content_time is a local clock of the source read as if it were UTC (a time taken from its
  /// attributes): written as it is, without any offset.
  bool content_time_is_local = false;
  int run = 1;  ///< InstanceNumber of the SR; above 1 for a re-run
  std::vector<Predecessor> predecessors;
  int sr_series_number = 9701, pr_series_number = 9702, sc_series_number = 9703;
  bool preliminary = true;           ///< Preliminary Flag PRELIMINARY, else FINAL
  std::string software_version;      ///< of necknode
  std::string device_serial_number;  ///< of this installation; empty: the first 16 digits of the
                                     ///< package's digest
  /// How text of a source without (usable) Specific Character Set is read: a DICOM defined term or
  /// a name that iconv knows. Empty: UTF-8 where the bytes are UTF-8, else Windows-1252.
  std::string assumed_charset;
  bool experimental_levels = true;  ///< adds "level experimental" to every text that names a level
};

enum class ReportClass { kComprehensive3D, kComprehensive };

/// A finished DICOM object.
struct Document {
  std::string kind;  ///< "SR", "PR", "SC"
  Uid sop_class_uid, sop_instance_uid, series_instance_uid;
  std::vector<std::byte> part10;
};

/// The Structured Report (TID 1500). Also for negative, partial and failed runs. `assessment` must
/// be rounded.
[[nodiscard]] Document WriteMeasurementReport(const Assessment& assessment,
                                              const Evidence& evidence,
                                              const DocumentContext& context,
                                              ReportClass report_class);
/// One Grayscale Softcopy Presentation State with all boxes on all slices. Throws
/// Error(kInvalidArgument) without nodes.
[[nodiscard]] Document WritePresentationState(const Assessment& assessment,
                                              const Evidence& evidence,
                                              const DocumentContext& context);
/// RGB Secondary Captures in one series: an index image (a coronal projection with the nodes'
/// places) where there are nodes on axial slices, then one for each key slice.
[[nodiscard]] std::vector<Document> WriteSecondaryCaptures(const Assessment& assessment,
                                                           const Evidence& evidence,
                                                           const DocumentContext& context);
/// The key slice of one node as drawn in the Secondary Capture, RGB, rows x columns x 3: for
/// contact sheets and pages.
struct KeyPicture {
  int rows = 0, columns = 0;
  std::vector<unsigned char> rgb;
};
[[nodiscard]] KeyPicture DrawKeySlice(const Assessment& assessment,
                                      const Volume& volume,
                                      int slice);

/// One line on a case and a line per node, plain text, for the terminal and the status page.
[[nodiscard]] std::string Summarise(const Assessment& assessment);

/// What one rule of the viewers or the standard says of a report.
struct ReportFinding {
  bool error = false;  ///< else a remark
  std::string rule;    ///< short name, e.g. "group-has-coordinates"
  std::string message;
};
/// Checks any SR against the rules of docs/outputs.md: those of OHIF, Stone, 3D Slicer and TID
/// 1500. Empty: nothing to object to. Throws Error(kParse) where the bytes are no SR.
[[nodiscard]] std::vector<ReportFinding> CheckReport(const std::vector<std::byte>& part10);

}  // namespace necknode::sr_writer
