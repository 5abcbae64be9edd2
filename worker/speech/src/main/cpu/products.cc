#include "products.h"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "vectors.h"

namespace utter {

namespace {

// Inputs that are multiplied at a time, and those of a turn of the loop: a line of the cache.
constexpr int64_t kStep = 16;
constexpr int64_t kLine = 64;
// Sums of a tile are kept in registers, of which there are 16.
constexpr int64_t kTileOutputs = 3;
constexpr int64_t kTileRows = 3;
// Of a gated row: what a thread does at a time.
constexpr int64_t kPiece = 1024;
// With one row memory is the limit: from several pages at once, far apart, it gives more than from one.
constexpr int64_t kStreams = 4;
// What a thread does at a time: little enough that the next rows find it in the second-level cache.
constexpr int64_t kBlockBytes = 192 * 1024;

// Input rows in 16 bit, `width` apart, which is the inputs rounded up and filled with zeros.
struct Rounded {
  const int16_t* numbers;
  const float* scales;
  int64_t width;
};

int64_t rounded_width(int64_t inputs) {
  return (inputs + kStep - 1) / kStep * kStep;
}

// Of an input of this width the largest number becomes this many levels: the most for which no sum can leave 32 bit.
int64_t levels(int64_t inputs) {
  const int64_t most = std::numeric_limits<int32_t>::max() / (127 * inputs);
  return std::min<int64_t>(most, std::numeric_limits<int16_t>::max());
}

// Returns what a level stands for.
AVX2 float round_row(const float* x, int64_t inputs, int16_t* rounded, int64_t width) {
  const __m256 sign = _mm256_set1_ps(-0.f);
  __m256 most = _mm256_setzero_ps();
  __m256 nothing = _mm256_setzero_ps();
  int64_t i = 0;
  for (; i + 8 <= inputs; i += 8) {
    const __m256 eight = _mm256_loadu_ps(x + i);
    most = _mm256_max_ps(most, _mm256_andnot_ps(sign, eight));
    // Zero unless one is not finite, which a maximum may not show.
    nothing = _mm256_add_ps(nothing, _mm256_mul_ps(eight, _mm256_setzero_ps()));
  }
  float largest = largest_of(most);
  bool finite = _mm256_movemask_ps(_mm256_cmp_ps(nothing, nothing, _CMP_UNORD_Q)) == 0;
  for (; i < inputs; i++) {
    largest = std::max(largest, std::fabs(x[i]));
    finite = finite && std::isfinite(x[i]);
  }
  if (!finite) {
    std::fill(rounded, rounded + width, 0);
    return std::numeric_limits<float>::quiet_NaN();
  }
  largest = std::max(largest, 1e-30f);
  const float steps = static_cast<float>(levels(inputs));
  const float turn = steps / largest;
  const __m256 turns = _mm256_set1_ps(turn);
  for (i = 0; i + 16 <= inputs; i += 16) {
    const __m256i low = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x + i), turns));
    const __m256i high = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x + i + 8), turns));
    const __m256i both = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xd8);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(rounded + i), both);
  }
  for (; i < inputs; i++) {
    rounded[i] = static_cast<int16_t>(std::lrint(x[i] * turn));
  }
  std::fill(rounded + inputs, rounded + width, 0);
  return largest / steps;
}

AVX2 float norm(const float* x, int64_t count) {
  __m256 squares = _mm256_setzero_ps();
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m256 eight = _mm256_loadu_ps(x + i);
    squares = _mm256_add_ps(squares, _mm256_mul_ps(eight, eight));
  }
  float total = total_of(squares);
  for (; i < count; i++) {
    total += x[i] * x[i];
  }
  return std::sqrt(total);
}

// silu(gate) * through
INLINED __m256 let_through(__m256 gate, __m256 through) {
  const __m256 below = _mm256_add_ps(_mm256_set1_ps(1.f), exponential(_mm256_xor_ps(gate, _mm256_set1_ps(-0.f))));
  return _mm256_mul_ps(_mm256_div_ps(gate, below), through);
}

AVX2 void let_through(const float* gate, const float* through, int64_t count, float* result) {
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    _mm256_storeu_ps(result + i, let_through(_mm256_loadu_ps(gate + i), _mm256_loadu_ps(through + i)));
  }
  if (i < count) {
    float last[3][8] = {};
    std::copy(gate + i, gate + count, last[0]);
    std::copy(through + i, through + count, last[1]);
    _mm256_storeu_ps(last[2], let_through(_mm256_loadu_ps(last[0]), _mm256_loadu_ps(last[1])));
    std::copy(last[2], last[2] + (count - i), result + i);
  }
}

INLINED __m256i sixteen(const int8_t* numbers) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(numbers)));
}

INLINED int32_t sum_of(__m256i numbers) {
  __m128i half = _mm_add_epi32(_mm256_castsi256_si128(numbers), _mm256_extracti128_si256(numbers, 1));
  half = _mm_add_epi32(half, _mm_unpackhi_epi64(half, half));
  return _mm_cvtsi128_si32(_mm_add_epi32(half, _mm_shuffle_epi32(half, 1)));
}

struct Product {
  Rounded x;
  Matrix matrix;
  Rows<float> y;
  bool add;
};

