/**
 * @file Loops over rows of channels, as channels-last tensors lie, in the widest registers of this processor and on libtorch's own
 * threads. The numbers are float32 or bfloat16 and become float32 in a register; sums go to float64 after some thousand numbers.
 */
#pragma once
#include <ATen/TensorIterator.h>
#include <ATen/ops/empty.h>

#include <bit>

#define INLINE __attribute__((always_inline)) // into the loops below that are compiled for wider registers

using Bfloat16 = uint16_t;
INLINE inline float load(const float* from) { return *from; }
INLINE inline float load(const Bfloat16* from) { return std::bit_cast<float>(static_cast<uint32_t>(*from) << 16); }
INLINE inline void store(float* to, float value) { *to = value; }
INLINE inline void store(Bfloat16* to, float value) { // to the nearest, a half to the even one
  const auto bits = std::bit_cast<uint32_t>(value);
  *to = static_cast<Bfloat16>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

#if defined(__x86_64__)
template <typename Body>
__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma"))) void in512Bits(const Body& body, int64_t chunk) { body(chunk); }
template <typename Body>
__attribute__((target("avx2,fma"))) void in256Bits(const Body& body, int64_t chunk) { body(chunk); }
#endif

template <typename Body>
void withWidestRegisters(const Body& body, int64_t chunk) {
#if defined(__x86_64__)
  static const bool has512 = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  static const bool has256 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (has512) return in512Bits(body, chunk);
  if (has256) return in256Bits(body, chunk);
#endif
  body(chunk);
}

/** `body` on each number below `count`, by libtorch's own threads: an iterator over as many bytes, which nobody reads, has them. */
template <typename Body>
void forEachOf(int64_t count, const Body& body) {
  const auto bytes = at::empty({count}, at::kByte);
  const char* const first = static_cast<const char*>(bytes.const_data_ptr());
  auto iterator = at::TensorIteratorConfig().check_all_same_dtype(false).resize_outputs(false).add_output(bytes).build();
  iterator.for_each(
      [&](char** data, const int64_t* strides, int64_t some) {
        for (int64_t i = 0; i < some; i++) withWidestRegisters(body, data[0] - first + i * strides[0]);
      },
      /*grain_size=*/1);
}

/**
 * Rows of channels, cut into chunks that do not depend on the number of threads, so that sums over them do not either. Several
 * rows of few channels count as one, which fills whole registers.
 */
struct Rows {
  int64_t rows, channels, together = 1;
  explicit Rows(const at::Tensor& x) : rows(x.numel() / x.size(1)), channels(x.size(1)) {
    while (channels % 16 != 0 && channels < 256 && rows % 2 == 0) rows /= 2, channels *= 2, together *= 2;
  }
  /** Numbers of each channel for all rows that count as one. */
  at::Tensor spread(const at::Tensor& byChannel) const { return together == 1 ? byChannel.contiguous() : byChannel.repeat({together}); }
  int64_t perChunk() const { return std::max<int64_t>(1, 8192 / channels); }
  int64_t chunks() const { return (rows + perChunk() - 1) / perChunk(); }

  /** `body` on the first row and the row behind the last of each chunk. */
  template <typename Body>
  void forEachChunk(const Body& body) const {
    forEachOf(chunks(), [&](int64_t chunk) INLINE { body(chunk, chunk * perChunk(), std::min(rows, (chunk + 1) * perChunk())); });
  }

  /** Two sums by channel, [2, channels] in float64, of what `body` adds to the zeros of each chunk. */
  template <typename Body>
  at::Tensor sums(const Body& body) const {
    const auto parts = at::empty({chunks(), 2, channels}, at::kFloat);
    float* const first = parts.data_ptr<float>();
    forEachChunk([&](int64_t chunk, int64_t from, int64_t to) INLINE {
      float* const mine = first + chunk * 2 * channels;
      std::fill_n(mine, 2 * channels, 0.f);
      body(from, to, mine, mine + channels);
    });
    return parts.sum(0, false, at::kDouble).view({2, together, channels / together}).sum(1);
  }
};
