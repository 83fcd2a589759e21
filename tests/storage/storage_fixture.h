#pragma once

#include <chrono>
#include <future>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/digest.h"
#include "core/error.h"
#include "storage/store.h"
#include "tests/support/temp_folder.h"

namespace necknode::storage {

using namespace std::chrono_literals;

/// Stands still until told.
class FakeClock : public Clock {
 public:
  WallTime Now() const override { return WallTime(1'800'000'000'000ms + since_boot_); }
  BootTime SinceBoot() const override { return since_boot_; }
  std::string BootId() const override { return boot_id_; }
  void Advance(std::chrono::milliseconds duration) { since_boot_ += duration; }
  void Reboot() {
    since_boot_ = 10s;
    boot_id_ += "+";
  }

 private:
  BootTime since_boot_ = 1h;
  std::string boot_id_ = "boot";
};

inline std::vector<std::byte> SomeBytes(unsigned seed, std::size_t size = 5000) {
  std::mt19937 random(seed);
  std::vector<std::byte> bytes(size);
  for (auto& byte : bytes)
    byte = static_cast<std::byte>(random());
  return bytes;
}

/// A CT slice `number` of series 1.2.<study>.1.
inline InstanceHeader CtHeader(int study, int number) {
  const std::string study_uid = "1.2." + std::to_string(study);
  InstanceHeader header;
  header.transfer_syntax_uid = Uid("1.2.840.10008.1.2.1");
  header.sop_class_uid = Uid("1.2.840.10008.5.1.4.1.1.2");
  header.study_instance_uid = Uid(study_uid);
  header.series_instance_uid = Uid(study_uid + ".1");
  header.sop_instance_uid = Uid(study_uid + ".1." + std::to_string(number));
  header.patient_id = PatientText("P" + std::to_string(study));
  header.patient_name = PatientText("M\xFCller^Anna");  // ISO 8859-1, not UTF-8
  header.study_date = "20261120";
  header.modality = "CT";
  header.rows = header.columns = 512;
  header.instance_number = number;
  return header;
}

inline InstanceHeader ReportHeader(int study, int number) {
  auto header = CtHeader(study, number);
  header.sop_class_uid = Uid("1.2.840.10008.5.1.4.1.1.88.33");
  header.series_instance_uid = Uid(header.study_instance_uid.value() + ".2");
  header.sop_instance_uid = Uid(header.series_instance_uid.value() + "." + std::to_string(number));
  header.modality = "SR";
  header.rows.reset();
  header.columns.reset();
  return header;
}

struct Added {
  AddOutcome outcome = AddOutcome::kFailed;
  std::string detail;
};

/// A received object with its bytes written, not synced.
inline ReceivedInstance Received(Store& store,
                                 const InstanceHeader& header,
                                 const std::vector<std::byte>& bytes,
                                 const std::string& calling_ae = "PACS",
                                 const std::string& called_ae = "NECKNODE") {
  ReceivedInstance instance;
  instance.file = store.objects().Create(ObjectKind::kReceived);
  instance.file->Write(bytes);
  instance.header = header;
  instance.file_digest = Sha256Of(bytes);
  instance.calling_ae = calling_ae;
  instance.called_ae = called_ae;
  return instance;
}

inline Added AddTo(InstanceCommitter& committer, ReceivedInstance instance) {
  std::promise<Added> promise;
  committer.Submit(std::move(instance), [&](AddOutcome outcome, const std::string& detail) {
    promise.set_value({outcome, detail});
  });
  return promise.get_future().get();
}

/// A store in a folder of its own, with a clock that stands still.
class StoreTest : public testing::Test {
 protected:
  StoreTest() : store_(Store::Open(Options(), clock_)) {}

  StoreOptions Options() const {
    StoreOptions options;
    options.folder = folder_.path() / "data";
    options.reserve_bytes = 0;
    return options;
  }
  void Reopen() {
    store_.reset();
    store_ = Store::Open(Options(), clock_);
  }
  Added Add(const InstanceHeader& header,
            unsigned seed,
            const std::string& calling_ae = "PACS",
            const std::string& called_ae = "NECKNODE") {
    return AddTo(*store_->MakeCommitter(),
                 Received(*store_, header, SomeBytes(seed), calling_ae, called_ae));
  }
  StudyRow Study(int study) const {
    return store_->studies().Find(Uid("1.2." + std::to_string(study))).value();
  }
  /// Stores `slices` slices of a study and makes one job of them by T2.
  Job MakeJob(int study, int slices = 2, const std::string& route = "neck") {
    for (int number = 1; number <= slices; ++number) {
      Add(CtHeader(study, number), static_cast<unsigned>(study * 1000 + number));
    }
    return DecideJob(study, slices, route);
  }
  Job DecideJob(int study, int slices, const std::string& route = "neck", bool supersedes = false) {
    const auto row = Study(study);
    const NewJob job{.key = Sha256Of(std::to_string(study) + route + std::to_string(slices)),
                     .series_instance_uid = Uid(row.study_instance_uid.value() + ".1"),
                     .route = route,
                     .package = "phantom/2",
                     .package_digest = "d1",
                     .slices = slices,
                     .supersedes = supersedes,
                     .incomplete = ""};
    EXPECT_TRUE(store_->studies().Decide(row.id, row.change, {}, {job}, ""));
    for (auto& made : store_->jobs().OfStudy(row.id)) {
      if (made.key == job.key)
        return made;
    }
    throw std::runtime_error("no job was made");
  }
  NewResult StoreResult(const std::string& kind, const std::string& uid) {
    auto file = store_->objects().Create(ObjectKind::kResult);
    file->Write(SomeBytes(99, 100));
    file->Sync();
    return {kind,
            Uid("1.2.840.10008.5.1.4.1.1.88.34"),
            Uid(uid),
            Uid(uid + ".0"),
            file->key(),
            file->size()};
  }
  std::size_t FilesIn(const std::string& folder) const {
    std::size_t count = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(Options().folder / folder)) {
      count += entry.is_regular_file() ? 1U : 0U;
    }
    return count;
  }

  tests::TempFolder folder_;
  FakeClock clock_;
  std::unique_ptr<Store> store_;
};

template <typename Call>
ErrorCode CodeOf(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::kInternal;
}

}  // namespace necknode::storage
