#include "products.h"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "vectors.h"

namespace utter {

namespace {

// Inputs multiplied at a time, and inputs per loop iteration: one cache line.
constexpr int64_t kStep = 16;
constexpr int64_t kLine = 64;
// The sums of a tile are kept in the 16 vector registers.
constexpr int64_t kTileOutputs = 3;
constexpr int64_t kTileRows = 3;
// Elements of a silu_mul row that a thread computes at a time.
constexpr int64_t kPiece = 1024;
// With one row memory bandwidth is the limit; it is higher when several distant pages are read at once.
constexpr int64_t kStreams = 4;
// Bytes of the matrix that a thread uses at a time: they stay in the L2 cache for the next rows.
constexpr int64_t kBlockBytes = 192 * 1024;

// Input rows in 16 bit. `width` is the row stride: the inputs, padded with zeros to a multiple of kStep.
struct Quantized {
  const int16_t* numbers;
  const float* scales;
  int64_t width;
};

int64_t quantized_width(int64_t inputs) { return (inputs + kStep - 1) / kStep * kStep; }

// The quantized value of a row's maximum: the largest for which no sum overflows 32 bit.
int64_t qmax(int64_t inputs) { return std::min(kInt16Max, kInt32Max / (kInt8Max * inputs)); }

// Returns the scale: x is about quantized * scale. NaN if x is not finite.
AVX2 float quantize_row(const float* x, int64_t inputs, int16_t* quantized, int64_t width) {
  const __m256 sign = _mm256_set1_ps(-0.f);
  __m256 maxima = _mm256_setzero_ps();
  __m256 zeros = _mm256_setzero_ps();
  int64_t i = 0;
  for (; i + 8 <= inputs; i += 8) {
    const __m256 eight = _mm256_loadu_ps(x + i);
    maxima = _mm256_max_ps(maxima, _mm256_andnot_ps(sign, eight));
    // NaN if any number is not finite; a maximum may hide that.
    zeros = _mm256_add_ps(zeros, _mm256_mul_ps(eight, _mm256_setzero_ps()));
  }
  float largest = hmax(maxima);
  bool finite = _mm256_movemask_ps(_mm256_cmp_ps(zeros, zeros, _CMP_UNORD_Q)) == 0;
  for (; i < inputs; i++) {
    largest = std::max(largest, std::fabs(x[i]));
    finite = finite && std::isfinite(x[i]);
  }
  if (!finite) {
    std::fill(quantized, quantized + width, 0);
    return std::numeric_limits<float>::quiet_NaN();
  }
  largest = std::max(largest, kMinMagnitude);
  const float top = static_cast<float>(qmax(inputs));
  const float inverse_scale = top / largest;
  const __m256 inverse_scales = _mm256_set1_ps(inverse_scale);
  for (i = 0; i + 16 <= inputs; i += 16) {
    const __m256i low = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x + i), inverse_scales));
    const __m256i high = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x + i + 8), inverse_scales));
    const __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xd8);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(quantized + i), packed);
  }
  for (; i < inputs; i++) {
    quantized[i] = static_cast<int16_t>(std::lrint(x[i] * inverse_scale));
  }
  std::fill(quantized + inputs, quantized + width, 0);
  return largest / top;
}

AVX2 float norm(const float* x, int64_t count) {
  __m256 squares = _mm256_setzero_ps();
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m256 eight = _mm256_loadu_ps(x + i);
    squares = _mm256_add_ps(squares, _mm256_mul_ps(eight, eight));
  }
  float total = hsum(squares);
  for (; i < count; i++) {
    total += x[i] * x[i];
  }
  return std::sqrt(total);
}

// silu(gate) * up
INLINED __m256 silu_mul(__m256 gate, __m256 up) {
  const __m256 denominator = _mm256_add_ps(_mm256_set1_ps(1.f), exponential(_mm256_xor_ps(gate, _mm256_set1_ps(-0.f))));
  return _mm256_mul_ps(_mm256_div_ps(gate, denominator), up);
}

