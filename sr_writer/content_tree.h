#pragma once

#include <concepts>
#include <optional>
#include <string_view>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmsr/dsrdoctr.h>

#include "sr_writer/codes.h"
#include "sr_writer/documents.h"

namespace necknode::sr_writer {

/// The content tree of an SR, built from the root down in reading order. Every item is checked by
/// DCMTK against the relationships that the document type allows; a refused one throws
/// Error(kInternal). Each function adds an item as the last child of the current one; those that
/// take `children` call it with the new item as the current one.
class ContentTree {
 public:
  using Relation = DSRTypes::E_RelationshipType;
  static constexpr Relation kContains = DSRTypes::RT_contains;
  static constexpr Relation kModifier = DSRTypes::RT_hasConceptMod;

  explicit ContentTree(ReportClass report_class);

  /// Writes the document's content, with the concept name of the root, into a dataset.
  void WriteTo(DcmItem& dataset);

  template <std::invocable Children>
  void Container(Relation relation,
                 const Code& name,
                 std::string_view template_id,
                 const Children& children) {
    Open(relation, DSRTypes::VT_Container);
    SetName(name);
    SetTemplate(template_id);
    children();
    Close();
  }
  template <std::invocable Children>
  void CodeItem(Relation relation, const Code& name, const Code& value, const Children& children) {
    OpenCode(relation, name, value);
    children();
    Close();
  }
  void CodeItem(Relation relation, const Code& name, const Code& value) {
    CodeItem(relation, name, value, [] {});
  }
  void Text(Relation relation, const Code& name, std::string_view value);
  void UidReference(Relation relation, const Code& name, const Uid& uid);
  /// Nothing is added where the number is not finite or does not fit 16 characters; false then.
  template <std::invocable Children>
  bool Number(Relation relation,
              const Code& name,
              double value,
              int decimals,
              const Code& unit,
              const Children& children) {
    if (!OpenNumber(relation, name, value, decimals, unit))
      return false;
    children();
    Close();
    return true;
  }
  bool Number(Relation relation, const Code& name, double value, int decimals, const Code& unit) {
    return Number(relation, name, value, decimals, unit, [] {});
  }
  /// A closed polyline around the box, from its top left corner clockwise, on `image`.
  void BoxOutline(Relation relation, const Code& name, const Box& box, const EvidenceImage& image);
  /// `name` nullptr: without a concept name (image library).
  void Image(Relation relation, const Code* name, const EvidenceImage& image);

 private:
  void Open(Relation relation, DSRTypes::E_ValueType type);
  void OpenCode(Relation relation, const Code& name, const Code& value);
  bool OpenNumber(
      Relation relation, const Code& name, double value, int decimals, const Code& unit);
  void Close();
  void SetName(const Code& name);
  void SetTemplate(std::string_view template_id);

  DSRDocumentTree tree_;
  bool started_ = false;
};

}  // namespace necknode::sr_writer
