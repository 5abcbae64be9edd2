// Eight floats with NEON: see vectors.h. Each operation gives the bits of the one in vectors_avx2.h, unless they are NaN.
#pragma once

#include <arm_neon.h>

#include <cstdint>

// All 64-bit processors of Arm have NEON.
#define VECTORS
#define INLINED __attribute__((always_inline)) inline

namespace utter {

struct Eight {
  float32x4_t low;
  float32x4_t high;
};

struct Four {
  float64x2_t low;
  float64x2_t high;
};

INLINED Eight operator+(Eight x, Eight y) { return {vaddq_f32(x.low, y.low), vaddq_f32(x.high, y.high)}; }

INLINED Eight operator-(Eight x, Eight y) { return {vsubq_f32(x.low, y.low), vsubq_f32(x.high, y.high)}; }

INLINED Eight operator*(Eight x, Eight y) { return {vmulq_f32(x.low, y.low), vmulq_f32(x.high, y.high)}; }

INLINED Eight operator/(Eight x, Eight y) { return {vdivq_f32(x.low, y.low), vdivq_f32(x.high, y.high)}; }

INLINED Four operator+(Four x, Four y) { return {vaddq_f64(x.low, y.low), vaddq_f64(x.high, y.high)}; }

INLINED Four operator*(Four x, Four y) { return {vmulq_f64(x.low, y.low), vmulq_f64(x.high, y.high)}; }

INLINED Eight all(float number) { return {vdupq_n_f32(number), vdupq_n_f32(number)}; }

INLINED Eight load_eight(const float* from) { return {vld1q_f32(from), vld1q_f32(from + 4)}; }

INLINED Eight load_eight(const int32_t* from) { return {vcvtq_f32_s32(vld1q_s32(from)), vcvtq_f32_s32(vld1q_s32(from + 4))}; }

INLINED void store(Eight x, float* to) {
  vst1q_f32(to, x.low);
  vst1q_f32(to + 4, x.high);
}

INLINED int16x8_t rounded_int16(Eight x) { return vqmovn_high_s32(vqmovn_s32(vcvtnq_s32_f32(x.low)), vcvtnq_s32_f32(x.high)); }

INLINED void store_rounded(Eight first, Eight second, int16_t* to) {
  vst1q_s16(to, rounded_int16(first));
  vst1q_s16(to + 8, rounded_int16(second));
}

// Not vmaxq_f32, which gives NaN if x is NaN.
INLINED float32x4_t larger(float32x4_t x, float32x4_t y) { return vbslq_f32(vcgtq_f32(x, y), x, y); }

INLINED float32x4_t smaller(float32x4_t x, float32x4_t y) { return vbslq_f32(vcltq_f32(x, y), x, y); }

INLINED Eight larger(Eight x, Eight y) { return {larger(x.low, y.low), larger(x.high, y.high)}; }

INLINED Eight smaller(Eight x, Eight y) { return {smaller(x.low, y.low), smaller(x.high, y.high)}; }

INLINED Eight negated(Eight x) { return {vnegq_f32(x.low), vnegq_f32(x.high)}; }

INLINED Eight magnitudes(Eight x) { return {vabsq_f32(x.low), vabsq_f32(x.high)}; }

INLINED Eight rounded(Eight x) { return {vrndnq_f32(x.low), vrndnq_f32(x.high)}; }

INLINED float32x4_t powers_of_two(float32x4_t n) {
  return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(vcvtnq_s32_f32(n), vdupq_n_s32(127)), 23));
}

INLINED Eight powers_of_two(Eight n) { return {powers_of_two(n.low), powers_of_two(n.high)}; }

INLINED bool has_nan(Eight x) { return vminvq_u32(vandq_u32(vceqq_f32(x.low, x.low), vceqq_f32(x.high, x.high))) == 0; }

INLINED float32x4_t complex_products(float32x4_t x, float32x4_t y) {
  const uint32x4_t sign_of_real = vreinterpretq_u32_u64(vdupq_n_u64(0x80000000));
  const float32x4_t crossed = vmulq_f32(vrev64q_f32(x), vtrn2q_f32(y, y));
  const float32x4_t added = vreinterpretq_f32_u32(veorq_u32(vreinterpretq_u32_f32(crossed), sign_of_real));
  return vaddq_f32(vmulq_f32(x, vtrn1q_f32(y, y)), added);
}

INLINED Eight complex_products(Eight x, Eight y) { return {complex_products(x.low, y.low), complex_products(x.high, y.high)}; }

INLINED Four first_four(Eight x) { return {vcvt_f64_f32(vget_low_f32(x.low)), vcvt_high_f64_f32(x.low)}; }

INLINED Four last_four(Eight x) { return {vcvt_f64_f32(vget_low_f32(x.high)), vcvt_high_f64_f32(x.high)}; }

INLINED float hmax(Eight x) {
  const float32x4_t half = larger(x.low, x.high);
  const float32x4_t quarter = larger(half, vextq_f32(half, half, 2));
  return vgetq_lane_f32(larger(quarter, vextq_f32(quarter, quarter, 1)), 0);
}

INLINED float hsum(Eight x) {
  const float32x4_t half = vaddq_f32(x.low, x.high);
  const float32x2_t quarter = vadd_f32(vget_low_f32(half), vget_high_f32(half));
  return vget_lane_f32(quarter, 0) + vget_lane_f32(quarter, 1);
}

INLINED double hsum(Four x) {
  const float64x2_t half = vaddq_f64(x.low, x.high);
  return vgetq_lane_f64(half, 0) + vgetq_lane_f64(half, 1);
}

}  // namespace utter
