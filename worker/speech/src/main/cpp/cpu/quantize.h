// Rows of numbers made ready for products. The same instructions on every processor, so that all give equal bits.
#pragma once

#include <cstdint>

namespace utter {

// Quantizes x to 16 bit by its own maximum, which becomes `top`. The numbers from `inputs` to `width` become zero. Returns the
// scale: x is about quantized * scale. NaN if x is not finite; then all numbers are zero.
float quantize_row(const float* x, int64_t inputs, int64_t top, int16_t* quantized, int64_t width);

// The Euclidean norm of x.
float norm(const float* x, int64_t count);

// silu(gate) * up
void silu_mul(const float* gate, const float* up, int64_t count, float* result);

}  // namespace utter
