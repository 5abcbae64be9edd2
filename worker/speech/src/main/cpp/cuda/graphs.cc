// Calls recorded as CUDA graphs and replayed: one launch instead of thousands. Compiled only for a libtorch with CUDA.

#include <ATen/core/CachingHostAllocator.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>
#include <torch/library.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace {

using at::cuda::CUDAGraph;

// Newer versions of libtorch also ask a recording graph for pinned host memory.
template <typename Allocator>
auto end_host_allocation(Allocator* allocator, c10::MempoolId_t pool, int)
    -> decltype(allocator->end_allocate_to_pool(pool), void()) {
  allocator->end_allocate_to_pool(pool);
}

template <typename Allocator>
void end_host_allocation(Allocator*, c10::MempoolId_t, long) {}

struct Recorded {
  std::unique_ptr<CUDAGraph> graph;
  // In the graphs' memory: every replay overwrites it. While it exists, no other graph gets its memory.
  at::Tensor result;
};

// The graphs of one device. They share their memory, so only one may run at a time, and its intermediate results are lost
// when another runs. One thread at a time uses a set; several sets may be in use at once.
class GraphSet {
 public:
  explicit GraphSet(c10::DeviceIndex device)
      : device_(device),
        // Not the default stream: that cannot be recorded, and other threads use it meanwhile. A graph's kernels have the
        // priority of the stream they were recorded in.
        side_(c10::cuda::getStreamFromPool(true, device)),
        pool_(at::cuda::graph_pool_handle()) {}

  // From here to end or abort, what the calling thread gives the device is recorded and not run.
  void begin() {
    TORCH_CHECK(!recording_, "a call is being recorded already");
    const c10::cuda::CUDAGuard guard(device_);
    C10_CUDA_CHECK(cudaDeviceSynchronize());
    free_before_ = free_bytes();
    auto recording = std::make_unique<CUDAGraph>();
    const auto before = c10::cuda::getCurrentCUDAStream(device_);
    c10::cuda::setCurrentCUDAStream(side_);
    try {
      // Other threads may ask for memory meanwhile; only this one must not do what cannot be recorded.
      recording->capture_begin(pool_, cudaStreamCaptureModeThreadLocal);
    } catch (...) {
      c10::cuda::setCurrentCUDAStream(before);
      give_up(std::move(recording));
      throw;
    }
    before_.emplace_back(before);
    recording_ = std::move(recording);
  }

  void end(int64_t key, const at::Tensor& result) {
    TORCH_CHECK(recording_, "no call is being recorded");
    const c10::cuda::CUDAGuard guard(device_);
    auto recording = std::move(recording_);
    const Restore restore(before_);
    try {
      recording->capture_end();
    } catch (...) {
      give_up(std::move(recording));
      throw;
    }
    graphs_[key] = Recorded{std::move(recording), result};
    // Others may take and free memory at the same time, so this is roughly the graphs' part.
    bytes_ += std::max<int64_t>(0, free_before_ - free_bytes());
  }

  void abort() {
    if (!recording_) {
      return;
    }
    const c10::cuda::CUDAGuard guard(device_);
    auto recording = std::move(recording_);
    const Restore restore(before_);
    try {
      recording->capture_end();
    } catch (const c10::Error&) {
      // The caller knows why it aborts.
      give_up(std::move(recording));
    }
  }

  at::Tensor replay(int64_t key) {
    const auto found = graphs_.find(key);
    TORCH_CHECK(found != graphs_.end(), "no call was recorded as ", key);
    const c10::cuda::CUDAGuard guard(device_);
    found->second.graph->replay();
    return found->second.result;
  }

  // The pool keeps the memory for later graphs.
  void drop_one(int64_t key) {
    const auto found = graphs_.find(key);
    if (found == graphs_.end()) {
      return;
    }
    if (graphs_.size() == 1) {
      drop();
      return;
    }
    const c10::cuda::CUDAGuard guard(device_);
    C10_CUDA_CHECK(cudaDeviceSynchronize());
    graphs_.erase(found);
  }

  void drop() {
    abort();
    if (graphs_.empty()) {
      return;
    }
    const c10::cuda::CUDAGuard guard(device_);
    C10_CUDA_CHECK(cudaDeviceSynchronize());
    graphs_.clear();
    bytes_ = 0;
    // Gives the memory of the pool back to the device; else it would stay reserved and unused.
    c10::cuda::CUDACachingAllocator::emptyCache();
    // A pool is released with its last graph, so a new one is needed.
    pool_ = at::cuda::graph_pool_handle();
  }