// Some outputs, `apart` from one another, of some rows.
template <int kOutputs, int kRows>
INLINED void tile(const Product& product, int64_t row, int64_t output, int64_t apart) {
  const Matrix& matrix = product.matrix;
  const Rounded& x = product.x;
  const int8_t* numbers = matrix.numbers + output * matrix.inputs;
  const int16_t* rounded = x.numbers + row * x.width;
  __m256i sums[kOutputs][kRows];
  for (int i = 0; i < kOutputs; i++) {
    for (int j = 0; j < kRows; j++) {
      sums[i][j] = _mm256_setzero_si256();
    }
  }
  const int64_t gap = apart * matrix.inputs;
  const auto step = [&](const int8_t* at, int64_t gap, int64_t k) __attribute__((target("avx2"), always_inline)) {
    __m256i weights[kOutputs];
    for (int i = 0; i < kOutputs; i++) {
      weights[i] = sixteen(at + i * gap);
    }
    for (int j = 0; j < kRows; j++) {
      const __m256i input = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rounded + j * x.width + k));
      for (int i = 0; i < kOutputs; i++) {
        sums[i][j] = _mm256_add_epi32(sums[i][j], _mm256_madd_epi16(weights[i], input));
        // Keeps the compiler from adding up products of several steps first, for which registers do not suffice.
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
      float* target = product.y.first + (row + j) * product.y.apart + output + i * apart;
      const float sum = static_cast<float>(sum_of(sums[i][j])) * (x.scales[row + j] * matrix.scales[output + i * apart]);
      *target = product.add ? *target + sum : sum;
    }
  }
}

// All outputs of some rows; those of a tile lie far apart.
template <int kOutputs, int kRows>
AVX2 void block(const Product& product, int64_t row, int64_t begin, int64_t end) {
  const int64_t apart = (end - begin) / kOutputs;
  for (int64_t output = begin; output < begin + apart; output++) {
    tile<kOutputs, kRows>(product, row, output, apart);
  }
  for (int64_t output = begin + apart * kOutputs; output < end; output++) {
    tile<1, kRows>(product, row, output, 0);
  }
}

// All rows of these outputs.
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

// Some outputs, `apart` from one another, of one row.
template <int kOutputs>
INLINED void row_tile(const float* x, const float* w, int64_t inputs, int64_t apart, float* y) {
  __m256 sums[kOutputs];
  for (int i = 0; i < kOutputs; i++) {
    sums[i] = _mm256_setzero_ps();
  }
  int64_t k = 0;
  for (; k + 8 <= inputs; k += 8) {
    const __m256 eight = _mm256_loadu_ps(x + k);
    for (int i = 0; i < kOutputs; i++) {
      sums[i] = _mm256_add_ps(sums[i], _mm256_mul_ps(_mm256_loadu_ps(w + i * apart * inputs + k), eight));
    }
  }
  for (int i = 0; i < kOutputs; i++) {
    float sum = total_of(sums[i]);
    for (int64_t rest = k; rest < inputs; rest++) {
      sum += x[rest] * w[i * apart * inputs + rest];
    }
    y[i * apart] = sum;
  }
}

AVX2 void row_block(const float* x, const float* w, int64_t outputs, int64_t inputs, float* y) {
  const int64_t apart = outputs / kStreams;
  for (int64_t output = 0; output < apart; output++) {
    row_tile<kStreams>(x, w + output * inputs, inputs, apart, y + output);
  }
  for (int64_t output = apart * kStreams; output < outputs; output++) {
    row_tile<1>(x, w + output * inputs, inputs, 0, y + output);
  }
}

// How many outputs make a block: a thread's, or if they are read several times and too many for that equal parts of them.
int64_t block_outputs(int64_t outputs, int64_t inputs, int64_t rows) {
  const int64_t each = (outputs + omp_get_num_threads() - 1) / omp_get_num_threads();
  const int64_t parts = rows <= kTileRows ? 1 : (each * inputs + kBlockBytes - 1) / kBlockBytes;
  return (each + parts - 1) / parts;
}

}  // namespace

bool runs_here() {
  return __builtin_cpu_supports("avx2");
}

Room::Room(int64_t rows, int64_t inputs)
    : rounded(new int16_t[rows * rounded_width(inputs)]), scales(new float[rows]), passed(new float[rows * inputs]) {}

void multiply(Input input, Rows<const float> x, const Matrix& matrix, Rows<float> y, bool add, const Room& room) {
  const int64_t inputs = matrix.inputs;
  const int64_t width = rounded_width(inputs);
  if (input == Input::kGated) {
    const int64_t pieces = (inputs + kPiece - 1) / kPiece;
#pragma omp for
    for (int64_t piece = 0; piece < x.count * pieces; piece++) {
      const int64_t row = piece / pieces;
      const int64_t from = piece % pieces * kPiece;
      const float* gate = x.first + row * x.apart + from;
      let_through(gate, gate + inputs, std::min(kPiece, inputs - from), room.passed.get() + row * inputs + from);
    }
  }
#pragma omp for
  for (int64_t row = 0; row < x.count; row++) {
    const float* numbers = input == Input::kGated ? room.passed.get() + row * inputs : x.first + row * x.apart;
    const float level = round_row(numbers, inputs, room.rounded.get() + row * width, width);
    room.scales[row] = input == Input::kNormed ? level / norm(numbers, inputs + kTail) : level;
  }
  const Product product{{room.rounded.get(), room.scales.get(), width}, matrix, y, add};
  const int64_t most = block_outputs(matrix.outputs, inputs, x.count);
#pragma omp for schedule(static)
  for (int64_t begin = 0; begin < matrix.outputs; begin += most) {
    outputs(product, begin, std::min(matrix.outputs, begin + most));
  }
}

void multiply_row(const float* x, const float* w, int64_t outputs, int64_t inputs, float* y) {
  const int64_t most = block_outputs(outputs, inputs, 1);
#pragma omp for schedule(static)
  for (int64_t begin = 0; begin < outputs; begin += most) {
    row_block(x, w + begin * inputs, std::min(most, outputs - begin), inputs, y + begin);
  }
}

}  // namespace utter
