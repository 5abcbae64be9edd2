// The two bytes of a 16-bit input times 8-bit weights, 64 products at a time. Sums wrap around at 32 bit on the way; their
// total fits.
#include <algorithm>

#include "kernels.h"
#include "split.h"
#include "vectors.h"

#define AVX512 __attribute__((target("avx2,avx512f,avx512bw,avx512vl,avx512vnni")))

namespace utter {

namespace {

// Groups that tiles of rows multiply one after the other: 4 KB of two panels.
constexpr int64_t kBlockGroups = 32;

// Rows whose sums fit the registers, with two panels.
constexpr int kTileRows = 4;

bool is_supported() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vnni");
}

// GCC 12 warns that the plain shift reads an uninitialized vector.
__attribute__((target("avx512f"), always_inline)) inline __m512i shifted(__m512i numbers, unsigned int by) {
  return _mm512_maskz_slli_epi32(0xffff, numbers, by);
}

// The sums of low and of high bytes of a few rows and panels.
template <int kRows, int kPanels>
struct Sums {
  __m512i low[kRows][kPanels];
  __m512i high[kRows][kPanels];
};

// The high bytes are 128 too large.
template <int kRows, int kPanels>
AVX512 void begin(const PackedMatrix& matrix, int64_t panel, Sums<kRows, kPanels>* sums) {
  for (int at = 0; at < kPanels; at++) {
    const __m512i surplus = shifted(_mm512_loadu_si512(matrix.head(panel + at).sums), 7);
    for (int row = 0; row < kRows; row++) {
      sums->low[row][at] = _mm512_setzero_si512();
      sums->high[row][at] = _mm512_sub_epi32(_mm512_setzero_si512(), surplus);
    }
  }
}

// Adds some groups. `numbers` are the weights of the first of them; the panels are `gap` apart. fetched: how far ahead weights
// are fetched, in bytes; every `kEach`-th group of them.
// Not inlined: where it is, GCC keeps the sums in memory.
template <int kRows, int kPanels, int kEach>
AVX512 __attribute__((noinline)) void add(const int16_t* rows, int64_t stride, const int8_t* numbers, int64_t gap,
                                          int64_t groups, int64_t fetched, Sums<kRows, kPanels>* sums) {
  Sums<kRows, kPanels> now = *sums;
  for (int64_t group = 0; group < groups; group++) {
    __m512i weights[kPanels];
    for (int at = 0; at < kPanels; at++) {
      weights[at] = _mm512_load_si512(numbers + at * gap);
      if (kEach == 1 || group % kEach == 0) {
        _mm_prefetch(reinterpret_cast<const char*>(numbers + at * gap + fetched), _MM_HINT_T0);
      }
    }
    for (int row = 0; row < kRows; row++) {
      const int16_t* bytes = rows + row * stride + group * kGroupInputs;
      const __m512i low_bytes = _mm512_set1_epi32(load<int32_t>(bytes));
      const __m512i high_bytes = _mm512_set1_epi32(load<int32_t>(bytes + 2));
      for (int at = 0; at < kPanels; at++) {
        now.low[row][at] = _mm512_dpbusd_epi32(now.low[row][at], low_bytes, weights[at]);
        now.high[row][at] = _mm512_dpbusd_epi32(now.high[row][at], high_bytes, weights[at]);
      }
    }
    numbers += kGroupBytes;
  }
  *sums = now;
}

template <int kRows, int kPanels>
AVX512 void end(const Sums<kRows, kPanels>& sums, int32_t* target, int64_t target_stride) {
  for (int row = 0; row < kRows; row++) {
    for (int at = 0; at < kPanels; at++) {
      _mm512_storeu_si512(target + row * target_stride + at * kPanelOutputs,
                          _mm512_add_epi32(shifted(sums.high[row][at], 8), sums.low[row][at]));
    }
  }
}

// A few rows, all groups.
template <int kRows, int kPanels>
AVX512 void sum_tile(const int16_t* rows, int64_t stride, const PackedMatrix& matrix, int64_t panel, int32_t* target,
                     int64_t target_stride) {
  Sums<kRows, kPanels> sums;
  begin(matrix, panel, &sums);
  add<kRows, kPanels, 1>(rows, stride, matrix.numbers(panel), matrix.panel_bytes(), matrix.groups(), kAhead, &sums);
  end(sums, target, target_stride);
}

// More rows than there are registers for, in tiles: block by block, so that all tiles but the first find the weights in the L1
// cache. Each tile fetches its share of a later block, so that the memory is never idle.
template <int kTiles, int kPanels>
AVX512 void sum_tiles(const int16_t* rows, int64_t stride, const PackedMatrix& matrix, int64_t panel, int32_t* target,
                      int64_t target_stride) {
  Sums<kTileRows, kPanels> sums[kTiles];
  for (int tile = 0; tile < kTiles; tile++) {
    begin(matrix, panel, &sums[tile]);
  }
  const int64_t gap = matrix.panel_bytes();
  for (int64_t group = 0; group < matrix.groups(); group += kBlockGroups) {
    const int64_t count = std::min(kBlockGroups, matrix.groups() - group);
    const int8_t* numbers = matrix.numbers(panel) + group * kGroupBytes;
    const int16_t* inputs = rows + group * kGroupInputs;
    for (int tile = 0; tile < kTiles; tile++) {
      const int64_t fetched = (2 * kBlockGroups + tile) * kGroupBytes;
      add<kTileRows, kPanels, kTiles>(inputs + tile * kTileRows * stride, stride, numbers, gap, count, fetched, &sums[tile]);
    }
  }
  for (int tile = 0; tile < kTiles; tile++) {
    end(sums[tile], target + tile * kTileRows * target_stride, target_stride);
  }
}

template <int kPanels>
void sum_panels(const int16_t* rows, int64_t stride, int64_t count, const PackedMatrix& matrix, int64_t panel, int32_t* sums,
                int64_t sums_stride) {
  int64_t row = 0;
  const auto at = [&] { return rows + row * stride; };
  const auto to = [&] { return sums + row * sums_stride; };
  if constexpr (kPanels <= 2) {
    for (; row + 4 * kTileRows <= count; row += 4 * kTileRows) {
      sum_tiles<4, kPanels>(at(), stride, matrix, panel, to(), sums_stride);
    }
    for (; row + 2 * kTileRows <= count; row += 2 * kTileRows) {
      sum_tiles<2, kPanels>(at(), stride, matrix, panel, to(), sums_stride);
    }
    for (; row + kTileRows <= count; row += kTileRows) {
      sum_tile<kTileRows, kPanels>(at(), stride, matrix, panel, to(), sums_stride);
    }
  }
  for (; row + 2 <= count; row += 2) {
    sum_tile<2, kPanels>(at(), stride, matrix, panel, to(), sums_stride);
  }
  if (row < count) {
    sum_tile<1, kPanels>(at(), stride, matrix, panel, to(), sums_stride);
  }
}

void sum(const int16_t* rows, int64_t stride, int64_t row_count, const PackedMatrix& matrix, int64_t panel, int64_t panel_count,
         int32_t* sums) {
  const int64_t sums_stride = panel_count * kPanelOutputs;
  int64_t at = 0;
  // With one row the memory's bandwidth is the limit, which is higher when several distant pages are read at once.
  if (row_count == 1) {
    for (; at + 4 <= panel_count; at += 4) {
      sum_panels<4>(rows, stride, row_count, matrix, panel + at, sums + at * kPanelOutputs, sums_stride);
    }
  }
  for (; at + 2 <= panel_count; at += 2) {
    sum_panels<2>(rows, stride, row_count, matrix, panel + at, sums + at * kPanelOutputs, sums_stride);
  }
  if (at < panel_count) {
    sum_panels<1>(rows, stride, row_count, matrix, panel + at, sums + at * kPanelOutputs, sums_stride);
  }
}

}  // namespace

const Kernel kAvx512VnniKernel{kIsaAvx512Vnni, &is_supported, &split_bytes, &sum, &sum_int4_avx512vnni};

}  // namespace utter
