// Runs the CPU operators without libtorch, and prints a digest of what each computes. The same lines on two processors mean
// equal bits.
//
// Usage: operators LIBRARY ISA
//   LIBRARY  libutter-cpu.so
//   ISA      the code of an instruction set, 0 for the fastest one
// The first line is the code of the instruction set in use, -1 if the processor lacks it. With an emulator of AMX, lines that
// begin with "tiles" have the numbers of its products.
#include <dlfcn.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "../../main/cpp/cpu/constants.h"
#include "../../main/cpp/cpu/gated/layer.h"
#include "../../main/cpp/cpu/libtorch.h"

// A tensor of libtorch, contiguous.
struct AtenTensorOpaque {
  int32_t type;
  std::vector<int64_t> sizes;
  std::vector<int64_t> strides;
  std::shared_ptr<std::vector<char>> bytes;
};

namespace {

constexpr int32_t kFloat32 = 6;
constexpr int32_t kFloat64 = 7;
constexpr int32_t kInt8 = 1;
constexpr int32_t kInt64 = 4;

std::map<std::string, StableFunction> operators;

// Tile products that were emulated until now, where the library has the emulator of AMX (amx.cc).
int64_t (*emulated_tile_products)() = nullptr;

int64_t bytes_of(int32_t type) { return type == kFloat32 ? 4 : type == kInt8 ? 1 : 8; }

AtenTensorOpaque make(int32_t type, std::vector<int64_t> sizes) {
  std::vector<int64_t> strides(sizes.size(), 1);
  int64_t count = 1;
  for (size_t i = sizes.size(); i-- > 0;) {
    strides[i] = count;
    count *= sizes[i];
  }
  // One more, so that a pointer can be moved to a multiple of 64.
  auto bytes = std::make_shared<std::vector<char>>(count * bytes_of(type) + 64);
  return {type, std::move(sizes), std::move(strides), bytes};
}

char* begin(const AtenTensorOpaque& tensor) {
  const auto address = reinterpret_cast<uintptr_t>(tensor.bytes->data());
  return reinterpret_cast<char*>((address + 63) / 64 * 64);
}

template <typename Number>
Number* numbers(const AtenTensorOpaque& tensor) {
  return reinterpret_cast<Number*>(begin(tensor));
}

int64_t count(const AtenTensorOpaque& tensor) { return tensor.sizes[0] * tensor.strides[0]; }

// The same numbers on every processor.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 2 + 1) {}

  // From -1 to 1, sums of which are not exact.
  float next() {
    state_ = state_ * 6364136223846793005 + 1442695040888963407;
    return static_cast<float>(static_cast<int32_t>(state_ >> 32)) / 2147483648.f;
  }

 private:
  uint64_t state_;
};

AtenTensorOpaque floats(std::vector<int64_t> sizes, uint64_t seed, float scale = 1.f) {
  AtenTensorOpaque tensor = make(kFloat32, std::move(sizes));
  Random random(seed);
  for (int64_t i = 0; i < count(tensor); i++) {
    numbers<float>(tensor)[i] = random.next() * scale;
  }
  return tensor;
}

StableIValue argument(const AtenTensorOpaque& tensor) { return reinterpret_cast<StableIValue>(new AtenTensorOpaque(tensor)); }

StableIValue argument(int64_t number) { return static_cast<StableIValue>(number); }

// Calls an operator without a result. It frees its arguments.
template <typename... Arguments>
StableIValue run(const std::string& name, const Arguments&... arguments) {
  StableIValue stack[] = {argument(arguments)...};
  const auto found = operators.find(name);
  if (found == operators.end()) {
    std::fprintf(stderr, "there is no operator %s\n", name.c_str());
    std::exit(1);
  }
  found->second(stack, sizeof...(arguments), 1);
  return stack[0];
}

// Calls an operator that makes a tensor.
template <typename... Arguments>
AtenTensorOpaque call(const std::string& name, const Arguments&... arguments) {
  const std::unique_ptr<AtenTensorOpaque> made(reinterpret_cast<AtenTensorOpaque*>(run(name, arguments...)));
  return *made;
}

// Prints a digest of floats, in which every NaN counts as the same one.
void print(const std::string& name, const AtenTensorOpaque& tensor) {
  for (int64_t i = 0; i < count(tensor); i++) {
    if (std::isnan(numbers<float>(tensor)[i])) {
      numbers<float>(tensor)[i] = std::numeric_limits<float>::quiet_NaN();
    }
  }
  // FNV-1a
  uint64_t digest = 14695981039346656037u;
  for (int64_t i = 0; i < count(tensor) * bytes_of(kFloat32); i++) {
    digest = (digest ^ static_cast<unsigned char>(begin(tensor)[i])) * 1099511628211u;
  }
  std::printf("%s %016llx\n", name.c_str(), static_cast<unsigned long long>(digest));
}

