// What libtorch can do but does not offer to a TorchScript program, as operators of the namespace utter.
// Programs work without this library: only native.py and graphs.py call it.

#include <ATen/Context.h>
#include <ATen/Version.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/csrc/autograd/profiler_kineto.h>
#include <torch/library.h>
#include <torch/version.h>

#include <set>
#include <string>

namespace {

using torch::profiler::impl::ActivityType;

// The libtorch this was compiled for. Between two versions whose symbols agree memory may be laid out differently.
std::string built_for() { return TORCH_VERSION; }

// The libtorch that is loaded, as it reports itself.
std::string running_on() {
  static const std::string key = "TORCH_VERSION=";
  const std::string config = at::show_config();
  const auto begin = config.find(key);
  if (begin == std::string::npos) {
    return "unknown";
  }
  const auto from = begin + key.size();
  return config.substr(from, config.find_first_of(", \n", from) - from);
}

// 1 if graphs.cc is part of this library, else 0.
int64_t has_graphs() {
#ifdef UTTER_GRAPHS
  return 1;
#else
  return 0;
#endif
}

// Whether products and convolutions of 32 bit on a GPU may round their inputs to 10 bits (TF32), in the whole process.
void allow_tf32(bool allowed) {
  at::globalContext().setAllowTF32CuBLAS(allowed);
  at::globalContext().setAllowTF32CuDNN(allowed);
}

// The calling thread gives the GPU its further work in a stream of its own. The device prefers the work of urgent ones.
// Streams do not wait for each other: what other threads have begun for this one must be finished.
void use_own_stream(int64_t device, bool urgent) {
  const c10::impl::VirtualGuardImpl guard(c10::DeviceType::CUDA);
  const c10::Device gpu(c10::DeviceType::CUDA, static_cast<c10::DeviceIndex>(device));
  guard.exchangeStream(guard.getStreamFromGlobalPool(gpu, urgent));
}

// Records what the calling thread runs from now on and, with cuda, what devices do for it.
void start_trace(bool cuda) {
  TORCH_CHECK(!torch::profiler::impl::profilerEnabled(), "a profile is being taken already");
  const torch::profiler::impl::ProfilerConfig config(torch::profiler::impl::ProfilerState::KINETO);
  std::set<ActivityType> activities{ActivityType::CPU};
  if (cuda) {
    activities.insert(ActivityType::CUDA);
  }
  torch::autograd::profiler::prepareProfiler(config, activities);
  torch::autograd::profiler::enableProfiler(config, activities);
}

// Ends what start_trace began and writes it as Chrome's trace viewer reads it.
void stop_trace(std::string file) {
  TORCH_CHECK(torch::profiler::impl::profilerEnabled(), "no profile is being taken");
  torch::autograd::profiler::disableProfiler()->save(file);
}

// Conservative: to TorchScript an operator without results would be one without effect, and left out.
template <typename Function>
void define(torch::Library& library, const char* schema, Function* function) {
  library.def(torch::schema(schema, c10::AliasAnalysisKind::CONSERVATIVE), function);
}

}  // namespace

TORCH_LIBRARY(utter, library) {
  define(library, "built_for() -> str", &built_for);
  define(library, "running_on() -> str", &running_on);
  define(library, "has_graphs() -> int", &has_graphs);
  define(library, "allow_tf32(bool allowed) -> ()", &allow_tf32);
  define(library, "use_own_stream(int device, bool urgent) -> ()", &use_own_stream);
  define(library, "start_trace(bool cuda) -> ()", &start_trace);
  define(library, "stop_trace(str file) -> ()", &stop_trace);
}
