#include "kernels.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <random>
#include <vector>

#include "int4.h"

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

int32_t int4_number(const int8_t* vectors, int64_t output, int64_t input) {
  const int8_t* vector = vectors + input / kVectorInputs * kVectorBytes;
  const int64_t at = input % kVectorInputs;
  uint16_t word;
  std::memcpy(&word, vector + (output * 2 + at % 2) * sizeof(word), sizeof(word));
  const int32_t number = word >> at / 2 * 4 & 0xf;
  return number > kInt4Max ? number - 16 : number;
}

void plain_sum_int4(const int16_t* rows, int64_t stride, int64_t row_count, const PackedMatrix& matrix, int64_t panel,
                    int64_t panel_count, float* sums) {
  for (int64_t row = 0; row < row_count; row++) {
    for (int64_t i = 0; i < panel_count * kPanelOutputs; i++) {
      const int64_t output = i % kPanelOutputs;
      float total = 0;
      for (int64_t group = 0; group < matrix.blocks() * kBlockGroups; group++) {
        const int8_t* block = matrix.block(panel + i / kPanelOutputs) + group / kBlockGroups * kBlockBytes;
        const int64_t within = group % kBlockGroups;
        const int8_t* vectors = block + kStepsBytes + within * kGroupVectors * kVectorBytes;
        int32_t sum = 0;
        for (int64_t input = 0; input < kInt4GroupInputs; input++) {
          sum += rows[row * stride + group * kInt4GroupInputs + input] * int4_number(vectors, output, input);
        }
        total += static_cast<float>(sum) * static_cast<float>(block[output * kBlockGroups + within]);
      }
      sums[row * panel_count * kPanelOutputs + i] = total;
    }
  }
}

// The plain one is no choice: where even AVX2 is missing, libtorch's operators are used.
#if defined(__x86_64__)
// The fastest first. AMX was not measured yet: kernels_amx.cc says why it is first.
const Kernel* const kKernels[] = {&kAmxKernel, &kAvx512VnniKernel, &kAvxVnniKernel, &kAvx2Kernel};
#else
// None was measured yet: the one with the fewest instructions first.
const Kernel* const kKernels[] = {&kI8mmKernel, &kDotprodKernel, &kNeonKernel};
#endif

const Kernel* chosen = nullptr;

// Memory for a packed matrix.
struct Memory {
  explicit Memory(int64_t count) : count(count), bytes(new (std::align_val_t(64)) int8_t[count]) {}
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { operator delete[](bytes, std::align_val_t(64)); }

  const int64_t count;
  int8_t* const bytes;
};

// Rows for a matrix, with the largest and the smallest values among random ones. width: with zeros behind the inputs.
std::vector<int16_t> random_rows(int64_t inputs, int64_t width, int64_t limit, std::mt19937& random) {
  std::uniform_int_distribution<int> values(static_cast<int>(-limit), static_cast<int>(limit));
  std::vector<int16_t> rows(kMaxKernelRows * width);
  for (int64_t i = 0; i < kMaxKernelRows * width; i++) {
    rows[i] = static_cast<int16_t>(i % width >= inputs ? 0 : i < width ? (i % 2 == 0 ? limit : -limit) : values(random));
  }
  std::fill_n(rows.begin() + width, inputs, static_cast<int16_t>(limit));
  return rows;
}

