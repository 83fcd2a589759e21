#include "training/patient_split.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "core/digest.h"
#include "core/error.h"

namespace necknode::training {

const char* ToString(DataPart part) {
  switch (part) {
    case DataPart::kTrain:
      return "train";
    case DataPart::kValidation:
      return "validation";
    case DataPart::kTest:
      return "test";
    case DataPart::kAll:
      break;
  }
  return "all";
}

DataPart ParsePart(const std::string& text) {
  for (const auto part :
       {DataPart::kTrain, DataPart::kValidation, DataPart::kTest, DataPart::kAll}) {
    if (text == ToString(part)) {
      return part;
    }
  }
  throw Error(ErrorCode::kInvalidArgument,
              "part '" + text + "' of the data, expected train, validation, test or all");
}

SplitFractions ParseSplit(const std::string& text, std::uint64_t seed) {
  std::array<double, 3> shares{};
  const char* at = text.data();
  const char* end = at + text.size();
  bool good = true;
  for (std::size_t i = 0; i < shares.size() && good; ++i) {
    const auto read = std::from_chars(at, end, shares[i]);
    const bool last = i + 1 == shares.size();
    good = read.ec == std::errc() && (last ? read.ptr == end : read.ptr != end && *read.ptr == '/');
    good = good && shares[i] >= 0 && shares[i] <= 1;
    at = read.ptr + (last ? 0 : 1);
  }
  if (!good || std::abs(shares[0] + shares[1] + shares[2] - 1) > 1e-6) {
    throw Error(ErrorCode::kInvalidArgument,
                "split '" + text + "' is not three shares that sum up to 1, as 0.7/0.15/0.15");
  }
  return {shares[0], shares[1], shares[2], seed};
}

std::string ToString(const SplitFractions& fractions) {
  std::array<char, 96> text{};
  std::snprintf(
      text.data(), text.size(), "%g/%g/%g", fractions.train, fractions.validation, fractions.test);
  return text.data();
}

DataPart PartOf(const std::string& patient, const SplitFractions& fractions) {
  constexpr std::size_t kHexDigits = 13;  // 52 bits: exact in a double
  const std::string digest = Sha256Of(std::to_string(fractions.seed) + "\n" + patient);
  std::uint64_t bits = 0;
  std::from_chars(digest.data(), digest.data() + kHexDigits, bits, 16);
  const double draw = static_cast<double>(bits) * 0x1.0p-52;
  if (draw < fractions.train) {
    return DataPart::kTrain;
  }
  // A rounding error of the sum must not give a part of share 0 a patient.
  return fractions.test <= 0 || draw < fractions.train + fractions.validation
             ? DataPart::kValidation
             : DataPart::kTest;
}

DataPart PatientSplit::Of(const std::string& patient) const {
  const auto found = parts_.find(patient);
  return found == parts_.end() ? DataPart::kAll : found->second;
}

std::set<std::string> PatientSplit::Patients(DataPart part) const {
  std::set<std::string> patients;
  for (const auto& [patient, side] : parts_) {
    if (part == DataPart::kAll || part == side) {
      patients.insert(patient);
    }
  }
  return patients;
}

std::string PatientSplit::Digest() const {
  Sha256 digest;
  for (const auto& [patient, part] : parts_) {
    digest.Update(std::to_string(patient.size()) + ":" + patient + " " + ToString(part) + "\n");
  }
  return digest.Finish();
}

}  // namespace necknode::training
