#include "attention.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "vectors.h"

namespace utter {

namespace {

// Neighbours are real and imaginary part.
AVX2 void turn(const float* x, const float* turns, int64_t width, float* result) {
  int64_t i = 0;
  for (; i + 8 <= width; i += 8) {
    const __m256 numbers = _mm256_loadu_ps(x + i);
    const __m256 by = _mm256_loadu_ps(turns + i);
    const __m256 crossed = _mm256_mul_ps(_mm256_permute_ps(numbers, 0xb1), _mm256_movehdup_ps(by));
    _mm256_storeu_ps(result + i, _mm256_addsub_ps(_mm256_mul_ps(numbers, _mm256_moveldup_ps(by)), crossed));
  }
  for (; i < width; i += 2) {
    result[i] = x[i] * turns[i] - x[i + 1] * turns[i + 1];
    result[i + 1] = x[i + 1] * turns[i] + x[i] * turns[i + 1];
  }
}

AVX2 float dot(const float* x, const float* y, int64_t width) {
  __m256 sums = _mm256_setzero_ps();
  int64_t i = 0;
  for (; i + 8 <= width; i += 8) {
    sums = _mm256_add_ps(sums, _mm256_mul_ps(_mm256_loadu_ps(x + i), _mm256_loadu_ps(y + i)));
  }
  float sum = total_of(sums);
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

// Makes weights of scores, of which there are `count`, filled up to a multiple of 8; they sum up to 1.
AVX2 void softmax(float* scores, int64_t count) {
  const int64_t filled = (count + 7) / 8 * 8;
  std::fill(scores + count, scores + filled, -std::numeric_limits<float>::infinity());
  __m256 most = _mm256_loadu_ps(scores);
  for (int64_t i = 8; i < filled; i += 8) {
    most = _mm256_max_ps(most, _mm256_loadu_ps(scores + i));
  }
  const __m256 largest = _mm256_set1_ps(largest_of(most));
  for (int64_t i = 0; i < filled; i += 8) {
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

void attend(const float* x, const float* turns, int64_t shared, const Cache& cache, int64_t at, int64_t position, float* y) {
  const int64_t width = cache.width;
  float* keys = cache.numbers + at * cache.positions * width;
  float* values = keys + cache.slots * cache.groups * cache.positions * width;
  turn(x + shared * width, turns + shared * width, width, keys + position * width);
  std::copy_n(x + (shared + 1) * width, width, values + position * width);
  thread_local std::vector<float> scores;
  thread_local std::vector<float> query;
  scores.resize((cache.positions + 7) / 8 * 8);
  query.resize(width);
  for (int64_t head = 0; head < shared; head++) {
    turn(x + head * width, turns + head * width, width, query.data());
    for (int64_t i = 0; i <= position; i++) {
      scores[i] = dot(query.data(), keys + i * width, width);
    }
    softmax(scores.data(), position + 1);
    float* heard = y + head * width;
    std::fill(heard, heard + width, 0.f);
    for (int64_t i = 0; i <= position; i++) {
      add(values + i * width, scores[i], width, heard);
    }
  }
}

}  // namespace

void attend(Rows<const float> x, const Place& place, Rows<float> y) {
  const Cache& cache = place.cache;
  const int64_t shared = x.apart / (cache.groups * cache.width) - 2;
  const int64_t taken = (shared + 2) * cache.width;
#pragma omp for schedule(static)
  for (int64_t at = 0; at < cache.slots * cache.groups; at++) {
    const int64_t slot = at / cache.groups;
    const int64_t group = at % cache.groups;
    attend(x.first + slot * x.apart + group * taken, place.turns + group * taken, shared, cache, at, place.position,
           y.first + slot * y.apart + group * shared * cache.width);
  }
}

}  // namespace utter
