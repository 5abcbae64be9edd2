// Products, attention and layers as operators of the namespace utter_cpu, which a TorchScript program calls.

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string>

#include "attention.h"
#include "gated/gated_operators.h"
#include "gated/layer.h"
#include "int4.h"
#include "kernels.h"
#include "layers.h"
#include "packed.h"
#include "products.h"
#include "team.h"
#include "tensor.h"

namespace {

using utter::check;
using utter::Input;
using utter::PackedMatrix;
using utter::Rows;
using utter::Tensor;

PackedMatrix packed(const Tensor& w) {
  const auto bytes = w.row<const int8_t>("w", aoti_torch_dtype_int8());
  return PackedMatrix(bytes.first, bytes.stride);
}

// The rows of x, which must have this width.
Rows<const float> input(const Tensor& x, int64_t width) {
  const auto rows = x.rows<const float>("x", aoti_torch_dtype_float32());
  if (x.size(1) != width) {
    throw std::invalid_argument("utter_cpu: the width of x must be the input width of w");
  }
  return rows;
}

// numbers: (out, in), scales: (out, 1).
void pack_int8(StableIValue* stack, uint64_t, uint64_t) {
  const Tensor numbers(stack[0]);
  const Tensor scales(stack[1]);
  const auto rows = numbers.rows<const int8_t>("numbers", aoti_torch_dtype_int8());
  const auto factors = scales.rows<const float>("scales", aoti_torch_dtype_float32());
  const int64_t inputs = numbers.size(1);
  if (rows.stride != inputs || scales.size(0) != rows.count || factors.stride != 1) {
    throw std::invalid_argument("utter_cpu: numbers must be contiguous and have one scale per row");
  }
  Tensor packed = Tensor::bytes(utter::packed_bytes(rows.count, inputs));
  utter::pack(rows.first, factors.first, rows.count, inputs, packed.row<int8_t>("w", aoti_torch_dtype_int8()).first);
  stack[0] = packed.release();
}

// w: (out, in), importance: (in).
void pack_int4(StableIValue* stack, uint64_t, uint64_t) {
  const Tensor w(stack[0]);
  const Tensor importance(stack[1]);
  const auto rows = w.rows<const float>("w", aoti_torch_dtype_float32());
  const auto weighting = importance.row<const float>("importance", aoti_torch_dtype_float32());
  const int64_t inputs = w.size(1);
  if (rows.stride != inputs || weighting.stride != inputs) {
    throw std::invalid_argument("utter_cpu: w must be contiguous, and each input must have an importance");
  }
  Tensor packed = Tensor::bytes(utter::packed_int4_bytes(rows.count, inputs));
  utter::pack_int4(rows.first, weighting.first, rows.count, inputs, packed.row<int8_t>("w", aoti_torch_dtype_int8()).first);
  stack[0] = packed.release();
}

template <Input kInput>
void linear_packed(StableIValue* stack, uint64_t, uint64_t) {
  const Tensor x(stack[0]);
  const Tensor w(stack[1]);
  const PackedMatrix weights = packed(w);
  const auto from = input(x, weights.inputs());
  Tensor y = Tensor::matrix(from.count, weights.outputs());
  const utter::Scratch scratch(from.count, weights.inputs());
  utter::multiply(kInput, from, weights, y.rows<float>("y", aoti_torch_dtype_float32()), false, scratch);
  stack[0] = y.release();
}

// x: (rows, in); w: (in, out), the transposed view of a contiguous matrix.
void linear_float32(StableIValue* stack, uint64_t, uint64_t) {
  const Tensor x(stack[0]);
  const Tensor w(stack[1]);
  const float* columns = w.columns("w");
  const int64_t outputs = w.size(1);
  const auto from = input(x, w.size(0));
  Tensor y = Tensor::matrix(from.count, outputs);
  utter::multiply(from, columns, outputs, w.size(0), y.rows<float>("y", aoti_torch_dtype_float32()));
  stack[0] = y.release();
}

// Validates the shapes and returns the positions to decode. cache: (2 slots groups positions, width); rope: (slots or 1,
// qkv_width); positions: (slots).
utter::DecodePositions decode_positions(int64_t slots, int64_t qkv_width, const Tensor& rope, const Tensor& cache,
                                        int64_t groups, const Tensor& positions) {
  const auto rotations = rope.rows<const float>("rope", aoti_torch_dtype_float32());
  const auto cached = cache.rows<float>("cache", aoti_torch_dtype_float32());
  const auto at = positions.row<const int64_t>("positions", aoti_torch_dtype_int64());
  const int64_t width = cache.size(1);
  const int64_t rows = 2 * groups > 0 && width > 0 ? cached.count / (2 * groups) : 0;
  // The cache may have more slots than are decoded; `slots` of them are the first.
  const int64_t all_slots = at.stride;
  const int64_t capacity = all_slots > 0 ? rows / all_slots : 0;
  const utter::DecodePositions decode{{rotations.first, slots, rotations.count == 1 ? 0 : rotations.stride},
                                      {cached.first, all_slots, groups, capacity, width},
                                      at.first};
  const int64_t attn_output = decode.attn_output_width(qkv_width);
  bool fits = slots > 0 && slots <= all_slots && capacity > 0 && 2 * all_slots * groups * capacity == cached.count &&
              cached.stride == width && width % 2 == 0 && attn_output > 0 && attn_output % (groups * width) == 0 &&
              rope.size(1) == qkv_width && (rotations.count == 1 || rotations.count == slots);
  for (int64_t slot = 0; fits && slot < slots; slot++) {
    fits = at.first[slot] >= 0 && at.first[slot] < capacity;
  }
  if (!fits) {
    throw std::invalid_argument("utter_cpu: the shapes of x, rope and cache, and groups and positions, do not fit each other");
  }
  return decode;
}

void decode_attention(StableIValue* stack, uint64_t, uint64_t) {
  const Tensor x(stack[0]);
  const Tensor rope(stack[1]);
  const Tensor cache(stack[2]);
  const Tensor positions(stack[4]);
  const auto from = x.rows<const float>("x", aoti_torch_dtype_float32());
  const utter::DecodePositions at =
      decode_positions(from.count, x.size(1), rope, cache, static_cast<int64_t>(stack[3]), positions);
  if (from.stride != x.size(1)) {
    throw std::invalid_argument("utter_cpu: x must be contiguous");
  }
  Tensor y = Tensor::matrix(from.count, at.attn_output_width(x.size(1)));
  utter::attend(from, at, y.rows<float>("y", aoti_torch_dtype_float32()));
  stack[0] = y.release();
}

// Three packed matrices, from this stack position on.
struct PostAttentionTensors {
  explicit PostAttentionTensors(StableIValue* stack) : output(stack[0]), gate_up(stack[1]), down(stack[2]) {}

