// Products of a few rows with an 8-bit matrix. All threads of an OpenMP team call these functions with the same arguments, and
// each does its share.
#pragma once

#include <memory>

#include "constants.h"
#include "rows.h"

namespace utter {

// An int8 matrix (outputs, inputs), values -kInt8Max..kInt8Max, row-major, contiguous; row i is scaled by scales[i].
struct Matrix {
  const int8_t* numbers;
  const float* scales;
  int64_t outputs;
  int64_t inputs;
};

// Whether this processor has the instructions.
bool is_supported();

// What is multiplied, computed from the rows of x.
enum class Input {
  kPlain,
  // RMSNorm: each row divided by the norm of itself and of the kEpsTail numbers that follow it in memory.
  kNorm,
  // Rows hold gate and up, one after the other: silu(gate) * up.
  kSiluMul,
};

// Memory shared by the threads of a team, for up to this number of rows and inputs.
struct Scratch {
  Scratch(int64_t rows, int64_t inputs);

  std::unique_ptr<int16_t[]> quantized;
  std::unique_ptr<float[]> scales;
  std::unique_ptr<float[]> gated;
};

// y = x times the transposed matrix, or y += that. Each input row is quantized to 16 bit by its own maximum and the integer
// sums are exact. So a row of y depends on its row of x only: not on its neighbours, not on the number of threads. A row of x
// that is not finite makes its whole row of y NaN. The work is complete when any thread returns.
void multiply(Input input, Rows<const float> x, const Matrix& matrix, Rows<float> y, bool add, const Scratch& scratch);

// y (outputs) = x (inputs) times the transposed matrix w (outputs, inputs), row-major, contiguous. The order of each sum does
// not depend on the number of threads. The work is complete when any thread returns.
void multiply_row(const float* x, const float* w, int64_t outputs, int64_t inputs, float* y);

}  // namespace utter
