#include "gated_operators.h"

#include <stdexcept>

#include "../tensor.h"
#include "layer.h"

namespace utter {

namespace {

// filters: (2 out, in, size, size), values first; biases: (2 out).
void pack_gated(StableIValue* stack, uint64_t, uint64_t) {
  const Tensor filters(stack[0]);
  const Tensor biases(stack[1]);
  const bool is_reduced = (stack[2] & 1) != 0;
  const auto* numbers = filters.contiguous<const float>("filters", aoti_torch_dtype_float32(), 4);
  const auto* bias = biases.contiguous<const float>("biases", aoti_torch_dtype_float32(), 1);
  const int64_t outputs = filters.size(0) / 2;
  const int64_t inputs = filters.size(1);
  const int64_t size = filters.size(2);
  if (filters.size(0) != 2 * outputs || biases.size(0) != 2 * outputs || filters.size(3) != size || (size != 1 && size != 3)) {
    throw std::invalid_argument("utter_cpu: filters must be (2 out, in, size, size) of size 1 or 3, biases (2 out)");
  }
  Tensor packed = Tensor::bytes(packed_gated_bytes(outputs, inputs, is_reduced));
  utter::pack_gated(numbers, bias, outputs, inputs, size, is_reduced,
                    packed.contiguous<int8_t>("weights", aoti_torch_dtype_int8(), 1));
  stack[0] = packed.release();
}

// (1, channels, frequencies, frames): zeros, the channels of a position are neighbours, their number is padded.
void gated_plane(StableIValue* stack, uint64_t, uint64_t) {
  // Only because libtorch chooses an operator by its tensors.
  const Tensor like(stack[0]);
  const int64_t channels = padded(static_cast<int64_t>(stack[1]), kLanes);
  const auto frequencies = static_cast<int64_t>(stack[2]);
  const auto frames = static_cast<int64_t>(stack[3]);
  const int64_t sizes[] = {1, channels, frequencies, frames};
  const int64_t strides[] = {frequencies * frames * channels, 1, frames * channels, channels};
  Tensor plane = Tensor::floats(4, sizes, strides);
  zero(plane.channels_last("plane"), strides[0]);
  stack[0] = plane.release();
}

// plane: (1, channels, frequencies, frames); above: (1, channels, 1, frames); sums: (2, channels); scale and shift: (1,
// channels, 1, 1); weights: from pack_gated.
void gated_rows(StableIValue* stack, uint64_t, uint64_t) {
  const Tensor plane(stack[0]);
  const Tensor above(stack[1]);
  const Tensor sums(stack[2]);
  const Tensor scale(stack[3]);
  const Tensor shift(stack[4]);
  const Tensor packed(stack[5]);
  const auto start = static_cast<int64_t>(stack[6]);
  const auto stop = static_cast<int64_t>(stack[7]);
  const int64_t channels = plane.size(1);
  const Plane numbers{plane.channels_last("plane"), plane.size(2), plane.size(3), channels};
  float* edge = above.channels_last("above");
  auto* totals = sums.contiguous<double>("sums", aoti_torch_dtype_float64(), 2);
  const auto* factors = scale.contiguous<const float>("scale", aoti_torch_dtype_float32(), 4);
  const auto* offsets = shift.contiguous<const float>("shift", aoti_torch_dtype_float32(), 4);
  const GatedWeights weights(packed.contiguous<const int8_t>("weights", aoti_torch_dtype_int8(), 1), packed.size(0));
  const bool fits = channels % kLanes == 0 && channels >= weights.inputs() && channels >= weights.outputs() &&
                    above.size(1) == channels && above.size(2) == 1 && above.size(3) == numbers.frames && sums.size(0) == 2 &&
                    sums.size(1) == channels && scale.size(1) == channels && shift.size(1) == channels && start >= 0 &&
                    start % kTile == 0 && start < stop && stop <= numbers.frequencies &&
                    (stop % kTile == 0 || stop == numbers.frequencies);
  if (!fits) {
    throw std::invalid_argument("utter_cpu: the shapes of a plane, its state and its weights do not fit each other");
  }
  utter::gated_rows(numbers, edge, totals, totals + channels, factors, offsets, weights, start, stop);
}

}  // namespace

const Operator kGatedOperators[] = {
    {"pack_gated(Tensor filters, Tensor biases, bool is_reduced) -> Tensor", "pack_gated", &pack_gated},
    {"gated_plane(Tensor like, int channels, int frequencies, int frames) -> Tensor", "gated_plane", &gated_plane},
    {"gated_rows(Tensor(a!) plane, Tensor(b!) above, Tensor(c!) sums, Tensor scale, Tensor shift, Tensor weights, int start, "
     "int stop) -> ()",
     "gated_rows", &gated_rows},
};

}  // namespace utter