AtenTensorOpaque int8_matrix(int64_t outputs, int64_t inputs, uint64_t seed) {
  const AtenTensorOpaque bytes = make(kInt8, {outputs, inputs});
  Random random(seed);
  for (int64_t i = 0; i < count(bytes); i++) {
    numbers<int8_t>(bytes)[i] = static_cast<int8_t>(random.next() * 127.f);
  }
  return call("pack_int8", bytes, floats({outputs, 1}, seed + 1, 0.01f));
}

AtenTensorOpaque int4_matrix(int64_t outputs, int64_t inputs, uint64_t seed) {
  AtenTensorOpaque importance = floats({inputs}, seed + 1);
  for (int64_t i = 0; i < inputs; i++) {
    numbers<float>(importance)[i] += 1.5f;
  }
  return call("pack_int4", floats({outputs, inputs}, seed, 0.3f), importance);
}

void products() {
  for (const int64_t inputs : {1, 5, 64, 207, 1024}) {
    const int64_t outputs = 83;
    const AtenTensorOpaque w = int8_matrix(outputs, inputs, 1);
    const AtenTensorOpaque w4 = int4_matrix(outputs, inputs, 20);
    // Contiguous, (outputs, inputs); the operator takes its transposed view.
    AtenTensorOpaque w32 = floats({outputs, inputs}, 2);
    w32.sizes = {inputs, outputs};
    w32.strides = {1, inputs};
    for (const int64_t rows : {1, 2, 3, 4, 7, 16, 18, 21}) {
      const std::string name = " " + std::to_string(rows) + " x " + std::to_string(inputs);
      const AtenTensorOpaque x = floats({rows, inputs}, 3 + rows, 3.f);
      const int64_t before = emulated_tile_products == nullptr ? 0 : emulated_tile_products();
      print("linear_packed" + name, call("linear_packed", x, w));
      if (emulated_tile_products != nullptr) {
        std::printf("tiles%s: %lld\n", name.c_str(), static_cast<long long>(emulated_tile_products() - before));
      }
      print("linear_packed, 4 bit" + name, call("linear_packed", x, w4));
      print("linear_float32" + name, call("linear_float32", x, w32));
      numbers<float>(x)[inputs / 2] = std::numeric_limits<float>::infinity();
      print("not finite: linear_packed" + name, call("linear_packed", x, w));
    }
  }
}

// A layer whose queries share keys, at different positions of its slots.
void layers() {
  const int64_t width = 40;
  const int64_t groups = 3;
  const int64_t shared = 2;
  const int64_t hidden = 264;
  const int64_t mlp = 520;
  const int64_t capacity = 37;
  const int64_t qkv = groups * (shared + 2) * width;
  const AtenTensorOpaque attention = int8_matrix(qkv, hidden, 10);
  const AtenTensorOpaque output = int8_matrix(hidden, groups * shared * width, 11);
  const AtenTensorOpaque gate_up = int8_matrix(2 * mlp, hidden, 12);
  const AtenTensorOpaque down = int8_matrix(hidden, mlp, 13);
  const AtenTensorOpaque gate_up4 = int4_matrix(2 * mlp, hidden, 22);
  const AtenTensorOpaque down4 = int4_matrix(hidden, mlp, 23);
  for (const int64_t slots : {1, 5}) {
    const std::string name = " " + std::to_string(slots);
    const AtenTensorOpaque cache = floats({2 * slots * groups * capacity, width}, 14);
    const AtenTensorOpaque rope = floats({slots, qkv}, 15);
    const AtenTensorOpaque positions = make(kInt64, {slots});
    for (int64_t slot = 0; slot < slots; slot++) {
      numbers<int64_t>(positions)[slot] = capacity - 1 - 7 * slot;
    }
    print("decode_attention" + name, call("decode_attention", floats({slots, qkv}, 16, 2.f), rope, cache, groups, positions));
    // Rows with their eps tail behind them.
    AtenTensorOpaque x = floats({slots, hidden + utter::kEpsTail}, 17);
    x.sizes[1] = hidden;
    print("norm_linear_packed" + name, call("norm_linear_packed", x, attention));
    run("post_attention_packed", x, floats({slots, groups * shared * width}, 18), output, gate_up, down);
    print("post_attention_packed" + name, x);
    run("decoder_layer_packed", x, rope, cache, groups, positions, attention, output, gate_up, down);
    print("decoder_layer_packed" + name, x);
    print("cache" + name, cache);
    run("decoder_layer_packed", x, rope, cache, groups, positions, attention, output, gate_up4, down4);
    print("decoder_layer_packed, 4 bit" + name, x);
    numbers<float>(x)[3] = std::numeric_limits<float>::quiet_NaN();
    run("decoder_layer_packed", x, rope, cache, groups, positions, attention, output, gate_up, down);
    print("not finite: decoder_layer_packed" + name, x);
  }
}

