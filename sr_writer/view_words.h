#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sr_writer/report_tree.h"
#include "sr_writer/report_view.h"

namespace necknode::sr_writer {

/// A received value as it is shown: harmless, and no longer than a page can bear.
[[nodiscard]] std::string Shown(std::string_view value);
/// The same for paragraphs.
[[nodiscard]] std::string ShownText(std::string_view value);

/// "Müller, Jörg" of "Müller^Jörg"; the ideographic and phonetic groups with " = " between them.
[[nodiscard]] std::string ShownName(const std::string& person_name);
/// "2026-11-23" of "20261123"; any other text as it is.
[[nodiscard]] std::string ShownDate(const std::string& date);
/// "2026-11-23 14:05".
[[nodiscard]] std::string ShownMoment(const std::string& date, const std::string& time);
/// "70 years" of "070Y"; any other text as it is.
[[nodiscard]] std::string ShownAge(const std::string& age);
/// "91 %", "74 [hnsf'U]" as "74 HU", ...
[[nodiscard]] std::string ShownNumber(const ReportItem& number);

/// Adds a fact where its value is not empty.
void AddFact(std::vector<Fact>& facts, std::string_view name, std::string_view value);

/// Value of `key` in a text "key=value; key=value"; all of them where it stands more than once.
[[nodiscard]] std::vector<std::string> ParametersNamed(const std::string& parameters,
                                                       std::string_view key);

/// The text without a warning "W: " at its beginning.
[[nodiscard]] std::string WithoutWarning(const std::string& text, const std::string& warning);

}  // namespace necknode::sr_writer
