// Bfloat16 with AVX-512. Included once by a file that has defined TARGET, its instruction set.
#pragma once

#include <cstring>

#include "winograd_avx512.h"

namespace utter {

namespace {

// A bfloat16.
enum class Half : uint16_t {};

LOCAL void store(Sixteen x, Half* to) {
  const __m256bh rounded = _mm512_cvtneps_pbh(x);
  std::memcpy(to, &rounded, sizeof(rounded));
}

// To about 13 bits: e^-x = 2^n 2^r, 2^r by the first terms of its series.
LOCAL Sixteen sigmoid(Sixteen x) {
  const Sixteen y = x * all_sixteen(-1.44269504088896341f);
  const Sixteen n = _mm512_maskz_roundscale_ps(0xffff, y, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  const Sixteen r = y - n;
  Sixteen power = all_sixteen(9.61812911e-3f);
  for (const float term : {5.55041087e-2f, 2.40226507e-1f, 6.93147181e-1f, 1.f}) {
    power = multiply_add(power, r, all_sixteen(term));
  }
  return _mm512_maskz_rcp14_ps(0xffff, all_sixteen(1.f) + _mm512_maskz_scalef_ps(0xffff, power, n));
}

}  // namespace

}  // namespace utter
