#include "kernels.h"

#include <algorithm>
#include <cstdlib>
#include <random>
#include <vector>

namespace utter {

namespace {

bool always() { return true; }

void keep(int16_t*, int64_t) {}

void plain_sum(const int16_t* rows, int64_t stride, int64_t row_count, const PackedMatrix& matrix, int64_t panel,
               int64_t panel_count, int32_t* sums) {
  for (int64_t row = 0; row < row_count; row++) {
    for (int64_t output = 0; output < panel_count * kPanelOutputs; output++) {
      const int8_t* numbers = matrix.numbers(panel + output / kPanelOutputs) + output % kPanelOutputs * kGroupInputs;
      int32_t sum = 0;
      for (int64_t input = 0; input < matrix.groups() * kGroupInputs; input++) {
        sum += rows[row * stride + input] * numbers[input / kGroupInputs * kGroupBytes + input % kGroupInputs];
      }
      sums[row * panel_count * kPanelOutputs + output] = sum;
    }
  }
}

// The fastest first, but for AMX, whose speed is not known yet. The plain one is no choice: where even AVX2 is missing,
// libtorch's operators are used.
const Kernel* const kKernels[] = {&kAvx512VnniKernel, &kAvxVnniKernel, &kAvx2Kernel, &kAmxKernel};

const Kernel* chosen = nullptr;

// A matrix of these sizes and rows for it, with the largest and the smallest values among random ones.
bool is_exact(const Kernel& candidate, int64_t outputs, int64_t inputs, std::mt19937& random) {
  std::uniform_int_distribution<int> weights(-127, 127);
  const int limit = static_cast<int>(std::min<int64_t>(INT16_MAX, INT32_MAX / (127 * inputs)));
  std::uniform_int_distribution<int> values(-limit, limit);
  std::vector<int8_t> numbers(outputs * inputs);
  for (auto& number : numbers) {
    number = static_cast<int8_t>(weights(random));
  }
  std::fill_n(numbers.begin(), inputs, static_cast<int8_t>(-127));
  const std::vector<float> scales(outputs, 1.f);
  const int64_t bytes = packed_bytes(outputs, inputs);
  auto* memory = static_cast<int8_t*>(std::aligned_alloc(64, (bytes + 63) / 64 * 64));
  if (memory == nullptr) {
    return false;
  }
  pack(numbers.data(), scales.data(), outputs, inputs, memory);
  const PackedMatrix matrix(memory, bytes);
  const int64_t width = matrix.groups() * kGroupInputs;
  std::vector<int16_t> plain(kMaxKernelRows * width);
  for (int64_t i = 0; i < kMaxKernelRows * width; i++) {
    plain[i] = static_cast<int16_t>(i % width >= inputs ? 0 : i < width ? (i % 2 == 0 ? limit : -limit) : values(random));
  }
  std::vector<int16_t> prepared = plain;
  for (int64_t row = 0; row < kMaxKernelRows; row++) {
    candidate.prepare(prepared.data() + row * width, width);
  }
  const int64_t all = std::min(kMaxKernelPanels, matrix.panels());
  const int64_t first = matrix.panels() - all;
  std::vector<int32_t> expected(kMaxKernelRows * all * kPanelOutputs);
  kPlainKernel.sum(plain.data(), width, kMaxKernelRows, matrix, first, all, expected.data());
  bool equal = true;
  for (int64_t rows = 1; rows <= kMaxKernelRows; rows++) {
    for (int64_t panels = 1; panels <= all; panels++) {
      // The last panels, so that the one that is not full is among them.
      std::vector<int32_t> sums(rows * panels * kPanelOutputs);
      candidate.sum(prepared.data(), width, rows, matrix, matrix.panels() - panels, panels, sums.data());
      for (int64_t row = 0; row < rows; row++) {
        const int32_t* wanted = expected.data() + ((row + 1) * all - panels) * kPanelOutputs;
        equal = equal && std::equal(wanted, wanted + panels * kPanelOutputs, sums.data() + row * panels * kPanelOutputs);
      }
    }
  }
  std::free(memory);
  return equal;
}

// Compares the sums of random matrices with the plain ones.
bool is_exact(const Kernel& candidate) {
  std::mt19937 random(1);
  for (const int64_t inputs : {1, 4, 30, 257, 2048}) {
    if (!is_exact(candidate, 70, inputs, random)) {
      return false;
    }
  }
  return true;
}

}  // namespace

const Kernel kPlainKernel{kIsaNone, &always, &keep, &plain_sum};

bool choose_kernel(int64_t isa) {
  for (const Kernel* candidate : kKernels) {
    if ((isa == kIsaAny || isa == candidate->isa) && candidate->is_supported() && is_exact(*candidate)) {
      chosen = candidate;
      return true;
    }
  }
  return false;
}

const Kernel& kernel() { return *chosen; }

}  // namespace utter