  // Checked against rows of x of this width.
  utter::PostAttention matrices(int64_t width) const {
    const utter::PostAttention made{packed(output), packed(gate_up), packed(down)};
    if (made.output.outputs() != width || made.gate_up.inputs() != width || made.gate_up.outputs() != 2 * made.down.inputs() ||
        made.down.outputs() != width) {
      throw std::invalid_argument("utter_cpu: the shapes of a layer's matrices do not fit each other");
    }
    return made;
  }

  const Tensor output;
  const Tensor gate_up;
  const Tensor down;
};

void post_attention_packed(StableIValue* stack, uint64_t, uint64_t) {
  const Tensor x(stack[0]);
  const Tensor attn_output(stack[1]);
  const PostAttentionTensors tensors(stack + 2);
  const auto to = x.rows<float>("x", aoti_torch_dtype_float32());
  const utter::PostAttention post = tensors.matrices(x.size(1));
  const auto from = input(attn_output, post.output.inputs());
  if (from.count != to.count) {
    throw std::invalid_argument("utter_cpu: x and attn_output must have the same number of rows");
  }
  const utter::PostAttentionScratch scratch(to.count, post);
  utter::post_attention(from, post, to, scratch);
}

void decoder_layer_packed(StableIValue* stack, uint64_t, uint64_t) {
  const Tensor x(stack[0]);
  const Tensor rope(stack[1]);
  const Tensor cache(stack[2]);
  const Tensor positions(stack[4]);
  const Tensor w(stack[5]);
  const PostAttentionTensors tensors(stack + 6);
  const auto rows = x.rows<float>("x", aoti_torch_dtype_float32());
  const PackedMatrix attention = packed(w);
  const utter::PostAttention post = tensors.matrices(x.size(1));
  const utter::DecodePositions at =
      decode_positions(rows.count, attention.outputs(), rope, cache, static_cast<int64_t>(stack[3]), positions);
  if (attention.inputs() != x.size(1) || at.attn_output_width(attention.outputs()) != post.output.inputs()) {
    throw std::invalid_argument("utter_cpu: the shapes of a layer's matrices do not fit each other");
  }
  const utter::LayerScratch scratch(rows.count, attention, post);
  utter::decoder_layer(rows, at, attention, post, scratch);
}

// With norm_, the kEpsTail numbers behind each row of x are its eps tail. `w` and its like: from pack_int8 or pack_int4.
constexpr utter::Operator kOperators[] = {
    {"pack_int8(Tensor numbers, Tensor scales) -> Tensor", "pack_int8", &pack_int8},
    {"pack_int4(Tensor w, Tensor importance) -> Tensor", "pack_int4", &pack_int4},
    {"linear_packed(Tensor x, Tensor w) -> Tensor", "linear_packed", &linear_packed<Input::kPlain>},
    {"norm_linear_packed(Tensor x, Tensor w) -> Tensor", "norm_linear_packed", &linear_packed<Input::kNorm>},
    {"linear_float32(Tensor x, Tensor w) -> Tensor", "linear_float32", &linear_float32},
    {"decode_attention(Tensor x, Tensor rope, Tensor(a!) cache, int groups, Tensor positions) -> Tensor", "decode_attention",
     &decode_attention},
    {"post_attention_packed(Tensor(a!) x, Tensor attn_output, Tensor output, Tensor gate_up, Tensor down) -> ()",
     "post_attention_packed", &post_attention_packed},
    {"decoder_layer_packed(Tensor(a!) x, Tensor rope, Tensor(b!) cache, int groups, Tensor positions, Tensor w, Tensor output, "
     "Tensor gate_up, Tensor down) -> ()",
     "decoder_layer_packed", &decoder_layer_packed},
};

void register_operators() {
  TorchLibraryHandle names;
  TorchLibraryHandle functions;
  check(aoti_torch_library_init_def("utter_cpu", __FILE__, __LINE__, &names));
  check(aoti_torch_library_init_impl("utter_cpu", "CPU", __FILE__, __LINE__, &functions));
  const auto add = [&](const utter::Operator& each) {
    check(aoti_torch_library_def(names, each.schema));
    check(aoti_torch_library_impl(functions, each.name, each.function));
  };
  std::for_each(std::begin(kOperators), std::end(kOperators), add);
  std::for_each(std::begin(utter::kGatedOperators), std::end(utter::kGatedOperators), add);
}

}  // namespace

