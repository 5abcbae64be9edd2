// Gated convolutions over a plane: the layers of the watermark's networks.
#pragma once

#include <cstdint>

#include "../divide.h"

namespace utter {

// Channels of a vector. A plane's channels are padded to a multiple of it.
constexpr int64_t kLanes = 16;

// Winograd's algorithm F(4x4, 3x3) (Lavin and Gray, 2016): a tile of 4x4 outputs takes 6x6 inputs and 36 products for each pair
// of channels, instead of 144.
constexpr int64_t kTile = 4;
constexpr int64_t kTileInputs = 6;
constexpr int64_t kPoints = kTileInputs * kTileInputs;

struct GatedHead {
  int64_t magic;
  int64_t inputs;
  int64_t outputs;
  int64_t is_reduced;
  int64_t unused[4];
};

// Filters of value and gate, transformed. In memory: a head; for each group of 16 outputs the biases of 16 values and of 16
// gates; for each group the filters (36, inputs, 32), 16 values before 16 gates. In bfloat16 neighbouring inputs are pairs:
// (36, inputs / 2, 32, 2).
class GatedWeights {
 public:
  // Throws std::invalid_argument if pack_gated() did not make these bytes.
  GatedWeights(const int8_t* bytes, int64_t count);

  int64_t inputs() const { return head().inputs; }
  int64_t outputs() const { return head().outputs; }
  bool is_reduced() const { return head().is_reduced != 0; }
  // Inputs in the filters: an even number, the last one may be zeros.
  int64_t even_inputs() const { return padded(inputs(), 2); }
  int64_t groups() const { return divide_up(outputs(), kLanes); }
  const float* biases(int64_t group) const;
  const int8_t* filters(int64_t group) const;

 private:
  const GatedHead& head() const { return *reinterpret_cast<const GatedHead*>(bytes_); }

  const int8_t* bytes_;
};

int64_t packed_gated_bytes(int64_t outputs, int64_t inputs, bool is_reduced);

// Transforms filters (2 outputs, inputs, size, size), values first, of size 1 or 3, and their biases (2 outputs).
void pack_gated(const float* filters, const float* biases, int64_t outputs, int64_t inputs, int64_t size, bool is_reduced,
                int8_t* bytes);

// Whether this processor can convolve in bfloat16.
bool has_reduced();

// A plane (frequencies, frames, stride): the channels of a position are neighbours.
struct Plane {
  float* numbers;
  int64_t frequencies;
  int64_t frames;
  int64_t stride;
};

// Fills with zeros, in large pages where the system has them: a plane is much memory that is used for a moment.
void zero(float* numbers, int64_t count);

// The layer value * sigmoid(gate) over the frequencies from `start` to `stop`, a multiple of kTile or the last one. Its inputs
// are the plane's first channels, times scale plus shift, and zeros around the plane; its outputs are written over them.
// above: (frames, stride), the inputs of the frequency before `start`; then, of the one before `stop`. Adds the outputs and
// their squares to sums and squares, one number for each output. Scale and shift have one number for
// each input.
//
// Results depend on the shapes only: not on the number of threads, and in 32 bit not on the instruction set. In bfloat16, AMX
// and AVX-512 add products in different orders, so their results differ by rounding.
void gated_rows(const Plane& plane, float* above, double* sums, double* squares, const float* scale, const float* shift,
                const GatedWeights& weights, int64_t start, int64_t stop);

}  // namespace utter
