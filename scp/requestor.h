#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmnet/assoc.h>

#include "scp/storage_scu.h"

namespace necknode::scp {

/// What a failed call of DCMTK's network code means: to be tried again, with a status for people.
[[nodiscard]] SendResult FailureOf(const OFCondition& condition);

/// Copies `uid` for one of DCMTK's messages, cut at 64 characters.
void CopyUid(const Uid& uid, DIC_UI& to);

/// One association as its requestor, on DCMTK (TCP_NODELAY). Aborted in the destructor unless
/// released. Not thread safe.
class Requestor {
 public:
  /// A presentation context to propose.
  struct Proposal {
    std::string sop_class;
    bool we_are_scp = false;  ///< by role selection (PS3.7 D.3.3.4)
    std::vector<std::string> transfer_syntaxes =
        {};  ///< empty: explicit and implicit little endian
  };

  Requestor(std::string our_ae_title, const RemotePeer& peer, std::chrono::seconds timeout);
  ~Requestor();
  Requestor(const Requestor&) = delete;
  Requestor& operator=(const Requestor&) = delete;

  /// Nullopt: established. At most 128 proposals.
  [[nodiscard]] std::optional<SendResult> Connect(const std::vector<Proposal>& proposals);
  /// 0: the peer has accepted none for the class.
  [[nodiscard]] T_ASC_PresentationContextID ContextOf(const Uid& sop_class) const;
  void Release();

  /// Of an established association.
  [[nodiscard]] T_ASC_Association* association() const { return association_; }
  /// For each answer.
  [[nodiscard]] int timeout_s() const { return timeout_s_; }

 private:
  OFCondition Prepare(const std::vector<Proposal>& proposals);

  const std::string our_ae_title_;
  const RemotePeer peer_;
  const int timeout_s_;
  T_ASC_Network* network_ = nullptr;
  T_ASC_Parameters* parameters_ = nullptr;
  T_ASC_Association* association_ = nullptr;
  bool established_ = false;
};

}  // namespace necknode::scp