// A layer over a plane.
struct Gated {
  // (26 frames, width)
  AtenTensorOpaque plane;
  // (2, width): of outputs and of their squares
  AtenTensorOpaque sums;
};

// Two steps of a layer over a plane that no tile divides.
Gated gated(int64_t inputs, int64_t outputs, int64_t size, int64_t frames, bool is_reduced) {
  const int64_t width = utter::padded(std::max(inputs, outputs), utter::kLanes);
  const int64_t frequencies = 26;
  const AtenTensorOpaque w = call("pack_gated", floats({2 * outputs, inputs, size, size}, 30, 0.3f), floats({2 * outputs}, 31),
                                  static_cast<int64_t>(is_reduced));
  // The channels are neighbours.
  AtenTensorOpaque plane = floats({frequencies * frames, width}, 32);
  const AtenTensorOpaque whole = plane;
  plane.sizes = {1, width, frequencies, frames};
  plane.strides = {frequencies * frames * width, 1, frames * width, width};
  AtenTensorOpaque above = make(kFloat32, {1, 1, frames, width});
  above.sizes = {1, width, 1, frames};
  above.strides = {frames * width, 1, frames * width, width};
  const AtenTensorOpaque sums = make(kFloat64, {2, width});
  const AtenTensorOpaque scale = floats({1, width, 1, 1}, 33);
  const AtenTensorOpaque shift = floats({1, width, 1, 1}, 34);
  run("gated_rows", plane, above, sums, scale, shift, w, int64_t{0}, int64_t{12});
  run("gated_rows", plane, above, sums, scale, shift, w, int64_t{12}, frequencies);
  return {whole, sums};
}

void gated() {
  for (const int64_t size : {1, 3}) {
    const Gated layer = gated(20, 37, size, 33, false);
    const std::string name = "gated_rows, size " + std::to_string(size);
    print(name, layer.plane);
    AtenTensorOpaque totals = layer.sums;
    totals.type = kFloat32;
    totals.sizes[1] *= 2;
    totals.strides[0] *= 2;
    print(name + ", sums", totals);
  }
}

// The first numbers of rows: root of the mean squared difference, relative to the second ones.
template <typename Number>
double difference(const AtenTensorOpaque& first, const AtenTensorOpaque& second, int64_t width) {
  double error = 0;
  double power = 0;
  for (int64_t row = 0; row < first.sizes[0]; row++) {
    for (int64_t i = 0; i < width; i++) {
      const double wanted = numbers<Number>(second)[row * second.sizes[1] + i];
      const double number = numbers<Number>(first)[row * first.sizes[1] + i];
      error += (number - wanted) * (number - wanted);
      power += wanted * wanted;
    }
  }
  return std::sqrt(error / power);
}

// Prints how far layers in bfloat16 with AMX are from those with AVX-512.
template <typename Choose>
void compare_bfloat16(Choose choose) {
  struct Shape {
    int64_t inputs;
    int64_t outputs;
    int64_t frames;
  };
  const Shape shapes[] = {{1, 128, 33}, {34, 96, 33}, {34, 96, 3}, {128, 128, 33}, {128, 5, 33}};
  const auto layers = [&] {
    std::vector<Gated> made;
    for (const Shape& shape : shapes) {
      const int64_t before = emulated_tile_products == nullptr ? 0 : emulated_tile_products();
      made.push_back(gated(shape.inputs, shape.outputs, 3, shape.frames, true));
      if (emulated_tile_products != nullptr) {
        std::printf("tiles bfloat16 %lld\n", static_cast<long long>(emulated_tile_products() - before));
      }
    }
    return made;
  };
  choose(nullptr, nullptr, utter::kIsaAvx512Vnni);
  const std::vector<Gated> expected = layers();
  choose(nullptr, nullptr, utter::kIsaAmx);
  const std::vector<Gated> results = layers();
  for (size_t i = 0; i < results.size(); i++) {
    std::printf("bfloat16 %lld to %lld, %lld frames: %g, sums %g\n", static_cast<long long>(shapes[i].inputs),
                static_cast<long long>(shapes[i].outputs), static_cast<long long>(shapes[i].frames),
                difference<float>(results[i].plane, expected[i].plane, shapes[i].outputs),
                difference<double>(results[i].sums, expected[i].sums, shapes[i].outputs));
  }
}

}  // namespace

