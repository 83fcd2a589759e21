// In place of folder_data.cpp and what it stands on where there is no DCMTK.
#include "core/error.h"
#include "training/folder_data.h"

namespace necknode::training {

std::shared_ptr<FolderData> FolderData::Open(const DataSource&,
                                             const FolderOptions&,
                                             const Progress&) {
  throw Error(ErrorCode::kUnsupported, "this program was built without DICOM: phantoms only");
}

}  // namespace necknode::training