#define EXPORTED extern "C" __attribute__((visibility("default")))

// The native methods of CpuOperators in Java.

// Registers the operators for the life of the process, with the kernel of this instruction set, or with the fastest one for
// kIsaAny. Returns the instruction set in use, or kIsaNone if this processor lacks it or libtorch refuses.
EXPORTED int64_t Java_dev_utter_speech_torch_CpuOperators_register(void*, void*, int64_t isa) {
  try {
    if (utter::choose_kernel(isa)) {
      register_operators();
      return utter::kernel_isa();
    }
  } catch (const std::exception&) {
    // Java logs that the operators are missing.
  }
  return utter::kIsaNone;
}

// Changes the kernel. Returns whether this processor has it. No operator may be running.
EXPORTED uint8_t Java_dev_utter_speech_torch_CpuOperators_choose(void*, void*, int64_t isa) {
  return static_cast<uint8_t>(utter::choose_kernel(isa));
}

// The threads of the speech engine's operators, all together.
EXPORTED void Java_dev_utter_speech_torch_CpuOperators_setThreads(void*, void*, int32_t threads) {
  utter::set_team_threads(utter::Team::kSteps, threads);
}

// The threads of gated convolutions, all together.
EXPORTED void Java_dev_utter_speech_torch_CpuOperators_setPassThreads(void*, void*, int32_t threads) {
  utter::set_team_threads(utter::Team::kPasses, threads);
}

// The threads that libtorch's operators use when this thread calls them.
EXPORTED void Java_dev_utter_speech_torch_CpuOperators_setLibtorchThreads(void*, void*, int32_t threads) {
  omp_set_num_threads(threads);
  if (MKL_Set_Num_Threads_Local != nullptr) {
    MKL_Set_Num_Threads_Local(threads);
  }
}

// Whether gated convolutions can be made in bfloat16, with the instruction set in use.
EXPORTED uint8_t Java_dev_utter_speech_torch_CpuOperators_multiplyBfloat16(void*, void*) {
  return static_cast<uint8_t>(utter::has_reduced());
}