  int64_t bytes() const { return bytes_; }

 private:
  struct Restore {
    explicit Restore(std::vector<c10::cuda::CUDAStream>& before) : before_(before) {}
    ~Restore() {
      c10::cuda::setCurrentCUDAStream(before_.back());
      before_.pop_back();
    }
    std::vector<c10::cuda::CUDAStream>& before_;
  };

  // After a failed recording libtorch's allocator still asks that graph which memory is its own. That is stopped, and the
  // graph is never freed.
  void give_up(std::unique_ptr<CUDAGraph> failed) {
    static std::vector<std::unique_ptr<CUDAGraph>> given_up;
    static std::mutex given_up_mutex;
    (void)cudaGetLastError();
    try {
      c10::cuda::CUDACachingAllocator::endAllocateToPool(device_, pool_);
    } catch (const c10::Error&) {
      // It had stopped already.
    }
    try {
      end_host_allocation(at::getHostAllocator(at::kCUDA), pool_, 0);
    } catch (const c10::Error&) {
      // It had stopped already, or never began.
    }
    const std::lock_guard<std::mutex> lock(given_up_mutex);
    given_up.push_back(std::move(failed));
  }

  static int64_t free_bytes() {
    size_t free = 0;
    size_t all = 0;
    C10_CUDA_CHECK(cudaMemGetInfo(&free, &all));
    return static_cast<int64_t>(free);
  }

  const c10::DeviceIndex device_;
  const c10::cuda::CUDAStream side_;
  c10::MempoolId_t pool_;
  std::map<int64_t, Recorded> graphs_;
  std::unique_ptr<CUDAGraph> recording_;
  // The stream to go back to while recording, else empty: a stream has no default.
  std::vector<c10::cuda::CUDAStream> before_;
  int64_t free_before_ = 0;
  int64_t bytes_ = 0;
};

std::mutex sets_mutex;
std::map<int64_t, std::shared_ptr<GraphSet>> sets;
int64_t last_set = 0;

std::shared_ptr<GraphSet> at_id(int64_t set) {
  const std::lock_guard<std::mutex> lock(sets_mutex);
  const auto found = sets.find(set);
  TORCH_CHECK(found != sets.end(), "no graph set ", set);
  return found->second;
}

int64_t open_set(int64_t device) {
  auto set = std::make_shared<GraphSet>(static_cast<c10::DeviceIndex>(device));
  const std::lock_guard<std::mutex> lock(sets_mutex);
  sets.emplace(++last_set, std::move(set));
  return last_set;
}

void close_set(int64_t set) {
  at_id(set)->drop();
  const std::lock_guard<std::mutex> lock(sets_mutex);
  sets.erase(set);
}

template <typename Function>
void define(torch::Library& library, const char* schema, Function* function) {
  library.def(torch::schema(schema, c10::AliasAnalysisKind::CONSERVATIVE), function);
}

void begin(int64_t set) { at_id(set)->begin(); }

void end(int64_t set, int64_t key, const at::Tensor& result) { at_id(set)->end(key, result); }

void abort_recording(int64_t set) { at_id(set)->abort(); }

at::Tensor replay(int64_t set, int64_t key) { return at_id(set)->replay(key); }

void drop_one(int64_t set, int64_t key) { at_id(set)->drop_one(key); }

void drop(int64_t set) { at_id(set)->drop(); }

int64_t bytes(int64_t set) { return at_id(set)->bytes(); }

}  // namespace

TORCH_LIBRARY_FRAGMENT(utter, library) {
  define(library, "graphs_open(int device) -> int", &open_set);
  define(library, "graphs_begin(int set) -> ()", &begin);
  define(library, "graphs_end(int set, int key, Tensor result) -> ()", &end);
  define(library, "graphs_abort(int set) -> ()", &abort_recording);
  define(library, "graphs_replay(int set, int key) -> Tensor", &replay);
  define(library, "graphs_drop_one(int set, int key) -> ()", &drop_one);
  define(library, "graphs_drop(int set) -> ()", &drop);
  define(library, "graphs_bytes(int set) -> int", &bytes);
  define(library, "graphs_close(int set) -> ()", &close_set);
}
