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
VECTORS void rotate(const float* x, const float* rope, int64_t width, float* result) {
  int64_t i = 0;
  for (; i + 8 <= width; i += 8) {
    store(complex_products(load_eight(x + i), load_eight(rope + i)), result + i);
  }
  for (; i < width; i += 2) {
    result[i] = x[i] * rope[i] - x[i + 1] * rope[i + 1];
    result[i + 1] = x[i + 1] * rope[i] + x[i] * rope[i + 1];
  }
}

VECTORS float dot(const float* x, const float* y, int64_t width) {
  Eight sums = all(0.f);
  int64_t i = 0;
  for (; i + 8 <= width; i += 8) {
    sums = sums + load_eight(x + i) * load_eight(y + i);
  }
  float sum = hsum(sums);
  for (; i < width; i++) {
    sum += x[i] * y[i];
  }
  return sum;
}

VECTORS void add(const float* x, float factor, int64_t width, float* sums) {
  const Eight factors = all(factor);
  int64_t i = 0;
  for (; i + 8 <= width; i += 8) {
    store(load_eight(sums + i) + load_eight(x + i) * factors, sums + i);
  }
  for (; i < width; i++) {
    sums[i] += x[i] * factor;
  }
}

// In place. The memory behind `count` scores is padded to a multiple of 8.
VECTORS void softmax(float* scores, int64_t count) {
  const int64_t padded = (count + 7) / 8 * 8;
  std::fill(scores + count, scores + padded, -std::numeric_limits<float>::infinity());
  Eight maxima = load_eight(scores);
  for (int64_t i = 8; i < padded; i += 8) {
    maxima = larger(maxima, load_eight(scores + i));
  }
  const Eight largest = all(hmax(maxima));
  for (int64_t i = 0; i < padded; i += 8) {
    store(exponential(load_eight(scores + i) - largest), scores + i);
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
