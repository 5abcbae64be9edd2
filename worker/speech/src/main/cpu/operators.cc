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

// A tensor that an operator was given or makes; the handle is its own.
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
    check(aoti_torch_empty_strided(
        2, sizes, strides, aoti_torch_dtype_float32(), aoti_torch_device_type_cpu(), 0, &made));
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

  // Its numbers row by row; `name` is for the complaint.
  template <typename Number>
  Rows<Number> rows(const char* name, int32_t type) const {
    const int64_t* strides = matrix_strides(name, type);
    if (strides[1] != 1 && size(1) != 1) {
      throw std::invalid_argument(std::string("utter_cpu: ") + name + " does not lie row by row");
    }
    // A single row has whatever distance to the next it was made with.
    return {static_cast<Number*>(numbers()), size(0), size(0) == 1 ? size(1) : strides[0]};
  }

  // Its numbers column by column, without gaps.
  const float* columns(const char* name) const {
    const int64_t* strides = matrix_strides(name, aoti_torch_dtype_float32());
    if ((strides[0] != 1 && size(0) != 1) || (strides[1] != size(0) && size(1) != 1)) {
      throw std::invalid_argument(std::string("utter_cpu: ") + name + " does not lie column by column");
    }
    return static_cast<const float*>(numbers());
  }

 private:
  const int64_t* matrix_strides(const char* name, int32_t type) const {
    int32_t own;
    int64_t dimensions;
    int64_t* strides;
    check(aoti_torch_get_dtype(handle_, &own));
    check(aoti_torch_get_dim(handle_, &dimensions));
    check(aoti_torch_get_strides(handle_, &strides));
    if (own != type || dimensions != 2) {
      throw std::invalid_argument(std::string("utter_cpu: ") + name + " is no matrix of the type it must have");
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
  if (rows.apart != numbers.size(1) || scales.size(0) != rows.count || factors.apart != 1) {
    throw std::invalid_argument("utter_cpu: w has gaps, or not one scale for each row");
  }
  return {rows.first, factors.first, rows.count, numbers.size(1)};
}

// The rows of x, if so many numbers of each are what the matrix takes.
Rows<const float> input(const Tensor& x, int64_t numbers) {
  const auto rows = x.rows<const float>("x", aoti_torch_dtype_float32());
  if (x.size(1) != numbers) {
    throw std::invalid_argument("utter_cpu: x is not as wide as w takes it");
  }
  return rows;
}

// y = x times the matrix, or y + that, by a team.
void multiply(Input input, Rows<const float> x, const Matrix& by, Rows<float> y, bool add) {
  const utter::Room room(x.count, by.inputs);
#pragma omp parallel
  utter::multiply(input, x, by, y, add, room);
}

template <Input kInput>
void linear8(StableIValue* stack, uint64_t, uint64_t) {
  const Tensor x(stack[0]);
  const Tensor w(stack[1]);
  const Tensor scales(stack[2]);
  const Matrix by = matrix(w, scales);
  const auto from = input(x, by.inputs);
  Tensor y = Tensor::matrix(from.count, by.outputs);
  multiply(kInput, from, by, y.rows<float>("y", aoti_torch_dtype_float32()), false);
  stack[0] = y.release();
}

template <Input kInput>
void add_linear8(StableIValue* stack, uint64_t, uint64_t) {
  const Tensor y(stack[0]);
  const Tensor x(stack[1]);
  const Tensor w(stack[2]);
  const Tensor scales(stack[3]);
  const Matrix by = matrix(w, scales);
  const auto from = input(x, kInput == Input::kGated ? 2 * by.inputs : by.inputs);
  const auto to = y.rows<float>("y", aoti_torch_dtype_float32());
  if (to.count != from.count || y.size(1) != by.outputs) {
    throw std::invalid_argument("utter_cpu: y is not of the product's shape");
  }
  multiply(kInput, from, by, to, true);
}

// x: (1, in); w: (in, out), the transposed view of rows without gaps.
void linear32_row(StableIValue* stack, uint64_t, uint64_t) {
  const Tensor x(stack[0]);
  const Tensor w(stack[1]);
  const float* columns = w.columns("w");
  const int64_t outputs = w.size(1);
  const auto from = input(x, w.size(0));
  if (from.count != 1) {
    throw std::invalid_argument("utter_cpu: x is not one row");
  }
  Tensor y = Tensor::matrix(1, outputs);
  float* to = y.rows<float>("y", aoti_torch_dtype_float32()).first;
#pragma omp parallel
  utter::multiply_row(from.first, columns, outputs, w.size(0), to);
  stack[0] = y.release();
}

// Of so many rows of queries, keys and values so wide, if that goes together. cache: (2 slots groups positions, width); turns:
// of the position, like such a row.
utter::Place place(
    int64_t slots, int64_t taken, const Tensor& turns, const Tensor& cache, int64_t groups, int64_t position) {
  const auto by = turns.rows<const float>("turns", aoti_torch_dtype_float32());
  const auto known = cache.rows<float>("cache", aoti_torch_dtype_float32());
  const int64_t width = cache.size(1);
  const int64_t positions = groups > 0 && slots > 0 && width > 0 ? known.count / (2 * slots * groups) : 0;
  const utter::Place made{by.first, {known.first, slots, groups, positions, width}, position};
  const int64_t heard = made.heard(taken);
  if (positions == 0 || 2 * slots * groups * positions != known.count || known.apart != width || width % 2 != 0 ||
      heard <= 0 || heard % (groups * width) != 0 || turns.size(1) != taken || position < 0 || position >= positions) {
    throw std::invalid_argument("utter_cpu: x, turns, cache, groups and position do not go together");
  }
  return made;
}

void attend(StableIValue* stack, uint64_t, uint64_t) {
  const Tensor x(stack[0]);
  const Tensor turns(stack[1]);
  const Tensor cache(stack[2]);
  const auto from = x.rows<const float>("x", aoti_torch_dtype_float32());
  const utter::Place at = place(
      from.count, x.size(1), turns, cache, static_cast<int64_t>(stack[3]), static_cast<int64_t>(stack[4]));
  if (from.apart != x.size(1)) {
    throw std::invalid_argument("utter_cpu: x has gaps");
  }
  Tensor y = Tensor::matrix(from.count, at.heard(x.size(1)));
  const auto to = y.rows<float>("y", aoti_torch_dtype_float32());
#pragma omp parallel
  utter::attend(from, at, to);
  stack[0] = y.release();
}

// Three matrices with their scales, from there on.
struct RestTensors {
  explicit RestTensors(StableIValue* stack)
      : output(stack[0]), output_scales(stack[1]), both(stack[2]), both_scales(stack[3]), down(stack[4]), down_scales(stack[5]) {}

  // If they go together with rows of x that many numbers wide.
  utter::Rest rest(int64_t width) const {
    const utter::Rest made{matrix(output, output_scales), matrix(both, both_scales), matrix(down, down_scales)};
    if (made.output.outputs != width || made.both.inputs != width || made.both.outputs != 2 * made.down.inputs ||
        made.down.outputs != width) {
      throw std::invalid_argument("utter_cpu: the matrices of a layer do not go together");
    }
    return made;
  }

  const Tensor output;
  const Tensor output_scales;
  const Tensor both;
  const Tensor both_scales;
  const Tensor down;
  const Tensor down_scales;
};

void finish8(StableIValue* stack, uint64_t, uint64_t) {
  const Tensor x(stack[0]);
  const Tensor heard(stack[1]);
  const RestTensors tensors(stack + 2);
  const auto to = x.rows<float>("x", aoti_torch_dtype_float32());
  const utter::Rest rest = tensors.rest(x.size(1));
  const auto from = input(heard, rest.output.inputs);
  if (from.count != to.count) {
    throw std::invalid_argument("utter_cpu: x and heard have not the same rows");
  }
  const utter::RestRoom room(to.count, rest);
#pragma omp parallel
  utter::finish(from, rest, to, room);
}

void layer8(StableIValue* stack, uint64_t, uint64_t) {
  const Tensor x(stack[0]);
  const Tensor turns(stack[1]);
  const Tensor cache(stack[2]);
  const Tensor w(stack[5]);
  const Tensor scales(stack[6]);
  const RestTensors tensors(stack + 7);
  const auto rows = x.rows<float>("x", aoti_torch_dtype_float32());
  const Matrix attention = matrix(w, scales);
  const utter::Rest rest = tensors.rest(x.size(1));
  const utter::Place at = place(
      rows.count, attention.outputs, turns, cache, static_cast<int64_t>(stack[3]), static_cast<int64_t>(stack[4]));
  if (attention.inputs != x.size(1) || at.heard(attention.outputs) != rest.output.inputs) {
    throw std::invalid_argument("utter_cpu: the matrices of a layer do not go together");
  }
  const utter::LayerRoom room(rows.count, attention, rest);
#pragma omp parallel
  utter::decode(rows, at, attention, rest, room);
}

struct Operator {
  const char* schema;
  const char* name;
  StableFunction function;
};

// normed_ and gated_ as Input has it; the 8 numbers behind each row of a normed x are its tail.
constexpr Operator kOperators[] = {
    {"linear8(Tensor x, Tensor w, Tensor scales) -> Tensor", "linear8", &linear8<Input::kPlain>},
    {"normed_linear8(Tensor x, Tensor w, Tensor scales) -> Tensor", "normed_linear8", &linear8<Input::kNormed>},
    {"add_linear8(Tensor(a!) y, Tensor x, Tensor w, Tensor scales) -> ()", "add_linear8", &add_linear8<Input::kPlain>},
    {"add_gated_linear8(Tensor(a!) y, Tensor x, Tensor w, Tensor scales) -> ()", "add_gated_linear8",
     &add_linear8<Input::kGated>},
    {"linear32_row(Tensor x, Tensor w) -> Tensor", "linear32_row", &linear32_row},
    {"attend(Tensor x, Tensor turns, Tensor(a!) cache, int groups, int position) -> Tensor", "attend", &attend},
    {"finish8(Tensor(a!) x, Tensor heard, Tensor output, Tensor output_scales, Tensor both, Tensor both_scales, Tensor down, "
     "Tensor down_scales) -> ()",
     "finish8", &finish8},
    {"layer8(Tensor(a!) x, Tensor turns, Tensor(b!) cache, int groups, int position, Tensor w, Tensor scales, Tensor output, "
     "Tensor output_scales, Tensor both, Tensor both_scales, Tensor down, Tensor down_scales) -> ()",
     "layer8", &layer8},
};

void announce() {
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

// CpuOperators.announce() of Java: makes the operators known for as long as the process lasts, unless the processor lacks
// their instructions or libtorch refuses; whether it did.
extern "C" __attribute__((visibility("default"))) uint8_t Java_dev_utter_speech_torch_CpuOperators_announce(void*, void*) {
  try {
    if (utter::runs_here()) {
      announce();
      return 1;
    }
  } catch (const std::exception&) {
    // Java tells that they are not there.
  }
  return 0;
}
