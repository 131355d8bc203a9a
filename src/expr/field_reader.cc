#include "expr/field_reader.h"

#include "base/bytes.h"
#include "expr/binding.h"
#include "expr/number.h"
#include "record/batch_builder.h"
#include "record/level.h"

namespace taffrail::expr {
namespace {

using record::Column;
using record::Kind;

Value NumberValue(double value, std::string text) { return Number{value, std::move(text)}; }

}  // namespace

Value ReadColumnValue(const Column& column, size_t index) {
  std::string text;
  switch (column.key.kind) {
    case Kind::kInteger:
      return column.integers[index];
    case Kind::kBool:
      return column.integers[index] != 0;
    case Kind::kDecimal:
      record::AppendTextValue(column, index, text);
      return NumberValue(DecimalToDouble(column.integers[index], column.scales[index]), std::move(text));
    case Kind::kNumber: {
      double number = 0;
      ParseNumber(column.text(index), number);
      return NumberValue(number, std::string(column.text(index)));
    }
    case Kind::kJson:
      return Json{std::string(column.text(index))};
    case Kind::kString:
    case Kind::kEscaped:
    case Kind::kText:
      record::AppendTextValue(column, index, text);
      return text;
  }
  return Missing{};
}

std::string NormalLevel(std::string_view text) {
  const auto level = record::ParseLevel(text);
  return std::string(level ? record::LevelName(*level) : text);
}

class FieldReader::Impl {
 public:
  Impl(const record::RecordBatch& of, FieldRef ref) : batch(of), field(std::move(ref)) {
    switch (field.source) {
      case FieldRef::Source::kLine:
      case FieldRef::Source::kAny:
      case FieldRef::Source::kTimestamp:
      case FieldRef::Source::kSequence:
        return;
      default:
        binding = std::make_unique<Binding>(batch, field);
    }
  }

  const Place& At(const record::RowCursor& cursor) const {
    return binding->At(batch.shape[cursor.row()], batch.stream_of(cursor.row()));
  }

  Value ReadPlace(const record::RowCursor& cursor) const {
    const Place& place = At(cursor);
    switch (place.type) {
      case Place::Type::kColumn:
        return ReadColumnValue(batch.columns[place.column], cursor.ValueIndex(place.column));
      case Place::Type::kConstant:
        return ParseJsonValue(place.text);
      case Place::Type::kLabel:
        return std::string(place.text);
      case Place::Type::kNone:
        break;
    }
    return Missing{};
  }

  const record::RecordBatch& batch;
  const FieldRef field;
  std::unique_ptr<Binding> binding;
};

FieldReader::FieldReader(const record::RecordBatch& batch, FieldRef field)
    : impl_(std::make_unique<Impl>(batch, std::move(field))) {}
FieldReader::~FieldReader() = default;
FieldReader::FieldReader(FieldReader&&) noexcept = default;

Value FieldReader::Read(const record::RowCursor& cursor) const {
  switch (impl_->field.source) {
    case FieldRef::Source::kTimestamp:
      return impl_->batch.timestamp_ns[cursor.row()];
    case FieldRef::Source::kSequence:
      return impl_->batch.sequence.empty() ? int64_t{0}
                                           : static_cast<int64_t>(impl_->batch.sequence[cursor.row()]);
    case FieldRef::Source::kLine:
    case FieldRef::Source::kAny: {
      std::string line;
      cursor.AppendLine(line);
      return line;
    }
    case FieldRef::Source::kLevel: {
      Value value = impl_->ReadPlace(cursor);
      if (std::holds_alternative<Missing>(value)) return value;
      return NormalLevel(ToText(value));
    }
    default:
      return impl_->ReadPlace(cursor);
  }
}

bool FieldReader::ReadNumber(const record::RowCursor& cursor, Numeric& number) const {
  if (impl_->binding != nullptr) {
    const Place& place = impl_->At(cursor);
    if (place.type == Place::Type::kNone) return false;
    if (place.type == Place::Type::kColumn) {
      const Column& column = impl_->batch.columns[place.column];
      const uint32_t index = cursor.ValueIndex(place.column);
      if (column.key.kind == Kind::kInteger) {
        number = {static_cast<double>(column.integers[index]), column.integers[index], true};
        return true;
      }
      if (column.key.kind == Kind::kDecimal) {
        number = {DecimalToDouble(column.integers[index], column.scales[index]), 0, false};
        return true;
      }
    }
  }
  const Value value = Read(cursor);
  const auto* integer = std::get_if<int64_t>(&value);
  number.is_integer = integer != nullptr;
  number.integer = integer != nullptr ? *integer : 0;
  return ToNumber(value, number.value);
}

void FieldReader::AppendKey(const record::RowCursor& cursor, std::string& key) const {
  if (impl_->binding != nullptr && impl_->field.source != FieldRef::Source::kLevel) {
    const Place& place = impl_->At(cursor);
    if (place.type == Place::Type::kColumn && impl_->batch.columns[place.column].key.kind == Kind::kString) {
      key += '\1';  // as AppendKey of a text
      base::PutString(key, impl_->batch.columns[place.column].text(cursor.ValueIndex(place.column)));
      return;
    }
  }
  expr::AppendKey(Read(cursor), key);
}

bool FieldReader::NeedsColumn(const FieldRef& field, const record::ColumnKey& key) {
  return Binding::NeedsColumn(field, key);
}

}  // namespace taffrail::expr
