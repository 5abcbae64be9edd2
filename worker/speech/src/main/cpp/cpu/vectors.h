// Eight floats at a time, with the instructions that every supported processor of its kind has. Functions that use them are
// marked VECTORS or INLINED. Sums, differences, products and quotients are written with operators.
#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>

#if defined(__x86_64__)
#include "vectors_avx2.h"
#else
#include "vectors_neon.h"
#endif

namespace utter {

// How far ahead of its use a matrix is fetched, in bytes.
constexpr int64_t kAhead = 1024;

template <typename Number>
INLINED Number load(const void* from) {
  Number number;
  std::memcpy(&number, from, sizeof(number));
  return number;
}

// What the headers above have.

INLINED Eight all(float number);

INLINED Eight load_eight(const float* from);

// Integers, as floats.
INLINED Eight load_eight(const int32_t* from);

INLINED void store(Eight x, float* to);

// Rounded to the nearest 16-bit integers, as all rounding here to the even one of two.
INLINED void store_rounded(Eight first, Eight second, int16_t* to);

// y where one of them is NaN.
INLINED Eight larger(Eight x, Eight y);
INLINED Eight smaller(Eight x, Eight y);

INLINED Eight negated(Eight x);

INLINED Eight magnitudes(Eight x);

INLINED Eight rounded(Eight x);

// 2^n of integers -126 to 127.
INLINED Eight powers_of_two(Eight n);

INLINED bool has_nan(Eight x);

// Products of complex numbers; real and imaginary part are neighbours.
INLINED Eight complex_products(Eight x, Eight y);

// Halves, as doubles.
INLINED Four first_four(Eight x);
INLINED Four last_four(Eight x);

INLINED float hmax(Eight x);

// Adds the halves, then the halves of the result, and so on.
INLINED float hsum(Eight x);
INLINED double hsum(Four x);

// e^x as in Cephes (expf): 2^n e^r, e^r by a polynomial. NaN stays NaN.
INLINED Eight exponential(Eight x) {
  x = larger(all(-87.f), smaller(all(88.f), x));
  const Eight n = rounded(x * all(1.44269504088896341f));
  Eight r = x - n * all(0.693359375f);
  r = r - n * all(-2.12194440e-4f);
  Eight y = all(1.9875691500e-4f);
  for (const float term : {1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f}) {
    y = y * r + all(term);
  }
  y = r * r * y + (r + all(1.f));
  return y * powers_of_two(n);
}

}  // namespace utter
