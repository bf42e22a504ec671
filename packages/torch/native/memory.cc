/** @file Where tensors on the CPU live, and when their memory goes back to the system. */
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/alignment.h>
#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <system_error>
#include <thread>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#ifdef __linux__
#include <sys/mman.h>
#endif

#include "state.h"

namespace {
/** Sizes are rounded up to it, so that a hole left by one tensor takes another of nearly its size. Pages not touched cost nothing. */
constexpr size_t GRAIN = 64 << 10;

/** Smaller ones are not counted: that would take longer than to have them. */
constexpr size_t COUNTED = 4 << 10;

/** From here on large pages are asked for: rows read here and there, as kNN reads those of its bank, otherwise wait for addresses. */
constexpr size_t LARGE = 48 << 20, LARGE_PAGE = 2 << 20;

void askForLargePages(uintptr_t first, size_t bytes) {
#ifdef __linux__
  const auto from = (first + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE, to = (first + bytes) / LARGE_PAGE * LARGE_PAGE;
  madvise(reinterpret_cast<void*>(from), to - from, MADV_HUGEPAGE); // where the system has none, nothing is lost
#endif
}

void giveBack() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

/**
 * Blocks that the next step of a training will want are kept; what no step wanted for some seconds goes back to the system. A
 * thread of its own looks: JavaScript may be computing, or waiting, for minutes.
 */
class Returning {
 public:
  void took(int64_t bytes) {
    const int64_t now = live_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    int64_t most = most_.load(std::memory_order_relaxed);
    while (now > most && !most_.compare_exchange_weak(most, now, std::memory_order_relaxed)) {
    }
  }
  void gave(int64_t bytes) {
    const int64_t now = live_.fetch_sub(bytes, std::memory_order_relaxed) - bytes;
    if (!on_.load(std::memory_order_relaxed) || awake_.load(std::memory_order_relaxed) || most_.load(std::memory_order_relaxed) - now < SPARE) return;
    const std::lock_guard lock(mutex_);
    if (awake_.exchange(true)) return;
    if (!started_) started_ = start();
    if (started_) wake_.notify_one();
    else on_ = false;
  }
  void set(bool on) { on_ = on; }

 private:
  static constexpr int64_t SPARE = 32 << 20;
  static constexpr auto LOOK = std::chrono::milliseconds(1000);
  static constexpr int LOOKS = 3; // for which a block must have been unwanted

  /** A process at the limit of its memory or threads gets no further one; it keeps what it has. */
  bool start() {
    try {
      std::thread([this] { watch(); }).detach();
      return true;
    } catch (const std::system_error&) {
      return false;
    }
  }

  void watch() {
    for (int64_t held = 0;;) { // what the process has for tensors, as far as we know
      held = std::max(held, most_.exchange(live_.load()));
      int64_t peaks[LOOKS];
      std::fill(peaks, peaks + LOOKS, held);
      for (int look = 0; held - live_ >= SPARE; look++) {
        std::this_thread::sleep_for(LOOK);
        held = std::max(held, peaks[look % LOOKS] = most_.exchange(live_.load()));
        const int64_t wanted = *std::max_element(peaks, peaks + LOOKS);
        if (!on_ || held - wanted < std::max(SPARE, wanted / 8)) continue;
        giveBack();
        held = wanted;
      }
      sleep();
    }
  }
  void sleep() {
    std::unique_lock lock(mutex_);
    awake_ = false;
    wake_.wait(lock, [&] { return awake_.load(); });
  }

  std::atomic<int64_t> live_{0}, most_{0};
  std::atomic<bool> on_{false}, awake_{false};
  bool started_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
};
/** Never freed: its thread may look at it while the process ends. */
Returning& returning = *new Returning;

/**
 * Aligns tensors inside blocks of malloc. libtorch's own allocator calls posix_memalign, and glibc (as of 2.36) looks for the size
 * plus the alignment there: the hole that a tensor leaves is too small for the next of the same size, and a training step takes
 * up to twice the memory that it needs.
 */
struct AlignedInside final : c10::Allocator {
  /** In front of the data. */
  struct Header {
    void* block;
    int64_t bytes; // that are counted
  };

  c10::DataPtr allocate(size_t bytes) override {
    if (bytes == 0) return {nullptr, nullptr, &give, c10::Device(c10::kCPU)};
    if (bytes >= GRAIN) bytes = (bytes + GRAIN - 1) / GRAIN * GRAIN;
    void* block = std::malloc(bytes + sizeof(Header) + c10::gAlignment);
    TORCH_CHECK_WITH(OutOfMemoryError, block, "can't allocate memory: you tried to allocate ", bytes, " bytes");
    const auto first = reinterpret_cast<uintptr_t>(block) + sizeof(Header);
    auto* data = reinterpret_cast<Header*>((first + c10::gAlignment - 1) / c10::gAlignment * c10::gAlignment);
    data[-1] = {block, bytes < COUNTED ? 0 : static_cast<int64_t>(bytes)};
    if (bytes >= COUNTED) returning.took(data[-1].bytes);
    if (bytes >= LARGE) askForLargePages(first, bytes);
    return {data, data, &give, c10::Device(c10::kCPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &give; }
  void copy_data(void* to, const void* from, size_t bytes) const override { default_copy_data(to, from, bytes); }

 private:
  static void give(void* data) {
    if (data == nullptr) return;
    const Header header = static_cast<Header*>(data)[-1];
    std::free(header.block);
    if (header.bytes > 0) returning.gave(header.bytes);
  }
};

/**
 * (whether freed memory is kept for good) Has the allocator keep large blocks for the next step. By default each block from 32 MiB up
 * is mapped and unmapped anew, and the system's zeroing of its pages takes longer than the operator that fills it.
 */
Napi::Value keepMemory(const Napi::CallbackInfo& info, State&) {
#ifdef __GLIBC__
  returning.set(!info[0].ToBoolean().Value());
  // Workers load the addon again into the same process.
  static std::once_flag once;
  std::call_once(once, [] {
    // Where an older glibc refuses them, blocks come and go by its own rules, which only costs time.
    if (mallopt(M_MMAP_THRESHOLD, 1 << 30) == 1) mallopt(M_TRIM_THRESHOLD, -1);
    c10::SetCPUAllocator(new AlignedInside);
  });
#endif
  return info.Env().Undefined();
}

/** Gives memory that was freed back to the system, as far as the allocator can. */
Napi::Value trimMemory(const Napi::CallbackInfo& info, State&) {
  giveBack();
  return info.Env().Undefined();
}
} // namespace

void exposeMemory(Napi::Object exports) {
  expose<keepMemory>(exports, "keepMemory");
  expose<trimMemory>(exports, "trimMemory");
}
