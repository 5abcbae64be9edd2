// The operators of the watermark's networks.
#pragma once

#include "../libtorch.h"

namespace utter {

struct Operator {
  const char* schema;
  const char* name;
  StableFunction function;
};

extern const Operator kGatedOperators[3];

}  // namespace utter
