// Matrices quantized to 4 bit.
#pragma once

#include <cstdint>

namespace utter {

// Quantizes w (outputs, inputs), row-major, contiguous, and packs it. The scale of each group is searched: of those that
// kInt4Quotients describes, the one with the smallest sum of squared errors of its weights, each times the importance of its
// input (inputs), which is the mean square that is expected of it. `packed` has packed_int4_bytes. Shared by the team.
void pack_int4(const float* w, const float* importance, int64_t outputs, int64_t inputs, int8_t* packed);

}  // namespace utter
