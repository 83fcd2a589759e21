#include "dicom_io/folder.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "dicom_io/transfer_syntax.h"
#include "tests/dicom_io/dataset_bytes.h"
#include "tests/support/temp_folder.h"

namespace necknode::tests {
namespace {

TEST(ListDicomFiles, ScansAllBelowTheFolderAndSaysWhatItCannotRead) {
  const TempFolder folder;
  std::filesystem::create_directories(folder.path() / "b" / "c");
  const std::string file =
      Part10File(DatasetBytes().Uids().text(), dicom_io::kExplicitLittleEndian);
  std::ofstream(folder.path() / "b" / "c" / "2", std::ios::binary) << file;
  std::ofstream(folder.path() / "1.dcm", std::ios::binary) << file;
  std::ofstream(folder.path() / "b" / "cut.dcm", std::ios::binary)
      << file.substr(0, file.size() - 3);
  std::ofstream(folder.path() / "notes.txt") << "not an image";
  std::ofstream(folder.path() / "DICOMDIR") << "directory";
  const auto found = dicom_io::ListDicomFiles(folder.path());
  ASSERT_EQ(found.files.size(), 2U);
  EXPECT_EQ(found.files[0].path, folder.path() / "1.dcm");
  EXPECT_EQ(found.files[1].path, folder.path() / "b" / "c" / "2");
  EXPECT_EQ(found.files[1].header.study_instance_uid.value(), "1.2.3");
  ASSERT_EQ(found.unreadable.size(), 2U);
  EXPECT_THAT(found.unreadable[0].reason, testing::HasSubstr("ends inside an element"));
  EXPECT_THAT(found.unreadable[1].reason, testing::HasSubstr("not a DICOM file"));
}

TEST(ListDicomFiles, RefusesAFolderThatIsNotThere) {
  const TempFolder folder;
  EXPECT_THROW((void)dicom_io::ListDicomFiles(folder.path() / "absent"), Error);
}

}  // namespace
}  // namespace necknode::tests
