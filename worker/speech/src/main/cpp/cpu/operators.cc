// Products, attention and layers as operators of the namespace utter_cpu, which a TorchScript program calls.

#include <stdexcept>
#include <string>

#include "attention.h"
#include "layers.h"
#include "libtorch.h"
#include "products.h"

namespace {

using utter::Input;
using utter::Matrix;
using utter::Rows;

void check(AOTITorchError error) {
  if (error != 0) {
    throw std::runtime_error("utter_cpu: libtorch refused a call");
  }
}

// A tensor passed to an operator or made by it. Owns the handle.
class Tensor {
 public:
  explicit Tensor(StableIValue value) : handle_(reinterpret_cast<AtenTensorHandle>(value)) {}
  Tensor(const Tensor&) = delete;
  Tensor& operator=(const Tensor&) = delete;
  ~Tensor() {
    if (handle_ != nullptr) {
      aoti_torch_delete_tensor_object(handle_);
    }
  }

  static Tensor matrix(int64_t rows, int64_t columns) {
    const int64_t sizes[] = {rows, columns};
    const int64_t strides[] = {columns, 1};
    AtenTensorHandle made;
    check(aoti_torch_empty_strided(2, sizes, strides, aoti_torch_dtype_float32(), aoti_torch_device_type_cpu(), 0, &made));
    return Tensor(reinterpret_cast<StableIValue>(made));
  }

  StableIValue release() {
    const auto value = reinterpret_cast<StableIValue>(handle_);
    handle_ = nullptr;
    return value;
  }

  int64_t size(int64_t dimension) const {
    int64_t* sizes;
    check(aoti_torch_get_sizes(handle_, &sizes));
    return sizes[dimension];
  }

  // Its numbers as rows. `name` is for error messages.
  template <typename Number>
  Rows<Number> rows(const char* name, int32_t type) const {
    const int64_t* strides = matrix_strides(name, type);
    if (strides[1] != 1 && size(1) != 1) {
      throw std::invalid_argument(std::string("utter_cpu: ") + name + " is not row-major");
    }
    // The stride of a single row is arbitrary.
    return {static_cast<Number*>(numbers()), size(0), size(0) == 1 ? size(1) : strides[0]};
  }

  // Its numbers, column-major and contiguous.
  const float* columns(const char* name) const {
    const int64_t* strides = matrix_strides(name, aoti_torch_dtype_float32());
    if ((strides[0] != 1 && size(0) != 1) || (strides[1] != size(0) && size(1) != 1)) {
      throw std::invalid_argument(std::string("utter_cpu: ") + name + " is not column-major and contiguous");
    }
    return static_cast<const float*>(numbers());
  }

 private:
  const int64_t* matrix_strides(const char* name, int32_t type) const {
    int32_t dtype;
    int64_t dimensions;
    int64_t* strides;
    check(aoti_torch_get_dtype(handle_, &dtype));
    check(aoti_torch_get_dim(handle_, &dimensions));
    check(aoti_torch_get_strides(handle_, &strides));
    if (dtype != type || dimensions != 2) {
      throw std::invalid_argument(std::string("utter_cpu: ") + name + " is not a matrix of the required type");
    }
    return strides;
  }

  void* numbers() const {
    void* data;
    check(aoti_torch_get_data_ptr(handle_, &data));
    return data;
  }

