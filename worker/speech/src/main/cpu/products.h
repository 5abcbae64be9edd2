// Products of a few rows with a matrix of 8-bit numbers. All threads of an OpenMP team call these functions with the same
// arguments, and each does its part.
#pragma once

#include <memory>

#include "rows.h"

namespace utter {

// A matrix (outputs, inputs) of numbers -127..127, row by row without gaps; row i stands for its numbers times scales[i].
struct Matrix {
  const int8_t* numbers;
  const float* scales;
  int64_t outputs;
  int64_t inputs;
};

// Whether this processor has the instructions.
bool runs_here();

// What is multiplied, made of the rows that are given.
enum class Input {
  kPlain,
  // Each row, divided by the norm of itself and of the kTail numbers that must follow it in memory.
  kNormed,
  // Rows hold a gate and what it lets through, one after the other: silu(gate) * through.
  kGated,
};

constexpr int64_t kTail = 8;

// What the threads of a team share while they multiply, for up to so many rows and inputs.
struct Room {
  Room(int64_t rows, int64_t inputs);

  std::unique_ptr<int16_t[]> rounded;
  std::unique_ptr<float[]> scales;
  std::unique_ptr<float[]> passed;
};

// y = x times the transposed matrix, or y + that. Every input row is rounded to 16 bit by its own largest number, the
// sums are exact, so a row of y depends on nothing but its row of x: not on its neighbours or the number of threads.
// What is not finite in a row of x makes its whole row of y so. All is done when any thread
// returns.
void multiply(Input input, Rows<const float> x, const Matrix& matrix, Rows<float> y, bool add, const Room& room);

// y (outputs) = x (inputs) times the transposed matrix w (outputs, inputs), row by row without gaps. Each sum is taken in the
// same order however many threads there are. All is done when any thread returns.
void multiply_row(const float* x, const float* w, int64_t outputs, int64_t inputs, float* y);

}  // namespace utter
