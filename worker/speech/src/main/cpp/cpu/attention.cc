#include "attention.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "team.h"
#include "vectors.h"

namespace utter {

namespace {

// Numbers of keys that one thread multiplies as fast as several that have to be woken.
constexpr int64_t kMinSharedNumbers = 16 * 1024;

// Multiplies complex numbers; real and imaginary part are neighbours.
AVX2 void rotate(const float* x, const float* rope, int64_t width, float* result) {
  int64_t i = 0;
  for (; i + 8 <= width; i += 8) {
    const __m256 numbers = _mm256_loadu_ps(x + i);
    const __m256 factors = _mm256_loadu_ps(rope + i);
    const __m256 crossed = _mm256_mul_ps(_mm256_permute_ps(numbers, 0xb1), _mm256_movehdup_ps(factors));
    _mm256_storeu_ps(result + i, _mm256_addsub_ps(_mm256_mul_ps(numbers, _mm256_moveldup_ps(factors)), crossed));
  }
  for (; i < width; i += 2) {
    result[i] = x[i] * rope[i] - x[i + 1] * rope[i + 1];
    result[i + 1] = x[i + 1] * rope[i] + x[i] * rope[i + 1];
  }
}

AVX2 float dot(const float* x, const float* y, int64_t width) {
  __m256 sums = _mm256_setzero_ps();
  int64_t i = 0;
  for (; i + 8 <= width; i += 8) {
    sums = _mm256_add_ps(sums, _mm256_mul_ps(_mm256_loadu_ps(x + i), _mm256_loadu_ps(y + i)));
  }
  float sum = hsum(sums);
  for (; i < width; i++) {
    sum += x[i] * y[i];
  }
  return sum;
}

AVX2 void add(const float* x, float factor, int64_t width, float* sums) {
  const __m256 factors = _mm256_set1_ps(factor);
  int64_t i = 0;
  for (; i + 8 <= width; i += 8) {
    const __m256 product = _mm256_mul_ps(_mm256_loadu_ps(x + i), factors);
    _mm256_storeu_ps(sums + i, _mm256_add_ps(_mm256_loadu_ps(sums + i), product));
  }
  for (; i < width; i++) {
    sums[i] += x[i] * factor;
  }
}

// In place. The memory behind `count` scores is padded to a multiple of 8.
AVX2 void softmax(float* scores, int64_t count) {
  const int64_t padded = (count + 7) / 8 * 8;
  std::fill(scores + count, scores + padded, -std::numeric_limits<float>::infinity());
  __m256 maxima = _mm256_loadu_ps(scores);
  for (int64_t i = 8; i < padded; i += 8) {
    maxima = _mm256_max_ps(maxima, _mm256_loadu_ps(scores + i));
  }
  const __m256 largest = _mm256_set1_ps(hmax(maxima));
  for (int64_t i = 0; i < padded; i += 8) {
    _mm256_storeu_ps(scores + i, exponential(_mm256_sub_ps(_mm256_loadu_ps(scores + i), largest)));
  }
  float total = 0;
  for (int64_t i = 0; i < count; i++) {
    total += scores[i];
  }
  for (int64_t i = 0; i < count; i++) {
    scores[i] /= total;
  }
}

// One slot and group: x holds its queries, its key and its value.
void attend(const float* x, const float* rope, int64_t shared, const Cache& cache, int64_t at, int64_t position, float* y) {
  const int64_t width = cache.width;
  float* keys = cache.numbers + at * cache.positions * width;
  float* values = keys + cache.slots * cache.groups * cache.positions * width;
  rotate(x + shared * width, rope + shared * width, width, keys + position * width);
  std::copy_n(x + (shared + 1) * width, width, values + position * width);
  const int64_t padded = (position + 8) / 8 * 8;
  thread_local std::vector<float> scores;
  thread_local std::vector<float> queries;
  scores.resize(shared * padded);
  queries.resize(shared * width);
  for (int64_t head = 0; head < shared; head++) {
    rotate(x + head * width, rope + head * width, width, queries.data() + head * width);
  }
  for (int64_t i = 0; i <= position; i++) {
    for (int64_t head = 0; head < shared; head++) {
      scores[head * padded + i] = dot(queries.data() + head * width, keys + i * width, width);
    }
  }
  for (int64_t head = 0; head < shared; head++) {
    softmax(scores.data() + head * padded, position + 1);
  }
  std::fill_n(y, shared * width, 0.f);
  for (int64_t i = 0; i <= position; i++) {
    for (int64_t head = 0; head < shared; head++) {
      add(values + i * width, scores[head * padded + i], width, y + head * width);
    }
  }
}

}  // namespace

void attend(Rows<const float> x, const DecodePositions& decode, Rows<float> y) {
  const Cache& cache = decode.cache;
  const int64_t shared = x.stride / (cache.groups * cache.width) - 2;
  const int64_t qkv_width = (shared + 2) * cache.width;
  int64_t numbers = 0;
  for (int64_t slot = 0; slot < x.count; slot++) {
    numbers += (decode.positions[slot] + 1) * cache.groups * cache.width;
  }
  const auto one = [&](int64_t at) {
    const int64_t slot = at / cache.groups;
    const int64_t group = at % cache.groups;
    attend(x.first + slot * x.stride + group * qkv_width, decode.rope.first + slot * decode.rope.stride + group * qkv_width,
           shared, cache, at, decode.positions[slot], y.first + slot * y.stride + group * shared * cache.width);
  };
  for_each_chunk(x.count * cache.groups, numbers >= kMinSharedNumbers, one);
}

}  // namespace utter
