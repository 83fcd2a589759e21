#pragma once

#include <vector>

#include "sr_writer/report_tree.h"
#include "sr_writer/report_view.h"

namespace necknode::sr_writer {

/// Whether necknode wrote the report: then its words are ours.
[[nodiscard]] bool IsOurReport(const ReadReport& report);

/// The report's Measurement Groups, at most `max_nodes` of them, in their order.
[[nodiscard]] std::vector<ViewedNode> ViewNodes(const ReadReport& report,
                                                const std::string& warning,
                                                std::size_t max_nodes);

}  // namespace necknode::sr_writer
