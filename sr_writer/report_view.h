#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace necknode::sr_writer {

/// A line "name: value" of a rendering.
struct Fact {
  std::string name, value;
};

/// One lymph node, or whatever else a Measurement Group measures. Empty: the report does not say.
struct ViewedNode {
  enum class Tone { kOther, kSuspicious, kIndeterminate, kNotSuspicious };
  Tone tone = Tone::kOther;
  std::string name;       ///< Tracking Identifier
  std::string judgement;  ///< in our words for our reports, else in those of the report
  std::string probability;
  std::string site;  ///< side and level
  std::string axes;  ///< "14.2 x 9.1 mm": long x short
  std::string attenuation;
  /// "36": the number that viewers show, where our Comment has it; else "6 of 24", the place among
  /// the report's images.
  std::string key_image;
  std::string key_sop_instance_uid, key_frame;
  std::string comment;       ///< without the warning
  std::vector<Fact> others;  ///< measurements and evaluations that have no place above
};

/// What a report says, in the order in which a reader wants it. All text is harmless UTF-8 (see
/// Harmless()) and none of it is escaped for HTML.
struct ReportView {
  enum class Outcome { kFindings, kNoFindings, kPartial, kFailed };
  std::string title;         ///< what the report calls itself
  std::string warning;       ///< of a model that is not for clinical use; else empty
  std::string verification;  ///< "AI result, not verified", ...
  Outcome outcome = Outcome::kFindings;
  std::string outcome_text;  ///< "Partial: not everything was analysed", ...; empty with findings
  std::vector<Fact> patient, study;
  std::vector<std::string> conclusion;  ///< paragraphs
  std::string no_nodes;                 ///< instead of the table, where there are no nodes
  std::vector<ViewedNode> nodes;
  std::size_t nodes_left_out = 0;  ///< beyond what a page can hold
  std::vector<Fact> completeness;  ///< with the broken limits
  std::vector<Fact> model;         ///< with the thresholds
  std::vector<Fact> evidence;
  std::vector<Fact> predecessors;
  std::string study_instance_uid;
};

/// Reads any SR, ours and any that is built by TID 1500 in full, whatever its character set. Throws
/// Error(kParse) where the bytes are no SR.
[[nodiscard]] ReportView ViewReport(std::span<const std::byte> part10);

}  // namespace necknode::sr_writer
