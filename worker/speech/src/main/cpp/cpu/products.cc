#include "products.h"

#include <algorithm>

#include "kernels.h"
#include "quantize.h"
#include "team.h"
#include "vectors.h"

namespace utter {

namespace {

// Elements of a silu_mul row that a thread computes at a time.
constexpr int64_t kPiece = 2048;
// Bytes of a matrix that a thread multiplies at a time. They stay in the L2 cache for the next rows; and a thread that loses
// its processor while it multiplies them keeps the others waiting for a short time only.
constexpr int64_t kChunkBytes = 128 * 1024;
// A matrix of fewer bytes, counted once per row, is multiplied faster by one thread than by several that have to be woken.
constexpr int64_t kMinSharedBytes = 48 * 1024;
// Numbers of rows, all together, that one thread prepares as fast as several.
constexpr int64_t kMinSharedNumbers = 8 * 1024;
// Outputs and rows that are summed at a time in 32-bit products.
constexpr int64_t kTileOutputs = 4;
constexpr int64_t kTileRows = 2;

// The largest width of quantized rows for a matrix with this number of inputs.
int64_t quantized_width(int64_t inputs) { return padded(inputs, kBlockInputs); }

// The quantized value of a row's maximum: the largest for which no sum overflows 32 bit.
int64_t qmax(const PackedMatrix& matrix) {
  return matrix.is_int4() ? kInt16Max : std::min(kInt16Max, kInt32Max / (kInt8Max * matrix.inputs()));
}

// Calls work(begin, end) for parts of 0 to count; each part but the last is a multiple of `unit`. bytes: of the matrix, of one
// of `count`.
template <typename Work>
void for_each_part(int64_t count, int64_t unit, int64_t bytes, int64_t rows, const Work& work) {
  if (count * bytes * rows < kMinSharedBytes) {
    work(0, count);
    return;
  }
  // At least two chunks per thread: they do not begin at the same time.
  const int64_t chunks = std::max<int64_t>(2 * team_threads(Team::kSteps), divide_up(count * bytes, kChunkBytes));
  const int64_t part = divide_up(divide_up(count, chunks), unit) * unit;
  for_each_chunk(Team::kSteps, divide_up(count, part),
                 [&](int64_t chunk) { work(chunk * part, std::min(count, (chunk + 1) * part)); });
}

// Input rows in 16 bit, as the kernel reads them.
struct Quantized {
  const int16_t* numbers;
  const float* scales;
  int64_t width;
};

struct Product {
  Quantized x;
  const PackedMatrix& matrix;
  Rows<float> y;
  bool add;
};

// Scales the sums of one row and one panel.
template <typename Sum>
VECTORS void write(const Sum* sums, float scale, const float* scales, bool add, int64_t count, float* y) {
  alignas(32) float results[kPanelOutputs];
  float* target = count == kPanelOutputs ? y : results;
  if (target == results && add) {
    std::copy(y, y + count, results);
  }
  for (int64_t i = 0; i < kPanelOutputs; i += 8) {
    const Eight products = load_eight(sums + i) * (all(scale) * load_eight(scales + i));
    store(add ? load_eight(target + i) + products : products, target + i);
  }
  if (target == results) {
    std::copy(results, results + count, y);
  }
}

// Rows that a kernel multiplies together with this one.
int64_t rows_beside(int64_t row, int64_t count) {
  return std::min(kMaxKernelRows, count - row / kMaxKernelRows * kMaxKernelRows);
}

// All rows, for these panels. kSum: the function of Kernel.
template <typename Sum, auto kSum>
void multiply_panels(const Product& product, int64_t begin, int64_t end) {
  const PackedMatrix& matrix = product.matrix;
  const Quantized& x = product.x;
  alignas(64) Sum sums[kMaxKernelRows * kMaxKernelPanels * kPanelOutputs];
  for (int64_t panel = begin; panel < end; panel += kMaxKernelPanels) {
    const int64_t panels = std::min(kMaxKernelPanels, end - panel);
    for (int64_t row = 0; row < product.y.count; row += kMaxKernelRows) {
      const int64_t rows = rows_beside(row, product.y.count);
      (kernel(rows).*kSum)(x.numbers + row * x.width, x.width, rows, matrix, panel, panels, sums);
      for (int64_t i = 0; i < rows * panels; i++) {
        const int64_t output = (panel + i % panels) * kPanelOutputs;
        write(sums + i * kPanelOutputs, x.scales[row + i / panels], matrix.scales(panel + i % panels), product.add,
              std::min(kPanelOutputs, matrix.outputs() - output),
              product.y.first + (row + i / panels) * product.y.stride + output);
      }
    }
  }
}

// Calls work(row) for each row, in parallel if that is faster. numbers: of one row.
template <typename Work>
void for_each_row(int64_t rows, int64_t numbers, const Work& work) {
  for_each_chunk(rows, rows * numbers >= kMinSharedNumbers, work);
}

// A few outputs of a few rows.
template <int kOutputs, int kRows>
INLINED void tile(Rows<const float> x, int64_t row, const float* w, int64_t inputs, Rows<float> y, int64_t output) {
  Eight sums[kRows][kOutputs];
  for (int i = 0; i < kRows; i++) {
    for (int j = 0; j < kOutputs; j++) {
      sums[i][j] = all(0.f);
    }
  }
  const float* from = x.first + row * x.stride;
  const float* weights = w + output * inputs;
  int64_t k = 0;
  for (; k + 8 <= inputs; k += 8) {
    Eight numbers[kOutputs];
    for (int j = 0; j < kOutputs; j++) {
      numbers[j] = load_eight(weights + j * inputs + k);
    }
    for (int i = 0; i < kRows; i++) {
      const Eight eight = load_eight(from + i * x.stride + k);
      for (int j = 0; j < kOutputs; j++) {
        sums[i][j] = sums[i][j] + numbers[j] * eight;
      }
    }
  }
  for (int i = 0; i < kRows; i++) {
    for (int j = 0; j < kOutputs; j++) {
      float sum = hsum(sums[i][j]);
      for (int64_t rest = k; rest < inputs; rest++) {
        sum += from[i * x.stride + rest] * weights[j * inputs + rest];
      }
      y.first[(row + i) * y.stride + output + j] = sum;
    }
  }
}

template <int kOutputs>
VECTORS void tile_rows(Rows<const float> x, const float* w, int64_t inputs, Rows<float> y, int64_t output) {
  int64_t row = 0;
  for (; row + kTileRows <= x.count; row += kTileRows) {
    tile<kOutputs, kTileRows>(x, row, w, inputs, y, output);
  }
  if (row < x.count) {
    tile<kOutputs, 1>(x, row, w, inputs, y, output);
  }
}

}  // namespace

Scratch::Scratch(int64_t rows, int64_t inputs)
    : quantized(new int16_t[rows * quantized_width(inputs)]), scales(new float[rows]), gated(new float[rows * inputs]) {}

void multiply(Input input, Rows<const float> x, const PackedMatrix& matrix, Rows<float> y, bool add, const Scratch& scratch) {
  const int64_t inputs = matrix.inputs();
  const int64_t width = matrix.width();
  if (input == Input::kSiluMul) {
    const int64_t pieces = divide_up(inputs, kPiece);
    for_each_row(x.count * pieces, std::min(kPiece, inputs), [&](int64_t piece) {
      const int64_t row = piece / pieces;
      const int64_t from = piece % pieces * kPiece;
      const float* gate = x.first + row * x.stride + from;
      silu_mul(gate, gate + inputs, std::min(kPiece, inputs - from), scratch.gated.get() + row * inputs + from);
    });
  }
  for_each_row(x.count, inputs, [&](int64_t row) {
    const float* numbers = input == Input::kSiluMul ? scratch.gated.get() + row * inputs : x.first + row * x.stride;
    int16_t* quantized = scratch.quantized.get() + row * width;
    const float scale = quantize_row(numbers, inputs, qmax(matrix), quantized, width);
    if (!matrix.is_int4()) {
      kernel(rows_beside(row, x.count)).prepare(quantized, width);
    }
    scratch.scales[row] = input == Input::kNorm ? scale / norm(numbers, inputs + kEpsTail) : scale;
  });
  const Product product{{scratch.quantized.get(), scratch.scales.get(), width}, matrix, y, add};
  for_each_part(matrix.panels(), kMaxKernelPanels, matrix.panel_bytes(), x.count, [&](int64_t begin, int64_t end) {
    if (matrix.is_int4()) {
      multiply_panels<float, &Kernel::sum_int4>(product, begin, end);
    } else {
      multiply_panels<int32_t, &Kernel::sum>(product, begin, end);
    }
  });
}

void multiply(Rows<const float> x, const float* w, int64_t outputs, int64_t inputs, Rows<float> y) {
  const auto row_bytes = static_cast<int64_t>(inputs * sizeof(float));
  for_each_part(outputs, kTileOutputs, row_bytes, x.count, [&](int64_t begin, int64_t end) {
    int64_t output = begin;
    for (; output + kTileOutputs <= end; output += kTileOutputs) {
      tile_rows<kTileOutputs>(x, w, inputs, y, output);
    }
    for (; output < end; output++) {
      tile_rows<1>(x, w, inputs, y, output);
    }
  });
}

}  // namespace utter