  AtenTensorHandle handle_;
};

Matrix matrix(const Tensor& numbers, const Tensor& scales) {
  const auto rows = numbers.rows<const int8_t>("w", aoti_torch_dtype_int8());
  const auto factors = scales.rows<const float>("scales", aoti_torch_dtype_float32());
  if (rows.stride != numbers.size(1) || scales.size(0) != rows.count || factors.stride != 1) {
    throw std::invalid_argument("utter_cpu: w must be contiguous and have one scale per row");
  }
  return {rows.first, factors.first, rows.count, numbers.size(1)};
}

// The rows of x, which must have this width.
Rows<const float> input(const Tensor& x, int64_t width) {
  const auto rows = x.rows<const float>("x", aoti_torch_dtype_float32());
  if (x.size(1) != width) {
    throw std::invalid_argument("utter_cpu: the width of x must be the input width of w");
  }
  return rows;
}

// y = x times the matrix, or y += that, by a team of threads.
void multiply(Input input, Rows<const float> x, const Matrix& weights, Rows<float> y, bool add) {
  const utter::Scratch scratch(x.count, weights.inputs);
#pragma omp parallel
  utter::multiply(input, x, weights, y, add, scratch);
}

template <Input kInput>
void linear_int8(StableIValue* stack, uint64_t, uint64_t) {
  const Tensor x(stack[0]);
  const Tensor w(stack[1]);
  const Tensor scales(stack[2]);
  const Matrix weights = matrix(w, scales);
  const auto from = input(x, weights.inputs);
  Tensor y = Tensor::matrix(from.count, weights.outputs);
  multiply(kInput, from, weights, y.rows<float>("y", aoti_torch_dtype_float32()), false);
  stack[0] = y.release();
}

template <Input kInput>
void add_linear_int8(StableIValue* stack, uint64_t, uint64_t) {
  const Tensor y(stack[0]);
  const Tensor x(stack[1]);
  const Tensor w(stack[2]);
  const Tensor scales(stack[3]);
  const Matrix weights = matrix(w, scales);
  const auto from = input(x, kInput == Input::kSiluMul ? 2 * weights.inputs : weights.inputs);
  const auto to = y.rows<float>("y", aoti_torch_dtype_float32());
  if (to.count != from.count || y.size(1) != weights.outputs) {
    throw std::invalid_argument("utter_cpu: y must have the shape of the product");
  }
  multiply(kInput, from, weights, to, true);
}

// x: (1, in); w: (in, out), the transposed view of a contiguous matrix.
void linear_float32_row(StableIValue* stack, uint64_t, uint64_t) {
  const Tensor x(stack[0]);
  const Tensor w(stack[1]);
  const float* columns = w.columns("w");
  const int64_t outputs = w.size(1);
  const auto from = input(x, w.size(0));
  if (from.count != 1) {
    throw std::invalid_argument("utter_cpu: x must be one row");
  }
  Tensor y = Tensor::matrix(1, outputs);
  float* to = y.rows<float>("y", aoti_torch_dtype_float32()).first;
#pragma omp parallel
  utter::multiply_row(from.first, columns, outputs, w.size(0), to);
  stack[0] = y.release();
}

// Validates the shapes and returns the position to decode. cache: (2 slots groups positions, width); rope: (1, qkv_width).
utter::DecodePosition decode_position(int64_t slots, int64_t qkv_width, const Tensor& rope, const Tensor& cache, int64_t groups,
                                      int64_t position) {
  const auto rotations = rope.rows<const float>("rope", aoti_torch_dtype_float32());
  const auto cached = cache.rows<float>("cache", aoti_torch_dtype_float32());
  const int64_t width = cache.size(1);
  const int64_t positions = groups > 0 && slots > 0 && width > 0 ? cached.count / (2 * slots * groups) : 0;
  const utter::DecodePosition decode{rotations.first, {cached.first, slots, groups, positions, width}, position};
  const int64_t attn_output = decode.attn_output_width(qkv_width);
  if (positions == 0 || 2 * slots * groups * positions != cached.count || cached.stride != width || width % 2 != 0 ||
      attn_output <= 0 || attn_output % (groups * width) != 0 || rope.size(1) != qkv_width || position < 0 ||
      position >= positions) {
    throw std::invalid_argument("utter_cpu: the shapes of x, rope and cache, and groups and position, do not fit each other");
  }
  return decode;
}

void decode_attention(StableIValue* stack, uint64_t, uint64_t) {
  const Tensor x(stack[0]);
  const Tensor rope(stack[1]);
  const Tensor cache(stack[2]);
  const auto from = x.rows<const float>("x", aoti_torch_dtype_float32());
  const utter::DecodePosition at =
      decode_position(from.count, x.size(1), rope, cache, static_cast<int64_t>(stack[3]), static_cast<int64_t>(stack[4]));
  if (from.stride != x.size(1)) {
    throw std::invalid_argument("utter_cpu: x must be contiguous");
  }
  Tensor y = Tensor::matrix(from.count, at.attn_output_width(x.size(1)));
  const auto to = y.rows<float>("y", aoti_torch_dtype_float32());
#pragma omp parallel
  utter::attend(from, at, to);
  stack[0] = y.release();
}

// Three matrices with their scales, from this stack position on.
struct PostAttentionTensors {
  explicit PostAttentionTensors(StableIValue* stack)
      : output(stack[0]),
        output_scales(stack[1]),
        gate_up(stack[2]),
        gate_up_scales(stack[3]),
        down(stack[4]),
        down_scales(stack[5]) {}

  // Checked against rows of x of this width.
  utter::PostAttention matrices(int64_t width) const {
    const utter::PostAttention made{matrix(output, output_scales), matrix(gate_up, gate_up_scales), matrix(down, down_scales)};
    if (made.output.outputs != width || made.gate_up.inputs != width || made.gate_up.outputs != 2 * made.down.inputs ||
        made.down.outputs != width) {
      throw std::invalid_argument("utter_cpu: the shapes of a layer's matrices do not fit each other");
    }
    return made;
  }

