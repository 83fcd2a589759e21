#pragma once

#include <nlohmann/json.hpp>

namespace necknode::app {

// Rows of the API's JSON as lines for people.

void PrintJob(const nlohmann::json& job);
void PrintOutboxRow(const nlohmann::json& row);
void PrintCommitmentRequest(const nlohmann::json& row);
void PrintQuarantined(const nlohmann::json& row);
void PrintModel(const nlohmann::json& model);

}  // namespace necknode::app
