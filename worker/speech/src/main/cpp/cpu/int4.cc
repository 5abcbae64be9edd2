#include "int4.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "packed.h"
#include "team.h"
#include "vectors.h"

namespace utter {

namespace {

// The numbers of eight weights with this scale, as floats.
INLINED Eight numbers_of(Eight weights, float inverse) {
  return larger(all(kInt4Min), smaller(all(kInt4Max), rounded(weights * all(inverse))));
}

// The weight of a group that is farthest from zero, the positive one of two.
VECTORS float extreme(const float* w) {
  Eight largest = load_eight(w);
  Eight smallest = largest;
  for (int64_t i = 8; i < kInt4GroupInputs; i += 8) {
    largest = larger(largest, load_eight(w + i));
    smallest = smaller(smallest, load_eight(w + i));
  }
  const float above = hmax(largest);
  const float below = hmax(negated(smallest));
  return above >= below ? above : -below;
}

// Sums in 64 bit: their order decides between no two scales.
VECTORS double error(const float* w, const float* importance, float scale, float inverse) {
  Four sums = Four{};
  for (int64_t i = 0; i < kInt4GroupInputs; i += 8) {
    const Eight weights = load_eight(w + i);
    const Eight differences = weights - numbers_of(weights, inverse) * all(scale);
    const Four first = first_four(differences);
    const Four last = last_four(differences);
    const Eight weighting = load_eight(importance + i);
    sums = sums + first * first * first_four(weighting);
    sums = sums + last * last * last_four(weighting);
  }
  return hsum(sums);
}

float inverse_of(float steps, float length) { return steps == 0 ? 0.f : 1.f / (steps * length); }

// The scale of a group, in steps. farthest: its weight that is.
int8_t search(const float* w, const float* importance, float farthest, float length) {
  double least = std::numeric_limits<double>::infinity();
  float best = 0;
  for (int64_t i = 0; i < kInt4Quotients; i++) {
    const float quotient = kInt4FirstQuotient + kInt4QuotientStep * static_cast<float>(i);
    const float steps = std::nearbyint(farthest / -quotient / length);
    const double now = error(w, importance, steps * length, inverse_of(steps, length));
    if (now < least) {
      least = now;
      best = steps;
    }
  }
  return static_cast<int8_t>(best);
}

VECTORS void round_group(const float* w, float inverse, int8_t* numbers) {
  for (int64_t i = 0; i < kInt4GroupInputs; i += 16) {
    int16_t words[16];
    store_rounded(numbers_of(load_eight(w + i), inverse), numbers_of(load_eight(w + i + 8), inverse), words);
    std::copy(words, words + 16, numbers + i);
  }
}

}  // namespace

void pack_int4(const float* w, const float* importance, int64_t outputs, int64_t inputs, int8_t* packed) {
  clear_int4(outputs, inputs, packed);
  const int64_t groups = divide_up(inputs, kInt4GroupInputs);
  const int64_t width = groups * kInt4GroupInputs;
  std::vector<float> weighting(width);
  std::copy(importance, importance + inputs, weighting.begin());
  for_each_chunk(Team::kSteps, divide_up(outputs, kPanelOutputs), [&](int64_t panel) {
    std::vector<float> row(width);
    std::vector<float> farthest(groups);
    std::vector<int8_t> numbers(width);
    std::vector<int8_t> steps(groups);
    const int64_t end = std::min(outputs, (panel + 1) * kPanelOutputs);
    for (int64_t output = panel * kPanelOutputs; output < end; output++) {
      std::copy(w + output * inputs, w + (output + 1) * inputs, row.begin());
      float largest = kMinMagnitude;
      for (int64_t group = 0; group < groups; group++) {
        farthest[group] = extreme(row.data() + group * kInt4GroupInputs);
        largest = std::max(largest, std::fabs(farthest[group]));
      }
      const float length = largest / kInt4FirstQuotient / static_cast<float>(kInt8Max);
      for (int64_t group = 0; group < groups; group++) {
        const int64_t at = group * kInt4GroupInputs;
        steps[group] = search(row.data() + at, weighting.data() + at, farthest[group], length);
        round_group(row.data() + at, inverse_of(steps[group], length), numbers.data() + at);
      }
      put_int4(output, numbers.data(), steps.data(), length, packed);
    }
  });
}

}  // namespace utter
