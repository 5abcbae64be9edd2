#include "team.h"

#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <mutex>

namespace utter {

namespace {

// How long a thread spins before it sleeps. A free thread: longer than what lies between two products of a step. The calling
// thread: longer than a chunk takes; after that, the thread that has the chunk has probably lost its processor. A sleeping
// thread lets the kernel move that one to its processor.
constexpr int64_t kFreeSpinNanos = 100'000;
constexpr int64_t kWaitSpinNanos = 40'000;

int64_t now_nanos() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

// Lets the other thread of a core run for a moment.
void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  // `yield` does nothing on most processors.
  asm volatile("isb");
#endif
}

// Spins until the condition holds. Returns false if it does not within that time.
template <typename Condition>
bool spin(int64_t nanos, const Condition& holds) {
  for (int64_t begin = 0;;) {
    for (int i = 0; i < 32; i++) {
      if (holds()) {
        return true;
      }
      relax();
    }
    const int64_t now = now_nanos();
    begin = begin == 0 ? now : begin;
    if (now - begin > nanos) {
      return false;
    }
  }
}

void futex_wait(std::atomic<uint32_t>* word, uint32_t while_value) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, while_value, nullptr, nullptr, 0);
}

void futex_wake(std::atomic<uint32_t>* word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0); }

enum State : uint32_t { kAwake, kAsleep };

struct alignas(64) Helper {
  std::atomic<uint32_t> state{kAwake};
  bool started = false;
};

// The upper half counts the pieces of work, so that a ticket of an earlier one is never taken. The lower half is the number of
// chunks that no thread has taken yet.
uint64_t remaining(uint64_t ticket) { return ticket & 0xffffffff; }

class Threads {
 public:
  void run(int64_t chunks, void (*work)(const void*, int64_t), const void* context) {
    std::unique_lock<std::mutex> only(mutex_, std::defer_lock);
    if (chunks < 2 || threads_.load(std::memory_order_relaxed) < 2 || chunks > INT32_MAX || !only.try_lock()) {
      for (int64_t chunk = 0; chunk < chunks; chunk++) {
        work(context, chunk);
      }
      return;
    }
    work_ = work;
    context_ = context;
    chunks_ = chunks;
    pending_.store(static_cast<uint32_t>(chunks), std::memory_order_relaxed);
    const uint64_t before = ticket_.load(std::memory_order_relaxed);
    // Sequentially consistent, as is a helper's state: either it sees the ticket, or it is seen asleep.
    ticket_.store(((before >> 32) + 1) << 32 | static_cast<uint64_t>(chunks), std::memory_order_seq_cst);
    wake(chunks - 1);
    while (take()) {
    }
    await();
  }

  void resize(int threads) {
    const std::lock_guard<std::mutex> only(mutex_);
    threads_.store(std::clamp(threads, 1, kMaxThreads), std::memory_order_relaxed);
  }

  int threads() const { return threads_.load(std::memory_order_relaxed); }

 private:
  // Takes a chunk and runs it. Returns false if none is left.
  bool take() {
    uint64_t ticket = ticket_.load(std::memory_order_acquire);
    do {
      if (remaining(ticket) == 0) {
        return false;
      }
    } while (!ticket_.compare_exchange_weak(ticket, ticket - 1, std::memory_order_acq_rel, std::memory_order_acquire));
    // From here until the chunk is counted, the work stays.
    work_(context_, chunks_ - static_cast<int64_t>(remaining(ticket)));
    if (pending_.fetch_sub(1, std::memory_order_seq_cst) == 1 && waiting_.load(std::memory_order_seq_cst)) {
      futex_wake(&pending_);
    }
    return true;
  }

  // Waits for chunks that others have.
  void await() {
    const auto complete = [this] { return pending_.load(std::memory_order_acquire) == 0; };
    if (spin(kWaitSpinNanos, complete)) {
      return;
    }
    waiting_.store(true, std::memory_order_seq_cst);
    for (uint32_t pending; (pending = pending_.load(std::memory_order_seq_cst)) != 0;) {
      futex_wait(&pending_, pending);
    }
    waiting_.store(false, std::memory_order_relaxed);
  }

  void wake(int64_t wanted) {
    const int helpers = static_cast<int>(std::min<int64_t>(wanted, threads() - 1));
    for (int i = 0; i < helpers; i++) {
      Helper& helper = helpers_[i];
      uint32_t asleep = kAsleep;
      if (!helper.started) {
        helper.started = start(i);
      } else if (helper.state.load(std::memory_order_seq_cst) == kAsleep &&
                 helper.state.compare_exchange_strong(asleep, kAwake, std::memory_order_seq_cst)) {
        futex_wake(&helper.state);
      }
    }
  }

  struct Begin {
    Threads* team;
    int number;
  };

  bool start(int number) {
    sigset_t blocked;
    sigset_t before;
    // Signals are for the threads of Java, but for faults of the thread itself: where those are blocked, the process ends
    // without Java's report.
    sigfillset(&blocked);
    for (const int fault : {SIGBUS, SIGFPE, SIGILL, SIGSEGV}) {
      sigdelset(&blocked, fault);
    }
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    auto* begin = new Begin{this, number};
    pthread_t thread;
    const bool started = pthread_create(&thread, nullptr, &Threads::help, begin) == 0;
    if (started) {
      pthread_setname_np(thread, "utter-team");
      pthread_detach(thread);
    } else {
      delete begin;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return started;
  }

  static void* help(void* argument) {
    const Begin begin = *static_cast<Begin*>(argument);
    delete static_cast<Begin*>(argument);
    begin.team->help(begin.number);
    return nullptr;
  }

  [[noreturn]] void help(int number) {
    Helper& self = helpers_[number];
    const auto wanted = [this, number] {
      return number < threads() - 1 && remaining(ticket_.load(std::memory_order_seq_cst)) > 0;
    };
    for (;;) {
      if (spin(kFreeSpinNanos, wanted)) {
        take();
        continue;
      }
      self.state.store(kAsleep, std::memory_order_seq_cst);
      if (wanted()) {
        self.state.store(kAwake, std::memory_order_seq_cst);
        continue;
      }
      while (self.state.load(std::memory_order_seq_cst) == kAsleep) {
        futex_wait(&self.state, kAsleep);
      }
    }
  }

  std::mutex mutex_;
  std::atomic<int> threads_{1};
  void (*work_)(const void*, int64_t) = nullptr;
  const void* context_ = nullptr;
  int64_t chunks_ = 0;
  alignas(64) std::atomic<uint64_t> ticket_{0};
  alignas(64) std::atomic<uint32_t> pending_{0};
  alignas(64) std::atomic<bool> waiting_{false};
  Helper helpers_[kMaxThreads];
};

// They live as long as the process, because their threads do.
Threads& threads_of(Team team) {
  static Threads* const steps = new Threads;
  static Threads* const passes = new Threads;
  return team == Team::kSteps ? *steps : *passes;
}

}  // namespace

void run_chunks(Team team, int64_t chunks, void (*work)(const void*, int64_t), const void* context) {
  threads_of(team).run(chunks, work, context);
}

void set_team_threads(Team team, int threads) { threads_of(team).resize(threads); }

int team_threads(Team team) { return threads_of(team).threads(); }

}  // namespace utter
