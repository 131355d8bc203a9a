// The stages that work on whole series.
#pragma once

#include <functional>

#include "base/status.h"
#include "query/exec/series.h"
#include "query/plan/plan.h"

namespace taffrail::query::exec {

Matrix MakeConstantMatrix(const plan::ConstantVector& constant);

void Apply(const plan::VectorAggregate& aggregate, Matrix& matrix);
void Apply(const plan::ScalarOperation& operation, Matrix& matrix);
// InvalidArgument: a bad pattern, or two series would have the same labels.
absl::Status Apply(const plan::LabelReplace& replace, Matrix& matrix);
// InvalidArgument: matching labels are not unique where they must be.
absl::Status ApplyJoin(const plan::Join& join, Matrix& left, const Matrix& right);

// One number with another: a division by zero is NaN, as in Loki. False when a comparison without `bool` does
// not hold.
bool Operate(plan::BinaryOperator op, double left, double right, bool returns_bool, bool keeps_right,
             double& result);

}  // namespace taffrail::query::exec