AVX2 void silu_mul(const float* gate, const float* up, int64_t count, float* result) {
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    _mm256_storeu_ps(result + i, silu_mul(_mm256_loadu_ps(gate + i), _mm256_loadu_ps(up + i)));
  }
  if (i < count) {
    float last[3][8] = {};
    std::copy(gate + i, gate + count, last[0]);
    std::copy(up + i, up + count, last[1]);
    _mm256_storeu_ps(last[2], silu_mul(_mm256_loadu_ps(last[0]), _mm256_loadu_ps(last[1])));
    std::copy(last[2], last[2] + (count - i), result + i);
  }
}

INLINED __m256i load_i8_as_i16(const int8_t* numbers) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(numbers)));
}

INLINED int32_t hsum_i32(__m256i numbers) {
  __m128i half = _mm_add_epi32(_mm256_castsi256_si128(numbers), _mm256_extracti128_si256(numbers, 1));
  half = _mm_add_epi32(half, _mm_unpackhi_epi64(half, half));
  return _mm_cvtsi128_si32(_mm_add_epi32(half, _mm_shuffle_epi32(half, 1)));
}

struct Product {
  Quantized x;
  Matrix matrix;
  Rows<float> y;
  bool add;
};

// A few outputs, `stride` after one another, of a few rows.
template <int kOutputs, int kRows>
INLINED void tile(const Product& product, int64_t row, int64_t output, int64_t stride) {
  const Matrix& matrix = product.matrix;
  const Quantized& x = product.x;
  const int8_t* numbers = matrix.numbers + output * matrix.inputs;
  const int16_t* quantized = x.numbers + row * x.width;
  __m256i sums[kOutputs][kRows];
  for (int i = 0; i < kOutputs; i++) {
    for (int j = 0; j < kRows; j++) {
      sums[i][j] = _mm256_setzero_si256();
    }
  }
  const int64_t gap = stride * matrix.inputs;
  const auto step = [&](const int8_t* at, int64_t gap, int64_t k) __attribute__((target("avx2"), always_inline)) {
    __m256i weights[kOutputs];
    for (int i = 0; i < kOutputs; i++) {
      weights[i] = load_i8_as_i16(at + i * gap);
    }
    for (int j = 0; j < kRows; j++) {
      const __m256i input = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(quantized + j * x.width + k));
      for (int i = 0; i < kOutputs; i++) {
        sums[i][j] = _mm256_add_epi32(sums[i][j], _mm256_madd_epi16(weights[i], input));
        // Keeps the compiler from summing products of several steps first: there are not enough registers for that.
        asm("" : "+x"(sums[i][j]));
      }
    }
  };
  int64_t k = 0;
  for (; k + kLine <= matrix.inputs; k += kLine) {
#pragma GCC unroll 4
    for (int part = 0; part < kLine; part += kStep) {
      step(numbers + k + part, gap, k + part);
    }
  }
  for (; k < matrix.inputs; k += kStep) {
    alignas(kStep) int8_t last[kOutputs * kStep] = {};
    for (int i = 0; i < kOutputs; i++) {
      const int8_t* at = numbers + i * gap + k;
      std::copy(at, at + std::min(kStep, matrix.inputs - k), last + i * kStep);
    }
    step(last, kStep, k);
  }
  for (int i = 0; i < kOutputs; i++) {
    for (int j = 0; j < kRows; j++) {
      float* target = product.y.first + (row + j) * product.y.stride + output + i * stride;
      const float sum = static_cast<float>(hsum_i32(sums[i][j])) * (x.scales[row + j] * matrix.scales[output + i * stride]);
      *target = product.add ? *target + sum : sum;
    }
  }
}

// All outputs of a few rows. The outputs of a tile are far apart in memory.
template <int kOutputs, int kRows>
AVX2 void block(const Product& product, int64_t row, int64_t begin, int64_t end) {
  const int64_t stride = (end - begin) / kOutputs;
  for (int64_t output = begin; output < begin + stride; output++) {
    tile<kOutputs, kRows>(product, row, output, stride);
  }
  for (int64_t output = begin + stride * kOutputs; output < end; output++) {
    tile<1, kRows>(product, row, output, 0);
  }
}

// All rows, for these outputs.
void outputs(const Product& product, int64_t begin, int64_t end) {
  const int64_t rows = product.y.count;
  int64_t row = 0;
  for (; row + kTileRows <= rows; row += kTileRows) {
    block<kTileOutputs, kTileRows>(product, row, begin, end);
  }
  if (rows - row == 2) {
    block<kTileOutputs, 2>(product, row, begin, end);
  } else if (rows - row == 1) {
    block<kStreams, 1>(product, row, begin, end);
  }
}

