// Convolution of tiles with NEON.
#include <arm_neon.h>

#define TARGET

#include "../vectors.h"

namespace utter {

namespace {

INLINED Eight multiply_add(Eight x, Eight y, Eight z) {
  return {vfmaq_f32(z.low, x.low, y.low), vfmaq_f32(z.high, x.high, y.high)};
}

INLINED Eight multiply_subtract(Eight x, Eight y, Eight z) {
  return {vfmsq_f32(z.low, x.low, y.low), vfmsq_f32(z.high, x.high, y.high)};
}

}  // namespace

}  // namespace utter

#include "winograd_eights.h"
#include "winograd_registers.h"

namespace utter {

const ConvolveTiles kConvolveNeon = &convolve_tiles<float>;

}  // namespace utter
