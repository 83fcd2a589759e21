#include "storage/study_holds.h"

#include "tests/storage/storage_fixture.h"

namespace necknode::storage {
namespace {

class StudyHoldsTest : public StoreTest {
 protected:
  void Send(AssociationNumber association, const InstanceHeader& header) {
    auto instance = Received(*store_, header, SomeBytes(1));
    instance.association = association;
    AddTo(*store_->MakeCommitter(), std::move(instance));
  }
};

TEST_F(StudyHoldsTest, AnAssociationHoldsTheStudyOfItsImagesUntilItEnds) {
  Send(7, CtHeader(1, 1));
  clock_.Advance(12s);
  EXPECT_EQ(Study(1).heard_ago, 12s);
  Send(7, CtHeader(1, 1));  // the same bytes are a sign of life too
  clock_.Advance(1s);
  EXPECT_EQ(Study(1).heard_ago, 1s);
  store_->holds().Release(8);
  EXPECT_EQ(Study(1).heard_ago, 1s);
  store_->holds().Release(7);
  EXPECT_FALSE(Study(1).heard_ago);
}

TEST_F(StudyHoldsTest, TheLastOfTwoAssociationsCounts) {
  Send(1, CtHeader(1, 1));
  clock_.Advance(5s);
  Send(2, CtHeader(1, 2));
  clock_.Advance(2s);
  EXPECT_EQ(Study(1).heard_ago, 2s);
  store_->holds().Release(2);
  EXPECT_EQ(Study(1).heard_ago, 7s);
}

TEST_F(StudyHoldsTest, ReportsHoldNothing) {
  Send(1, CtHeader(1, 1));
  store_->holds().Release(1);
  Send(2, ReportHeader(1, 1));
  EXPECT_FALSE(Study(1).heard_ago);
}

TEST_F(StudyHoldsTest, BytesOfAnImageThatIsStillComingRenewTheHold) {
  Send(1, CtHeader(1, 1));
  clock_.Advance(20s);
  store_->holds().Renew(1, Uid("1.2.1"));
  store_->holds().Renew(1, Uid("1.2.99"));  // nothing of it is stored yet
  clock_.Advance(3s);
  EXPECT_EQ(Study(1).heard_ago, 3s);
  EXPECT_EQ(Study(1).quiet_for, 23s);
}

TEST_F(StudyHoldsTest, ANewReceiverAndANewBootHoldNothing) {
  Send(1, CtHeader(1, 1));
  Reopen();
  EXPECT_TRUE(Study(1).heard_ago);  // another role has opened the store
  store_->holds().Clear();
  EXPECT_FALSE(Study(1).heard_ago);
  Send(1, CtHeader(1, 2));
  clock_.Reboot();
  Reopen();
  EXPECT_FALSE(Study(1).heard_ago);
}

}  // namespace
}  // namespace necknode::storage