// Whether the sums of every number of rows and panels equal the plain ones. plain_rows: before they were prepared.
template <typename Sum, typename Number>
bool are_equal(Sum plain, Sum candidate, const std::vector<int16_t>& plain_rows, const std::vector<int16_t>& rows,
               const PackedMatrix& matrix, Number) {
  const int64_t width = matrix.width();
  const int64_t all = std::min(kMaxKernelPanels, matrix.panels());
  const int64_t first = matrix.panels() - all;
  std::vector<Number> expected(kMaxKernelRows * all * kPanelOutputs);
  plain(plain_rows.data(), width, kMaxKernelRows, matrix, first, all, expected.data());
  for (int64_t count = 1; count <= kMaxKernelRows; count++) {
    for (int64_t panels = 1; panels <= all; panels++) {
      // The last panels, so that the one that is not full is among them.
      std::vector<Number> sums(count * panels * kPanelOutputs);
      candidate(rows.data(), width, count, matrix, matrix.panels() - panels, panels, sums.data());
      for (int64_t row = 0; row < count; row++) {
        const Number* wanted = expected.data() + ((row + 1) * all - panels) * kPanelOutputs;
        if (!std::equal(wanted, wanted + panels * kPanelOutputs, sums.data() + row * panels * kPanelOutputs)) {
          return false;
        }
      }
    }
  }
  return true;
}

bool is_exact(const Kernel& candidate, int64_t outputs, int64_t inputs, std::mt19937& random) {
  std::uniform_int_distribution<int> weights(-127, 127);
  std::vector<int8_t> numbers(outputs * inputs);
  for (auto& number : numbers) {
    number = static_cast<int8_t>(weights(random));
  }
  std::fill_n(numbers.begin(), inputs, static_cast<int8_t>(-127));
  const std::vector<float> scales(outputs, 1.f);
  const Memory memory(packed_bytes(outputs, inputs));
  pack(numbers.data(), scales.data(), outputs, inputs, memory.bytes);
  const PackedMatrix matrix(memory.bytes, memory.count);
  const int64_t width = matrix.width();
  const std::vector<int16_t> plain = random_rows(inputs, width, std::min(kInt16Max, kInt32Max / (kInt8Max * inputs)), random);
  std::vector<int16_t> prepared = plain;
  for (int64_t row = 0; row < kMaxKernelRows; row++) {
    candidate.prepare(prepared.data() + row * width, width);
  }
  return are_equal(kPlainKernel.sum, candidate.sum, plain, prepared, matrix, int32_t{});
}

bool is_exact_int4(const Kernel& candidate, int64_t outputs, int64_t inputs, std::mt19937& random) {
  std::normal_distribution<float> weights;
  std::vector<float> w(outputs * inputs);
  for (auto& weight : w) {
    weight = weights(random);
  }
  std::fill_n(w.begin(), inputs, 8.f);
  const std::vector<float> importance(inputs, 1.f);
  const Memory memory(packed_int4_bytes(outputs, inputs));
  pack_int4(w.data(), importance.data(), outputs, inputs, memory.bytes);
  const PackedMatrix matrix(memory.bytes, memory.count);
  const std::vector<int16_t> rows = random_rows(inputs, matrix.width(), kInt16Max, random);
  return are_equal(kPlainKernel.sum_int4, candidate.sum_int4, rows, rows, matrix, float{});
}

// Compares the sums of random matrices with the plain ones.
bool is_exact(const Kernel& candidate) {
  std::mt19937 random(1);
  for (const int64_t inputs : {1, 4, 30, 257, 2048}) {
    if (!is_exact(candidate, 70, inputs, random) || !is_exact_int4(candidate, 70, inputs, random)) {
      return false;
    }
  }
  return true;
}

bool is_usable(const Kernel& candidate) {
  return candidate.is_supported() && is_exact(candidate) && (candidate.fewer == nullptr || is_usable(*candidate.fewer));
}

}  // namespace

const Kernel kPlainKernel{kIsaNone, &always, &keep, &plain_sum, &plain_sum_int4};

bool choose_kernel(int64_t isa) {
  for (const Kernel* candidate : kKernels) {
    if ((isa == kIsaAny || isa == candidate->isa) && is_usable(*candidate)) {
      chosen = candidate;
      return true;
    }
  }
  return false;
}

int64_t kernel_isa() { return chosen->isa; }

const Kernel& kernel(int64_t rows) { return rows < chosen->min_rows ? *chosen->fewer : *chosen; }

}  // namespace utter