// What the library takes from libtorch.
extern "C" {

AOTITorchError aoti_torch_library_init_def(const char*, const char*, uint32_t, TorchLibraryHandle*) { return 0; }

AOTITorchError aoti_torch_library_init_impl(const char*, const char*, const char*, uint32_t, TorchLibraryHandle*) { return 0; }

AOTITorchError aoti_torch_library_def(TorchLibraryHandle, const char*) { return 0; }

AOTITorchError aoti_torch_library_impl(TorchLibraryHandle, const char* name, StableFunction function) {
  operators[name] = function;
  return 0;
}

int32_t aoti_torch_device_type_cpu() { return 0; }

int32_t aoti_torch_dtype_float64() { return kFloat64; }

int32_t aoti_torch_dtype_float32() { return kFloat32; }

int32_t aoti_torch_dtype_int8() { return kInt8; }

int32_t aoti_torch_dtype_int64() { return kInt64; }

AOTITorchError aoti_torch_get_data_ptr(AtenTensorHandle tensor, void** data) {
  *data = begin(*tensor);
  return 0;
}

AOTITorchError aoti_torch_get_dim(AtenTensorHandle tensor, int64_t* dimensions) {
  *dimensions = static_cast<int64_t>(tensor->sizes.size());
  return 0;
}

AOTITorchError aoti_torch_get_dtype(AtenTensorHandle tensor, int32_t* type) {
  *type = tensor->type;
  return 0;
}

AOTITorchError aoti_torch_get_sizes(AtenTensorHandle tensor, int64_t** sizes) {
  *sizes = tensor->sizes.data();
  return 0;
}

AOTITorchError aoti_torch_get_strides(AtenTensorHandle tensor, int64_t** strides) {
  *strides = tensor->strides.data();
  return 0;
}

AOTITorchError aoti_torch_empty_strided(int64_t dimensions, const int64_t* sizes, const int64_t*, int32_t type, int32_t,
                                        int32_t, AtenTensorHandle* made) {
  *made = new AtenTensorOpaque(make(type, std::vector<int64_t>(sizes, sizes + dimensions)));
  return 0;
}

AOTITorchError aoti_torch_delete_tensor_object(AtenTensorHandle tensor) {
  delete tensor;
  return 0;
}

void omp_set_num_threads(int) {}

}  // extern "C"

int main(int count, char** arguments) {
  if (count != 3) {
    std::fprintf(stderr, "Usage: operators LIBRARY ISA\n");
    return 2;
  }
  void* library = dlopen(arguments[1], RTLD_NOW);
  if (library == nullptr) {
    std::fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  const auto choose =
      reinterpret_cast<int64_t (*)(void*, void*, int64_t)>(dlsym(library, "Java_dev_utter_speech_torch_CpuOperators_register"));
  const auto change =
      reinterpret_cast<uint8_t (*)(void*, void*, int64_t)>(dlsym(library, "Java_dev_utter_speech_torch_CpuOperators_choose"));
  const auto multiplies_bfloat16 = reinterpret_cast<uint8_t (*)(void*, void*)>(
      dlsym(library, "Java_dev_utter_speech_torch_CpuOperators_multiplyBfloat16"));
  const auto set_threads =
      reinterpret_cast<void (*)(void*, void*, int32_t)>(dlsym(library, "Java_dev_utter_speech_torch_CpuOperators_setThreads"));
  emulated_tile_products = reinterpret_cast<int64_t (*)()>(dlsym(library, "emulated_tile_products"));
  const auto set_pass_threads = reinterpret_cast<void (*)(void*, void*, int32_t)>(
      dlsym(library, "Java_dev_utter_speech_torch_CpuOperators_setPassThreads"));
  const int64_t isa = choose(nullptr, nullptr, std::atoll(arguments[2]));
  std::printf("%lld\n", static_cast<long long>(isa));
  if (isa == utter::kIsaNone) {
    return 0;
  }
  set_threads(nullptr, nullptr, 2);
  set_pass_threads(nullptr, nullptr, 2);
  products();
  layers();
  gated();
  if (isa == utter::kIsaAmx && multiplies_bfloat16(nullptr, nullptr) != 0) {
    compare_bfloat16(change);
  }
  return 0;
}