  const Tensor output;
  const Tensor output_scales;
  const Tensor gate_up;
  const Tensor gate_up_scales;
  const Tensor down;
  const Tensor down_scales;
};

void post_attention_int8(StableIValue* stack, uint64_t, uint64_t) {
  const Tensor x(stack[0]);
  const Tensor attn_output(stack[1]);
  const PostAttentionTensors tensors(stack + 2);
  const auto to = x.rows<float>("x", aoti_torch_dtype_float32());
  const utter::PostAttention post = tensors.matrices(x.size(1));
  const auto from = input(attn_output, post.output.inputs);
  if (from.count != to.count) {
    throw std::invalid_argument("utter_cpu: x and attn_output must have the same number of rows");
  }
  const utter::PostAttentionScratch scratch(to.count, post);
#pragma omp parallel
  utter::post_attention(from, post, to, scratch);
}

void decoder_layer_int8(StableIValue* stack, uint64_t, uint64_t) {
  const Tensor x(stack[0]);
  const Tensor rope(stack[1]);
  const Tensor cache(stack[2]);
  const Tensor w(stack[5]);
  const Tensor scales(stack[6]);
  const PostAttentionTensors tensors(stack + 7);
  const auto rows = x.rows<float>("x", aoti_torch_dtype_float32());
  const Matrix attention = matrix(w, scales);
  const utter::PostAttention post = tensors.matrices(x.size(1));
  const utter::DecodePosition at = decode_position(rows.count, attention.outputs, rope, cache, static_cast<int64_t>(stack[3]),
                                                   static_cast<int64_t>(stack[4]));
  if (attention.inputs != x.size(1) || at.attn_output_width(attention.outputs) != post.output.inputs) {
    throw std::invalid_argument("utter_cpu: the shapes of a layer's matrices do not fit each other");
  }
  const utter::LayerScratch scratch(rows.count, attention, post);
#pragma omp parallel
  utter::decoder_layer(rows, at, attention, post, scratch);
}

struct Operator {
  const char* schema;
  const char* name;
  StableFunction function;
};

// norm_ and silu_mul_: see Input. With norm_, the kEpsTail numbers behind each row of x are its eps tail.
constexpr Operator kOperators[] = {
    {"linear_int8(Tensor x, Tensor w, Tensor scales) -> Tensor", "linear_int8", &linear_int8<Input::kPlain>},
    {"norm_linear_int8(Tensor x, Tensor w, Tensor scales) -> Tensor", "norm_linear_int8", &linear_int8<Input::kNorm>},
    {"add_linear_int8(Tensor(a!) y, Tensor x, Tensor w, Tensor scales) -> ()", "add_linear_int8",
     &add_linear_int8<Input::kPlain>},
    {"add_silu_mul_linear_int8(Tensor(a!) y, Tensor x, Tensor w, Tensor scales) -> ()", "add_silu_mul_linear_int8",
     &add_linear_int8<Input::kSiluMul>},
    {"linear_float32_row(Tensor x, Tensor w) -> Tensor", "linear_float32_row", &linear_float32_row},
    {"decode_attention(Tensor x, Tensor rope, Tensor(a!) cache, int groups, int position) -> Tensor", "decode_attention",
     &decode_attention},
    {"post_attention_int8(Tensor(a!) x, Tensor attn_output, Tensor output, Tensor output_scales, "
     "Tensor gate_up, Tensor gate_up_scales, Tensor down, Tensor down_scales) -> ()",
     "post_attention_int8", &post_attention_int8},
    {"decoder_layer_int8(Tensor(a!) x, Tensor rope, Tensor(b!) cache, int groups, int position, Tensor w, Tensor scales, "
     "Tensor output, Tensor output_scales, Tensor gate_up, Tensor gate_up_scales, Tensor down, Tensor down_scales) -> ()",
     "decoder_layer_int8", &decoder_layer_int8},
};

void register_operators() {
  TorchLibraryHandle names;
  TorchLibraryHandle functions;
  check(aoti_torch_library_init_def("utter_cpu", __FILE__, __LINE__, &names));
  check(aoti_torch_library_init_impl("utter_cpu", "CPU", __FILE__, __LINE__, &functions));
  for (const Operator& each : kOperators) {
    check(aoti_torch_library_def(names, each.schema));
    check(aoti_torch_library_impl(functions, each.name, each.function));
  }
}

}  // namespace

// CpuOperators.register() in Java. Registers the operators for the life of the process. Returns 0 if the processor lacks the
// instructions or libtorch refuses.
extern "C" __attribute__((visibility("default"))) uint8_t Java_dev_utter_speech_torch_CpuOperators_register(void*, void*) {
  try {
    if (utter::is_supported()) {
      register_operators();
      return 1;
    }
  } catch (const std::exception&) {
    // Java logs that the operators are missing.
  }
  return 0;
}
