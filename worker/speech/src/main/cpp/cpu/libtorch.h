// The part of libtorch's C interface that is needed here. Unlike its C++ it stays the same from 2.7 on
// (torch/csrc/inductor/aoti_torch/c/shim.h), so that no headers of libtorch are needed and one build fits all of them.
#pragma once

#include <cstdint>

extern "C" {

using AtenTensorHandle = struct AtenTensorOpaque*;
using TorchLibraryHandle = struct TorchLibraryOpaque*;
using AOTITorchError = int32_t;

// An argument or a result of an operator; a tensor is its handle.
using StableIValue = uint64_t;
using StableFunction = void (*)(StableIValue* stack, uint64_t inputs, uint64_t outputs);

AOTITorchError aoti_torch_library_init_def(const char* space, const char* file, uint32_t line, TorchLibraryHandle* made);
AOTITorchError aoti_torch_library_init_impl(const char* space, const char* key, const char* file, uint32_t line,
                                            TorchLibraryHandle* made);
AOTITorchError aoti_torch_library_def(TorchLibraryHandle library, const char* schema);
AOTITorchError aoti_torch_library_impl(TorchLibraryHandle library, const char* name, StableFunction function);

int32_t aoti_torch_device_type_cpu();
int32_t aoti_torch_dtype_float32();
int32_t aoti_torch_dtype_float64();
int32_t aoti_torch_dtype_int8();
int32_t aoti_torch_dtype_int64();
AOTITorchError aoti_torch_get_data_ptr(AtenTensorHandle tensor, void** data);
AOTITorchError aoti_torch_get_dim(AtenTensorHandle tensor, int64_t* dimensions);
AOTITorchError aoti_torch_get_dtype(AtenTensorHandle tensor, int32_t* type);
AOTITorchError aoti_torch_get_sizes(AtenTensorHandle tensor, int64_t** sizes);
AOTITorchError aoti_torch_get_strides(AtenTensorHandle tensor, int64_t** strides);
AOTITorchError aoti_torch_empty_strided(int64_t dimensions, const int64_t* sizes, const int64_t* strides, int32_t type,
                                        int32_t device_type, int32_t device_index, AtenTensorHandle* made);
AOTITorchError aoti_torch_delete_tensor_object(AtenTensorHandle tensor);

// Of the OpenMP that libtorch uses.
void omp_set_num_threads(int threads);

// Of the matrix library inside libtorch on x86; absent elsewhere. Sets what the calling thread uses. Without it the number that
// libtorch gave to the whole process counts, whatever OpenMP's is.
__attribute__((weak)) int MKL_Set_Num_Threads_Local(int threads);

}  // extern "C"
