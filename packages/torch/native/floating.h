/**
 * @file How the processor treats subnormal numbers, which slow a convolution down a hundredfold: as zeros where the program asked
 * for it, and only while libtorch computes. JavaScript's own arithmetic on the same thread never changes.
 */
#pragma once
#include <atomic>
#include <cstdint>

#if defined(__SSE2__)
#include <immintrin.h>
namespace floating {
using Mode = unsigned int;
constexpr Mode ZEROS = 0x8040; // FTZ and DAZ of MXCSR
inline Mode read() { return _mm_getcsr(); }
inline void write(Mode mode) { _mm_setcsr(mode); }
} // namespace floating
#elif defined(__aarch64__)
namespace floating {
using Mode = uint64_t;
constexpr Mode ZEROS = 1 << 24; // FZ of FPCR
inline Mode read() {
  Mode mode;
  asm volatile("mrs %0, fpcr" : "=r"(mode));
  return mode;
}
inline void write(Mode mode) { asm volatile("msr fpcr, %0" ::"r"(mode)); }
} // namespace floating
#else
namespace floating {
using Mode = int;
constexpr Mode ZEROS = 0;
inline Mode read() { return 0; }
inline void write(Mode) {}
} // namespace floating
#endif

namespace floating {
inline std::atomic<bool> asked{false};
inline Mode with(Mode mode, bool zeros) { return zeros ? mode | ZEROS : mode & ~ZEROS; }

/** Until the end of the block: libtorch's mode, or with `false` JavaScript's. */
class During {
 public:
  explicit During(bool libtorch = true) : change_(asked.load(std::memory_order_relaxed)) {
    if (change_) write(with(was_ = read(), libtorch));
  }
  ~During() {
    if (change_) write(was_);
  }
  During(const During&) = delete;

 private:
  Mode was_ = 0;
  const bool change_;
};
} // namespace floating
