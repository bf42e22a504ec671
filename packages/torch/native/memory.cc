/** @file Where tensors on the CPU live, and when their memory goes back to the system. */
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/alignment.h>
#include <cstdlib>
#include <mutex>
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

/** From here on large pages are asked for: rows read here and there, as kNN reads those of its bank, otherwise wait for addresses. */
constexpr size_t LARGE = 48 << 20, LARGE_PAGE = 2 << 20;

void askForLargePages(uintptr_t first, size_t bytes) {
#ifdef __linux__
  const auto from = (first + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE, to = (first + bytes) / LARGE_PAGE * LARGE_PAGE;
  madvise(reinterpret_cast<void*>(from), to - from, MADV_HUGEPAGE); // where the system has none, nothing is lost
#endif
}

/**
 * Aligns tensors inside blocks of malloc. libtorch's own allocator calls posix_memalign, and glibc (as of 2.36) looks for the size
 * plus the alignment there: the hole that a tensor leaves is too small for the next of the same size, and a training step takes
 * up to twice the memory that it needs.
 */
struct AlignedInside final : c10::Allocator {
  c10::DataPtr allocate(size_t bytes) override {
    if (bytes == 0) return {nullptr, nullptr, &give, c10::Device(c10::kCPU)};
    if (bytes >= GRAIN) bytes = (bytes + GRAIN - 1) / GRAIN * GRAIN;
    void* block = std::malloc(bytes + sizeof(void*) + c10::gAlignment);
    TORCH_CHECK(block, "can't allocate memory: you tried to allocate ", bytes, " bytes");
    const auto first = reinterpret_cast<uintptr_t>(block) + sizeof(void*);
    auto** data = reinterpret_cast<void**>((first + c10::gAlignment - 1) / c10::gAlignment * c10::gAlignment);
    data[-1] = block;
    if (bytes >= LARGE) askForLargePages(first, bytes);
    return {data, data, &give, c10::Device(c10::kCPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &give; }
  void copy_data(void* to, const void* from, size_t bytes) const override { default_copy_data(to, from, bytes); }

 private:
  static void give(void* data) {
    if (data != nullptr) std::free(static_cast<void**>(data)[-1]);
  }
};

/**
 * Has the allocator keep large blocks for the next step. By default each block from 32 MiB up is mapped and unmapped anew, and the
 * system's zeroing of its pages takes longer than the operator that fills it.
 */
Napi::Value keepMemory(const Napi::CallbackInfo& info, State&) {
#ifdef __GLIBC__
  // Workers load the addon again into the same process.
  static std::once_flag once;
  std::call_once(once, [] {
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, -1); // never by itself; trimMemory does it
    c10::SetCPUAllocator(new AlignedInside);
  });
#endif
  return info.Env().Undefined();
}

/** Gives memory that was freed back to the system, as far as the allocator can. */
Napi::Value trimMemory(const Napi::CallbackInfo& info, State&) {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  return info.Env().Undefined();
}
} // namespace

void exposeMemory(Napi::Object exports) {
  expose<keepMemory>(exports, "keepMemory");
  expose<trimMemory>(exports, "trimMemory");
}
