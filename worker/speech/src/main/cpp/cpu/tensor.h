// A tensor of libtorch, through its C interface.
#pragma once

#include <stdexcept>
#include <string>

#include "libtorch.h"
#include "rows.h"

namespace utter {

inline void check(AOTITorchError error) {
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
    return floats(2, sizes, strides);
  }

  static Tensor floats(int64_t dimensions, const int64_t* sizes, const int64_t* strides) {
    return make(dimensions, sizes, strides, aoti_torch_dtype_float32());
  }

  static Tensor bytes(int64_t count) {
    const int64_t stride = 1;
    return make(1, &count, &stride, aoti_torch_dtype_int8());
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
    const int64_t* strides = checked_strides(name, type, 2);
    if (strides[1] != 1 && size(1) != 1) {
      throw std::invalid_argument(std::string("utter_cpu: ") + name + " is not row-major");
    }
    // The stride of a single row is arbitrary.
    return {static_cast<Number*>(numbers()), size(0), size(0) == 1 ? size(1) : strides[0]};
  }

  // Its numbers, contiguous and of one dimension.
  template <typename Number>
  Rows<Number> row(const char* name, int32_t type) const {
    const int64_t* strides = checked_strides(name, type, 1);
    if (strides[0] != 1 && size(0) != 1) {
      throw std::invalid_argument(std::string("utter_cpu: ") + name + " is not contiguous");
    }
    return {static_cast<Number*>(numbers()), 1, size(0)};
  }

  // Its numbers, column-major and contiguous.
  const float* columns(const char* name) const {
    const int64_t* strides = checked_strides(name, aoti_torch_dtype_float32(), 2);
    if ((strides[0] != 1 && size(0) != 1) || (strides[1] != size(0) && size(1) != 1)) {
      throw std::invalid_argument(std::string("utter_cpu: ") + name + " is not column-major and contiguous");
    }
    return static_cast<const float*>(numbers());
  }

  // Its numbers, contiguous and of this number of dimensions.
  template <typename Number>
  Number* contiguous(const char* name, int32_t type, int64_t rank) const {
    const int64_t* strides = checked_strides(name, type, rank);
    for (int64_t dimension = rank - 1, stride = 1; dimension >= 0; dimension--) {
      if (strides[dimension] != stride && size(dimension) != 1) {
        throw std::invalid_argument(std::string("utter_cpu: ") + name + " is not contiguous");
      }
      stride *= size(dimension);
    }
    return static_cast<Number*>(numbers());
  }

  // Its numbers (1, channels, rows, columns), of which the channels are neighbours and all are contiguous.
  float* channels_last(const char* name) const {
    const int64_t* strides = checked_strides(name, aoti_torch_dtype_float32(), 4);
    if (size(0) != 1 || strides[1] != 1 || (strides[3] != size(1) && size(3) != 1) ||
        (strides[2] != size(3) * size(1) && size(2) != 1)) {
      throw std::invalid_argument(std::string("utter_cpu: ") + name + " is not contiguous with the channels last");
    }
    return static_cast<float*>(numbers());
  }

 private:
  static Tensor make(int64_t dimensions, const int64_t* sizes, const int64_t* strides, int32_t type) {
    AtenTensorHandle made;
    check(aoti_torch_empty_strided(dimensions, sizes, strides, type, aoti_torch_device_type_cpu(), 0, &made));
    return Tensor(reinterpret_cast<StableIValue>(made));
  }

  const int64_t* checked_strides(const char* name, int32_t type, int64_t rank) const {
    int32_t dtype;
    int64_t dimensions;
    int64_t* strides;
    check(aoti_torch_get_dtype(handle_, &dtype));
    check(aoti_torch_get_dim(handle_, &dimensions));
    check(aoti_torch_get_strides(handle_, &strides));
    if (dtype != type || dimensions != rank) {
      throw std::invalid_argument(std::string("utter_cpu: ") + name + " does not have the required type and " +
                                  std::to_string(rank) + " dimensions");
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

}  // namespace utter
