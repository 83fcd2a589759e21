#include "scp/sop_classes.h"

#include <set>
#include <string>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcuid.h>

namespace necknode::scp {

bool IsStorageSopClass(const Uid& sop_class_uid) {
  static const std::set<std::string, std::less<>> kClasses(
      dcmAllStorageSOPClassUIDs, dcmAllStorageSOPClassUIDs + numberOfDcmAllStorageSOPClassUIDs);
  return kClasses.contains(sop_class_uid.value());
}

}  // namespace necknode::scp
