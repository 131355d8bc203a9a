#pragma once

#include "taffrail/features.h"

namespace taffrail::log {

void SetFeatures(const Features& features);

}  // namespace taffrail::log
