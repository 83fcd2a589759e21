#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "sr_writer/report_tree.h"

namespace necknode::sr_writer {

/// Takes one objection: what is wrong and where.
using Objection = std::function<void(const std::string& message)>;

/// A rule of the standard or of a viewer, by name.
struct Rule {
  std::string_view name;
  bool error;                ///< else a remark
  std::string_view because;  ///< what goes wrong where it is broken; ends every message
  void (*check)(const ReadReport& report, const Objection& object);
};

/// Rules on the content tree: what viewers need to show boxes and labels.
[[nodiscard]] std::span<const Rule> ContentRules();
/// Rules on the document's head: identity, evidence, completeness, and the warning of what is not
/// for clinical use.
[[nodiscard]] std::span<const Rule> HeaderRules();

}  // namespace necknode::sr_writer
