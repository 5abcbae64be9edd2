// 16-bit inputs times 4-bit weights, which are widened, 32 products at a time.
#include "kernels.h"
#include "vectors.h"

#define AVX512 __attribute__((target("avx2,avx512f,avx512bw,avx512vl,avx512vnni")))
#define AVX512_INLINED AVX512 __attribute__((always_inline)) inline

namespace utter {

namespace {

constexpr __mmask32 kAllWords = 0xffffffff;
constexpr __mmask16 kAllNumbers = 0xffff;

// The numbers at this place, 0 to 3, of each word. GCC 12 warns that plain shifts read an uninitialized vector.
AVX512_INLINED __m512i unpacked(__m512i words, unsigned int place) {
  const __m512i left = place == 3 ? words : _mm512_maskz_slli_epi16(kAllWords, words, 12 - 4 * place);
  return _mm512_maskz_srai_epi16(kAllWords, left, 12);
}

// The scales of a group, 0 to 3, in steps.
AVX512_INLINED __m512 scales_of(__m512i steps, unsigned int group) {
  const __m512i left = _mm512_maskz_slli_epi32(kAllNumbers, steps, 24 - 8 * group);
  return _mm512_maskz_cvtepi32_ps(kAllNumbers, _mm512_maskz_srai_epi32(kAllNumbers, left, 24));
}

// A few rows and panels.
template <int kRows, int kPanels>
AVX512 __attribute__((noinline)) void sum_tile(const int16_t* rows, int64_t stride, const PackedMatrix& matrix, int64_t panel,
                                               float* target, int64_t target_stride) {
  __m512 totals[kRows][kPanels];
  for (int row = 0; row < kRows; row++) {
    for (int at = 0; at < kPanels; at++) {
      totals[row][at] = _mm512_setzero_ps();
    }
  }
  const int8_t* block = matrix.block(panel);
  const int64_t gap = matrix.panel_bytes();
  const int64_t inputs = matrix.width();
  for (int64_t input = 0; input < inputs; input += kBlockInputs) {
    __m512i steps[kPanels];
    for (int at = 0; at < kPanels; at++) {
      steps[at] = _mm512_load_si512(block + at * gap);
      _mm_prefetch(reinterpret_cast<const char*>(block + at * gap + kAhead), _MM_HINT_T0);
    }
    const int8_t* vectors = block + kStepsBytes;
    for (unsigned int group = 0; group < kBlockGroups; group++) {
      __m512i sums[kRows][kPanels];
      for (int row = 0; row < kRows; row++) {
        for (int at = 0; at < kPanels; at++) {
          sums[row][at] = _mm512_setzero_si512();
        }
      }
      const int16_t* from = rows + input + group * kInt4GroupInputs;
#pragma GCC unroll 4
      for (int vector = 0; vector < kGroupVectors; vector++) {
        __m512i words[kPanels];
        for (int at = 0; at < kPanels; at++) {
          words[at] = _mm512_load_si512(vectors + at * gap);
          _mm_prefetch(reinterpret_cast<const char*>(vectors + at * gap + kAhead), _MM_HINT_T0);
        }
#pragma GCC unroll 4
        for (unsigned int place = 0; place < 4; place++) {
          __m512i weights[kPanels];
          for (int at = 0; at < kPanels; at++) {
            weights[at] = unpacked(words[at], place);
          }
          for (int row = 0; row < kRows; row++) {
            const __m512i numbers = _mm512_set1_epi32(load<int32_t>(from + row * stride + vector * kVectorInputs + 2 * place));
            for (int at = 0; at < kPanels; at++) {
              sums[row][at] = _mm512_dpwssd_epi32(sums[row][at], weights[at], numbers);
            }
          }
        }
        vectors += kVectorBytes;
      }
      for (int at = 0; at < kPanels; at++) {
        const __m512 scales = scales_of(steps[at], group);
        for (int row = 0; row < kRows; row++) {
          const __m512 exact = _mm512_maskz_cvtepi32_ps(kAllNumbers, sums[row][at]);
          totals[row][at] = _mm512_add_ps(totals[row][at], _mm512_mul_ps(exact, scales));
        }
      }
    }
    block += kBlockBytes;
  }
  for (int row = 0; row < kRows; row++) {
    for (int at = 0; at < kPanels; at++) {
      _mm512_storeu_ps(target + row * target_stride + at * kPanelOutputs, totals[row][at]);
    }
  }
}

// As many rows at a time as there are registers for the sums of.
template <int kPanels>
void sum_panels(const int16_t* rows, int64_t stride, int64_t count, const PackedMatrix& matrix, int64_t panel, float* sums,
                int64_t sums_stride) {
  int64_t row = 0;
  const auto at = [&] { return rows + row * stride; };
  const auto to = [&] { return sums + row * sums_stride; };
  if constexpr (kPanels <= 2) {
    for (; row + 8 <= count; row += 8) {
      sum_tile<8, kPanels>(at(), stride, matrix, panel, to(), sums_stride);
    }
    for (; row + 4 <= count; row += 4) {
      sum_tile<4, kPanels>(at(), stride, matrix, panel, to(), sums_stride);
    }
  }
  for (; row + 2 <= count; row += 2) {
    sum_tile<2, kPanels>(at(), stride, matrix, panel, to(), sums_stride);
  }
  if (row < count) {
    sum_tile<1, kPanels>(at(), stride, matrix, panel, to(), sums_stride);
  }
}

}  // namespace

void sum_int4_avx512vnni(const int16_t* rows, int64_t stride, int64_t row_count, const PackedMatrix& matrix, int64_t panel,
                         int64_t panel_count, float* sums) {
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

}  // namespace utter