// A few outputs, `stride` after one another, of one row.
template <int kOutputs>
INLINED void row_tile(const float* x, const float* w, int64_t inputs, int64_t stride, float* y) {
  __m256 sums[kOutputs];
  for (int i = 0; i < kOutputs; i++) {
    sums[i] = _mm256_setzero_ps();
  }
  int64_t k = 0;
  for (; k + 8 <= inputs; k += 8) {
    const __m256 eight = _mm256_loadu_ps(x + k);
    for (int i = 0; i < kOutputs; i++) {
      sums[i] = _mm256_add_ps(sums[i], _mm256_mul_ps(_mm256_loadu_ps(w + i * stride * inputs + k), eight));
    }
  }
  for (int i = 0; i < kOutputs; i++) {
    float sum = hsum(sums[i]);
    for (int64_t rest = k; rest < inputs; rest++) {
      sum += x[rest] * w[i * stride * inputs + rest];
    }
    y[i * stride] = sum;
  }
}

AVX2 void row_block(const float* x, const float* w, int64_t outputs, int64_t inputs, float* y) {
  const int64_t stride = outputs / kStreams;
  for (int64_t output = 0; output < stride; output++) {
    row_tile<kStreams>(x, w + output * inputs, inputs, stride, y + output);
  }
  for (int64_t output = stride * kStreams; output < outputs; output++) {
    row_tile<1>(x, w + output * inputs, inputs, 0, y + output);
  }
}

// Outputs per block: a thread's share, divided into equal parts when it is read several times and exceeds kBlockBytes.
int64_t block_outputs(int64_t outputs, int64_t inputs, int64_t rows) {
  const int64_t each = (outputs + omp_get_num_threads() - 1) / omp_get_num_threads();
  const int64_t parts = rows <= kTileRows ? 1 : (each * inputs + kBlockBytes - 1) / kBlockBytes;
  return (each + parts - 1) / parts;
}

}  // namespace

bool is_supported() { return __builtin_cpu_supports("avx2"); }

Scratch::Scratch(int64_t rows, int64_t inputs)
    : quantized(new int16_t[rows * quantized_width(inputs)]), scales(new float[rows]), gated(new float[rows * inputs]) {}

void multiply(Input input, Rows<const float> x, const Matrix& matrix, Rows<float> y, bool add, const Scratch& scratch) {
  const int64_t inputs = matrix.inputs;
  const int64_t width = quantized_width(inputs);
  if (input == Input::kSiluMul) {
    const int64_t pieces = (inputs + kPiece - 1) / kPiece;
#pragma omp for
    for (int64_t piece = 0; piece < x.count * pieces; piece++) {
      const int64_t row = piece / pieces;
      const int64_t from = piece % pieces * kPiece;
      const float* gate = x.first + row * x.stride + from;
      silu_mul(gate, gate + inputs, std::min(kPiece, inputs - from), scratch.gated.get() + row * inputs + from);
    }
  }
#pragma omp for
  for (int64_t row = 0; row < x.count; row++) {
    const float* numbers = input == Input::kSiluMul ? scratch.gated.get() + row * inputs : x.first + row * x.stride;
    const float scale = quantize_row(numbers, inputs, scratch.quantized.get() + row * width, width);
    scratch.scales[row] = input == Input::kNorm ? scale / norm(numbers, inputs + kEpsTail) : scale;
  }
  const Product product{{scratch.quantized.get(), scratch.scales.get(), width}, matrix, y, add};
  const int64_t share = block_outputs(matrix.outputs, inputs, x.count);
#pragma omp for schedule(static)
  for (int64_t begin = 0; begin < matrix.outputs; begin += share) {
    outputs(product, begin, std::min(matrix.outputs, begin + share));
  }
}

void multiply_row(const float* x, const float* w, int64_t outputs, int64_t inputs, float* y) {
  const int64_t share = block_outputs(outputs, inputs, 1);
#pragma omp for schedule(static)
  for (int64_t begin = 0; begin < outputs; begin += share) {
    row_block(x, w + begin * inputs, std::min(share, outputs - begin), inputs, y + begin);
  }
}

}  // namespace utter
