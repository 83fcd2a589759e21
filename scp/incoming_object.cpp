#include "scp/incoming_object.h"

#include <array>
#include <utility>

#include "core/error.h"
#include "scp/bytes.h"
#include "scp/implementation.h"

namespace necknode::scp {
namespace {

constexpr std::uint32_t kSopClassUidTag = 0x00080016;
constexpr std::uint32_t kSopInstanceUidTag = 0x00080018;

void AppendShortElement(ByteWriter& writer,
                        unsigned element,
                        std::string_view vr,
                        std::string_view value,
                        char padding) {
  writer.U16LittleEndian(0x0002);
  writer.U16LittleEndian(element);
  writer.Text(vr);
  writer.U16LittleEndian(value.size() + value.size() % 2);
  writer.Text(value);
  if (value.size() % 2 != 0) {
    writer.U8(static_cast<unsigned char>(padding));
  }
}

}  // namespace

std::vector<std::byte> EncodePart10Header(const ObjectIdentity& identity) {
  ByteWriter group;
  group.U16LittleEndian(0x0002);
  group.U16LittleEndian(0x0001);
  group.Text("OB");
  group.U16LittleEndian(0);
  group.U32LittleEndian(2);
  group.U8(0);
  group.U8(1);
  AppendShortElement(group, 0x0002, "UI", identity.sop_class_uid.value(), '\0');
  AppendShortElement(group, 0x0003, "UI", identity.sop_instance_uid.value(), '\0');
  AppendShortElement(group, 0x0010, "UI", identity.transfer_syntax_uid.value(), '\0');
  AppendShortElement(group, 0x0012, "UI", kImplementationClassUid, '\0');
  AppendShortElement(group, 0x0013, "SH", kImplementationVersionName, ' ');
  AppendShortElement(group, 0x0016, "AE", identity.calling_ae, ' ');
  const auto elements = std::move(group).Take();

  ByteWriter header;
  header.Zeros(128);
  header.Text("DICM");
  header.U16LittleEndian(0x0002);
  header.U16LittleEndian(0x0000);
  header.Text("UL");
  header.U16LittleEndian(4);
  header.U32LittleEndian(elements.size());
  header.Bytes(elements);
  return std::move(header).Take();
}

IncomingObject::IncomingObject(storage::ObjectStore& objects,
                               ObjectIdentity identity,
                               std::uint64_t max_bytes)
    : identity_(std::move(identity)),
      max_bytes_(max_bytes),
      scanner_(identity_.transfer_syntax_uid) {
  digest_.Update(identity_.transfer_syntax_uid.value());
  try {
    if (objects.FreeAboveReserve() == 0) {
      throw Error(ErrorCode::kNoSpace, "the storage reserve is reached");
    }
    file_ = objects.Create(storage::ObjectKind::kReceived);
  } catch (const Error& error) {
    Fail({kStatusOutOfResources, "cannot store", {}},
         error.what(),
         error.code() == ErrorCode::kStorageFailed);
  }
  Write(EncodePart10Header(identity_));
}

void IncomingObject::Append(std::span<const std::byte> bytes) {
  size_ += bytes.size();
  if (file_ == nullptr) {
    return;
  }
  if (size_ > max_bytes_) {
    const std::string reason = "the object is larger than " + std::to_string(max_bytes_) + " bytes";
    Fail({kStatusCannotUnderstand, reason, {}}, reason, false);
    return;
  }
  Write(bytes);
  scanner_.Feed(bytes);
  digest_.Update(bytes);
}

void IncomingObject::Write(std::span<const std::byte> bytes) {
  if (file_ == nullptr) {
    return;
  }
  try {
    file_->Write(bytes);
  } catch (const Error& error) {
    Fail({kStatusOutOfResources, "cannot store", {}},
         error.what(),
         error.code() == ErrorCode::kStorageFailed);
  }
}

void IncomingObject::Fail(CommandResponse response, std::string reason, bool storage_failed) {
  file_.reset();
  failure_.response = std::move(response);
  failure_.reason = std::move(reason);
  failure_.storage_failed = storage_failed;
}

IncomingObject::Outcome IncomingObject::Finish() {
  if (file_ == nullptr) {
    return std::move(failure_);
  }
  try {
    return Identify();
  } catch (const Error& error) {
    Outcome outcome;
    outcome.response = {kStatusCannotUnderstand, error.what(), {}};
    outcome.reason = error.what();
    outcome.rejected = std::move(file_);
    return outcome;
  }
}

IncomingObject::Outcome IncomingObject::Identify() {
  storage::ReceivedInstance instance;
  instance.header = scanner_.Finish();
  Outcome outcome;
  if (instance.header.sop_class_uid != identity_.sop_class_uid) {
    outcome.response.offending_elements.push_back(kSopClassUidTag);
  }
  if (instance.header.sop_instance_uid != identity_.sop_instance_uid) {
    outcome.response.offending_elements.push_back(kSopInstanceUidTag);
  }
  if (!outcome.response.offending_elements.empty()) {
    outcome.response.status = kStatusDatasetDoesNotMatch;
    outcome.reason = "the dataset's UIDs are not those of the request";
    return outcome;
  }
  instance.header.transfer_syntax_uid = identity_.transfer_syntax_uid;
  instance.file = std::move(file_);
  instance.file_digest = digest_.Finish();
  instance.calling_ae = identity_.calling_ae;
  instance.called_ae = identity_.called_ae;
  instance.move_originator = identity_.move_originator;
  outcome.instance = std::move(instance);
  return outcome;
}

}  // namespace necknode::scp
