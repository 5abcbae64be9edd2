#include "split.h"

#include "vectors.h"

namespace utter {

AVX2 void split_bytes(int16_t* row, int64_t width) {
  const __m128i order = _mm_setr_epi8(0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15);
  const __m128i sign = _mm_set1_epi64x(static_cast<int64_t>(0x8080808000000000));
  int64_t i = 0;
  for (; i + 8 <= width; i += 8) {
    auto* at = reinterpret_cast<__m128i*>(row + i);
    _mm_storeu_si128(at, _mm_xor_si128(_mm_shuffle_epi8(_mm_loadu_si128(at), order), sign));
  }
  if (i < width) {
    auto* at = reinterpret_cast<__m128i*>(row + i);
    _mm_storel_epi64(at, _mm_xor_si128(_mm_shuffle_epi8(_mm_loadl_epi64(at), order), sign));
  }
}

}  // namespace utter
