#include "quantize.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "constants.h"
#include "vectors.h"

namespace utter {

namespace {

// silu(gate) * up
INLINED Eight silu_mul_eight(Eight gate, Eight up) { return gate / (all(1.f) + exponential(negated(gate))) * up; }

}  // namespace

VECTORS float quantize_row(const float* x, int64_t inputs, int64_t top, int16_t* quantized, int64_t width) {
  Eight maxima = all(0.f);
  Eight zeros = all(0.f);
  int64_t i = 0;
  for (; i + 8 <= inputs; i += 8) {
    const Eight eight = load_eight(x + i);
    maxima = larger(maxima, magnitudes(eight));
    // NaN if any number is not finite; a maximum may hide that.
    zeros = zeros + eight * all(0.f);
  }
  float largest = hmax(maxima);
  bool finite = !has_nan(zeros);
  for (; i < inputs; i++) {
    largest = std::max(largest, std::fabs(x[i]));
    finite = finite && std::isfinite(x[i]);
  }
  if (!finite) {
    std::fill(quantized, quantized + width, 0);
    return std::numeric_limits<float>::quiet_NaN();
  }
  largest = std::max(largest, kMinMagnitude);
  const float last = static_cast<float>(top);
  const float inverse_scale = last / largest;
  const Eight inverse_scales = all(inverse_scale);
  for (i = 0; i + 16 <= inputs; i += 16) {
    store_rounded(load_eight(x + i) * inverse_scales, load_eight(x + i + 8) * inverse_scales, quantized + i);
  }
  for (; i < inputs; i++) {
    quantized[i] = static_cast<int16_t>(std::lrint(x[i] * inverse_scale));
  }
  std::fill(quantized + inputs, quantized + width, 0);
  return largest / last;
}

VECTORS float norm(const float* x, int64_t count) {
  Eight squares = all(0.f);
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const Eight eight = load_eight(x + i);
    squares = squares + eight * eight;
  }
  float total = hsum(squares);
  for (; i < count; i++) {
    total += x[i] * x[i];
  }
  return std::sqrt(total);
}

VECTORS void silu_mul(const float* gate, const float* up, int64_t count, float* result) {
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    store(silu_mul_eight(load_eight(gate + i), load_eight(up + i)), result + i);
  }
  if (i < count) {
    float last[3][8] = {};
    std::copy(gate + i, gate + count, last[0]);
    std::copy(up + i, up + count, last[1]);
    store(silu_mul_eight(load_eight(last[0]), load_eight(last[1])), last[2]);
    std::copy(last[2], last[2] + (count - i), result + i);
  }
}

}  // namespace utter
