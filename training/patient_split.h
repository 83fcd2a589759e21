#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace necknode::training {

/// A side of the split. All slices and nodes of a patient stand on one side.
enum class DataPart { kTrain, kValidation, kTest, kAll };
[[nodiscard]] const char* ToString(DataPart part);
/// "train", "validation", "test" or "all". Throws Error(kInvalidArgument).
[[nodiscard]] DataPart ParsePart(const std::string& text);

/// Shares of the patients; they sum up to 1.
struct SplitFractions {
  double train = 0.7, validation = 0.15, test = 0.15;
  std::uint64_t seed = 1;
};
/// Reads "0.7/0.15/0.15". Throws Error(kInvalidArgument) unless there are three numbers of 0 to 1
/// whose sum is 1 within 1e-6.
[[nodiscard]] SplitFractions ParseSplit(const std::string& text, std::uint64_t seed);
[[nodiscard]] std::string ToString(const SplitFractions& fractions);

/// The side on which a patient falls: by a SHA-256 of seed and id alone, so that it stays there
/// when other patients are added or leave.
[[nodiscard]] DataPart PartOf(const std::string& patient, const SplitFractions& fractions);

/// Patients with their sides.
class PatientSplit {
 public:
  void Add(const std::string& patient, DataPart part) { parts_[patient] = part; }
  [[nodiscard]] bool Has(const std::string& patient) const { return parts_.contains(patient); }
  /// kAll where the patient has none.
  [[nodiscard]] DataPart Of(const std::string& patient) const;
  /// Patients of one side, or of all three.
  [[nodiscard]] std::set<std::string> Patients(DataPart part) const;
  /// SHA-256 over patients and sides: the same split has the same, without naming anyone.
  [[nodiscard]] std::string Digest() const;

 private:
  std::map<std::string, DataPart> parts_;
};

}  // namespace necknode::training
