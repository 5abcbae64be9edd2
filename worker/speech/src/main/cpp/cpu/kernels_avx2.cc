// 16-bit inputs times 8-bit weights, which are widened.
#include <algorithm>

#include "kernels.h"
#include "vectors.h"

namespace utter {

namespace {

// FMA is for gated convolutions.
bool is_supported() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

void keep(int16_t*, int64_t) {}

// A quarter of a panel is a vector of 4 outputs times 4 inputs, whose products are added in pairs. Half a panel is summed at a
// time: there are no registers for the sums of more.
constexpr int kQuarters = 2;
constexpr int64_t kHalfOutputs = kPanelOutputs / 2;
constexpr int64_t kHalfBytes = kGroupBytes / 2;

// fetched: how far ahead weights are fetched, in bytes; every kEach-th group of them.
template <int kRows, int kEach>
AVX2 void sum_half(const int16_t* rows, int64_t stride, const int8_t* numbers, int64_t groups, int64_t fetched, int32_t* sums,
                   int64_t sums_stride) {
  __m256i totals[kRows][kQuarters];
  for (int row = 0; row < kRows; row++) {
    for (int quarter = 0; quarter < kQuarters; quarter++) {
      totals[row][quarter] = _mm256_setzero_si256();
    }
  }
#pragma GCC unroll 4
  for (int64_t group = 0; group < groups; group++) {
    if (group % kEach == 0) {
      _mm_prefetch(reinterpret_cast<const char*>(numbers + fetched), _MM_HINT_T1);
    }
    const __m256i first = _mm256_cvtepi8_epi16(_mm_load_si128(reinterpret_cast<const __m128i*>(numbers)));
    const __m256i second = _mm256_cvtepi8_epi16(_mm_load_si128(reinterpret_cast<const __m128i*>(numbers + 16)));
#pragma GCC unroll 4
    for (int row = 0; row < kRows; row++) {
      const __m256i inputs = _mm256_set1_epi64x(load<int64_t>(rows + row * stride + group * kGroupInputs));
      totals[row][0] = _mm256_add_epi32(totals[row][0], _mm256_madd_epi16(first, inputs));
      totals[row][1] = _mm256_add_epi32(totals[row][1], _mm256_madd_epi16(second, inputs));
    }
    numbers += kGroupBytes;
  }
  for (int row = 0; row < kRows; row++) {
    const __m256i pairs = _mm256_hadd_epi32(totals[row][0], totals[row][1]);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums + row * sums_stride), _mm256_permute4x64_epi64(pairs, 0xd8));
  }
}

// Groups of a panel that are multiplied before those of the next one: 1 KB.
constexpr int64_t kBlockGroups = 16;

// Adds some groups of one row to the totals of a whole panel.
AVX2 void add_row(const int16_t* row, const int8_t* numbers, int64_t groups, __m256i* totals) {
  __m256i now[2 * kQuarters];
  for (int quarter = 0; quarter < 2 * kQuarters; quarter++) {
    now[quarter] = totals[quarter];
  }
  for (int64_t group = 0; group < groups; group++) {
    _mm_prefetch(reinterpret_cast<const char*>(numbers + kAhead), _MM_HINT_T0);
    const __m256i inputs = _mm256_set1_epi64x(load<int64_t>(row + group * kGroupInputs));
    for (int quarter = 0; quarter < 2 * kQuarters; quarter++) {
      const __m256i weights = _mm256_cvtepi8_epi16(_mm_load_si128(reinterpret_cast<const __m128i*>(numbers + quarter * 16)));
      now[quarter] = _mm256_add_epi32(now[quarter], _mm256_madd_epi16(weights, inputs));
    }
    numbers += kGroupBytes;
  }
  for (int quarter = 0; quarter < 2 * kQuarters; quarter++) {
    totals[quarter] = now[quarter];
  }
}

// One row: the memory's bandwidth is the limit, which is higher when several distant pages are read at once.
AVX2 void sum_row(const int16_t* row, const PackedMatrix& matrix, int64_t panel, int64_t panel_count, int32_t* sums) {
  __m256i totals[kMaxKernelPanels][2 * kQuarters];
  for (int64_t at = 0; at < panel_count; at++) {
    for (__m256i& total : totals[at]) {
      total = _mm256_setzero_si256();
    }
  }
  for (int64_t group = 0; group < matrix.groups(); group += kBlockGroups) {
    const int64_t count = std::min(kBlockGroups, matrix.groups() - group);
    for (int64_t at = 0; at < panel_count; at++) {
      add_row(row + group * kGroupInputs, matrix.numbers(panel + at) + group * kGroupBytes, count, totals[at]);
    }
  }
  for (int64_t at = 0; at < panel_count; at++) {
    for (int half = 0; half < 2; half++) {
      const __m256i pairs = _mm256_hadd_epi32(totals[at][2 * half], totals[at][2 * half + 1]);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums + at * kPanelOutputs + half * kHalfOutputs),
                          _mm256_permute4x64_epi64(pairs, 0xd8));
    }
  }
}

// Both halves of a panel, rows from `row` on; returns those that are done. Each pass over a panel fetches a part of the next
// one; `pass` counts all of them, so that kEach passes fetch all parts.
template <int kRows, int kEach>
int64_t sum_panel(const int16_t* rows, int64_t stride, int64_t row, int64_t count, int64_t* pass, const PackedMatrix& matrix,
                  int64_t panel, int32_t* sums, int64_t sums_stride) {
  for (; row + kRows <= count; row += kRows) {
    for (int half = 0; half < 2; half++) {
      sum_half<kRows, kEach>(rows + row * stride, stride, matrix.numbers(panel) + half * kHalfBytes, matrix.groups(),
                             matrix.panel_bytes() + (*pass)++ % kEach * kGroupBytes,
                             sums + row * sums_stride + half * kHalfOutputs, sums_stride);
    }
  }
  return row;
}

template <int kEach>
void sum_panel_rows(const int16_t* rows, int64_t stride, int64_t count, const PackedMatrix& matrix, int64_t panel,
                    int32_t* sums, int64_t sums_stride) {
  int64_t pass = 0;
  int64_t row = sum_panel<4, kEach>(rows, stride, 0, count, &pass, matrix, panel, sums, sums_stride);
  row = sum_panel<2, kEach>(rows, stride, row, count, &pass, matrix, panel, sums, sums_stride);
  sum_panel<1, kEach>(rows, stride, row, count, &pass, matrix, panel, sums, sums_stride);
}

void sum(const int16_t* rows, int64_t stride, int64_t row_count, const PackedMatrix& matrix, int64_t panel, int64_t panel_count,
         int32_t* sums) {
  const int64_t sums_stride = panel_count * kPanelOutputs;
  if (row_count == 1) {
    sum_row(rows, matrix, panel, panel_count, sums);
    return;
  }
  for (int64_t at = 0; at < panel_count; at++) {
    int32_t* target = sums + at * kPanelOutputs;
    if (row_count <= 4) {
      sum_panel_rows<2>(rows, stride, row_count, matrix, panel + at, target, sums_stride);
    } else {
      sum_panel_rows<4>(rows, stride, row_count, matrix, panel + at, target, sums_stride);
    }
  }
}

}  // namespace

const Kernel kAvx2Kernel{kIsaAvx2, &is_supported, &keep, &sum, &sum_int4_avx2};

}  // namespace utter
