// Products of rows with a matrix, shared by the threads of the team.
#pragma once

#include <memory>

#include "constants.h"
#include "packed.h"
#include "rows.h"

namespace utter {

// The input of a product, computed from the rows of x.
enum class Input {
  kPlain,
  // RMSNorm: each row divided by the norm of itself and of the kEpsTail numbers that follow it in memory.
  kNorm,
  // Rows hold gate and up, one after the other: silu(gate) * up.
  kSiluMul,
};

// Memory for products of up to this number of rows and inputs.
struct Scratch {
  Scratch(int64_t rows, int64_t inputs);

  std::unique_ptr<int16_t[]> quantized;
  std::unique_ptr<float[]> scales;
  std::unique_ptr<float[]> gated;
};

// y = x times the transposed matrix, or y += that. Each input row is quantized to 16 bit by its own maximum. Its sums
// are exact integers, in 4 bit those of a group, which are scaled and added in order. So a row of y depends on its row of x
// only: not on its neighbours, not on the number of threads, not on the instruction set. A row of x that is not finite makes
// its whole row of y NaN.
void multiply(Input input, Rows<const float> x, const PackedMatrix& matrix, Rows<float> y, bool add, const Scratch& scratch);

// y (rows, outputs) = x (rows, inputs) times the transposed matrix w (outputs, inputs), row-major, contiguous. The order of
// each sum depends neither on the number of rows nor on that of threads.
void multiply(Rows<const float> x, const float* w, int64_t outputs, int64_t inputs, Rows<float> y);

}  // namespace utter
