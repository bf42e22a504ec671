/**
 * @file What a kernel in CUDA C++ needs to run on a CPU: a block at a time, each of its threads a thread of the system, so that what the
 * kernel says of blocks, threads, shared memory and synchronisation is what happens. Slow, and for tests alone.
 */
#pragma once
#include <barrier>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

#define __global__
#define __device__
#define __shared__ static
#define __launch_bounds__(...)
#define __expf(x) std::exp(x)

struct Index {
  unsigned int x = 0, y = 0, z = 0;
};
inline thread_local Index threadIdx;
inline Index blockIdx, blockDim, gridDim;
struct uint4 {
  unsigned int x, y, z, w;
};
struct float4 {
  float x, y, z, w;
};
inline float __uint_as_float(unsigned int bits) { return std::bit_cast<float>(bits); }
inline unsigned int __float_as_uint(float value) { return std::bit_cast<unsigned int>(value); }

namespace onCpu {
inline std::optional<std::barrier<>> barrier;
inline std::vector<float> shared;

inline void run(unsigned int blocks, unsigned int threads, unsigned int sharedBytes, const std::function<void()>& kernel) {
  gridDim.x = blocks;
  blockDim.x = threads;
  for (unsigned int block = 0; block < blocks; block++) {
    blockIdx.x = block;
    shared.assign(sharedBytes / sizeof(float), std::nanf("")); // nobody may read what no one wrote
    barrier.emplace(threads);
    std::vector<std::thread> all;
    for (unsigned int i = 0; i < threads; i++)
      all.emplace_back([i, &kernel] {
        threadIdx.x = i;
        kernel();
        barrier->arrive_and_drop();
      });
    for (auto& one : all) one.join();
  }
}

/** The bytes of a file. */
inline std::vector<char> read(const char* path) {
  std::FILE* const file = std::fopen(path, "rb");
  if (file == nullptr) std::abort();
  std::fseek(file, 0, SEEK_END);
  std::vector<char> bytes(static_cast<size_t>(std::ftell(file)));
  std::rewind(file);
  if (std::fread(bytes.data(), 1, bytes.size(), file) != bytes.size()) std::abort();
  std::fclose(file);
  return bytes;
}

inline void write(const char* path, const void* bytes, size_t count) {
  std::FILE* const file = std::fopen(path, "wb");
  if (file == nullptr || std::fwrite(bytes, 1, count, file) != count) std::abort();
  std::fclose(file);
}
} // namespace onCpu

inline void __syncthreads() { onCpu::barrier->arrive_and_wait(); }
inline float* sharedMemory() { return onCpu::shared.data(); }
