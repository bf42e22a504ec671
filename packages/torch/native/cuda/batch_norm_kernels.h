/**
 * @file The kernels of batch_norm.cc, as source: maps lie as rows of C channels (channels-last), C a multiple of 8 up to 2048, in bfloat16
 * (BFLOAT16 is defined) or float32. A thread has 8 neighbouring channels of every row that it sees, so that it loads 16 bytes at once
 * and what is known of its channels stays in registers. Sums are of float32 within a block and of float64 over blocks, in an order of
 * their own: the same bits in every run.
 */
#pragma once

constexpr const char* BATCH_NORM_KERNELS = R"cuda(
#ifdef BFLOAT16
typedef unsigned short Element;
__device__ inline float value(unsigned bits) { return __uint_as_float(bits << 16); }
__device__ inline unsigned rounded(float x) {
  const unsigned bits = __float_as_uint(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return 0x7fc0u;
  return (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
}
__device__ inline void load(float* to, const Element* from) {
  const uint4 packed = *(const uint4*)from;
  const unsigned words[4] = {packed.x, packed.y, packed.z, packed.w};
#pragma unroll
  for (int i = 0; i < 4; i++) {
    to[2 * i] = value(words[i] & 0xffffu);
    to[2 * i + 1] = value(words[i] >> 16);
  }
}
__device__ inline void store(Element* to, const float* from) {
  uint4 packed;
  packed.x = rounded(from[0]) | rounded(from[1]) << 16;
  packed.y = rounded(from[2]) | rounded(from[3]) << 16;
  packed.z = rounded(from[4]) | rounded(from[5]) << 16;
  packed.w = rounded(from[6]) | rounded(from[7]) << 16;
  *(uint4*)to = packed;
}
#else
typedef float Element;
__device__ inline void load(float* to, const Element* from) {
#pragma unroll
  for (int half = 0; half < 2; half++) {
    const float4 packed = ((const float4*)from)[half];
    to[4 * half] = packed.x;
    to[4 * half + 1] = packed.y;
    to[4 * half + 2] = packed.z;
    to[4 * half + 3] = packed.w;
  }
}
__device__ inline void store(Element* to, const float* from) {
#pragma unroll
  for (int half = 0; half < 2; half++) {
    float4 packed;
    packed.x = from[4 * half];
    packed.y = from[4 * half + 1];
    packed.z = from[4 * half + 2];
    packed.w = from[4 * half + 3];
    ((float4*)to)[half] = packed;
  }
}
#endif

typedef long long Int;
#define THREADS 256
#define EACH for (int i = 0; i < 8; i++)
enum { NONE, RELU, SILU };

__device__ inline float activate(float z, Int activation) {
  if (activation == RELU) return z < 0 ? 0 : z; // NaN stays NaN
  if (activation == SILU) return z / (1 + __expf(-z));
  return z;
}

/** The activation's derivative at z; of ReLU its result does as well. */
__device__ inline float derivative(float z, Int activation) {
  if (activation == RELU) return z <= 0 ? 0 : 1;
  if (activation == SILU) {
    const float open = 1 / (1 + __expf(-z));
    return open * (1 + z * (1 - open));
  }
  return 1;
}

/** What a thread works on: 8 channels from `channel`, rows first, first + step, ... */
struct Part {
  Int channel, first, step;
  int slot, slots;
  bool works;
  __device__ explicit Part(Int channels) {
    const int lanes = (int)(channels / 8);
    slots = THREADS / lanes;
    slot = threadIdx.x / lanes;
    works = slot < slots;
    channel = (Int)(threadIdx.x % lanes) * 8;
    first = (Int)blockIdx.x * slots + slot;
    step = (Int)gridDim.x * slots;
  }
};

/** Sums over the rows of a block: partial [blocks, 2, C]. */
__device__ inline void sumOverBlock(const Part& part, const float* a, const float* b, Int channels, float* partial) {
  __shared__ float sums[2][2048];
  if (part.works) {
#pragma unroll
    EACH {
      sums[0][part.slot * channels + part.channel + i] = a[i];
      sums[1][part.slot * channels + part.channel + i] = b[i];
    }
  }
  __syncthreads();
  for (Int c = threadIdx.x; c < channels; c += THREADS) {
    float first = 0, second = 0;
    for (int slot = 0; slot < part.slots; slot++) {
      first += sums[0][slot * channels + c];
      second += sums[1][slot * channels + c];
    }
    partial[(Int)blockIdx.x * 2 * channels + c] = first;
    partial[(Int)blockIdx.x * 2 * channels + channels + c] = second;
  }
}

/** Sums over blocks, for channel `c`; only threads of the first 32 get them. */
__device__ inline bool sumOverBlocks(const float* partial, Int blocks, Int channels, Int& c, double& a, double& b) {
  __shared__ double sums[2][8][32];
  const int lane = threadIdx.x & 31, row = threadIdx.x >> 5;
  c = (Int)blockIdx.x * 32 + lane;
  a = b = 0;
  if (c < channels) {
    for (Int block = row; block < blocks; block += 8) {
      a += partial[block * 2 * channels + c];
      b += partial[block * 2 * channels + channels + c];
    }
  }
  sums[0][row][lane] = a;
  sums[1][row][lane] = b;
  __syncthreads();
  if (row > 0 || c >= channels) return false;
  a = b = 0;
  for (int i = 0; i < 8; i++) {
    a += sums[0][i][lane];
    b += sums[1][i][lane];
  }
  return true;
}

/** Of x less its first row, which keeps the sums of squares small: their sum and that of their squares. */
extern "C" __global__ void __launch_bounds__(THREADS, 4) moments(const Element* x, float* partial, Int rows, Int channels) {
  const Part part(channels);
  float near[8], sum[8] = {}, squares[8] = {};
  if (part.works) {
    load(near, x + part.channel);
#pragma unroll 4
    for (Int row = part.first; row < rows; row += part.step) {
      float v[8];
      load(v, x + row * channels + part.channel);
#pragma unroll
      EACH {
        const float d = v[i] - near[i];
        sum[i] += d;
        squares[i] += d * d;
      }
    }
  }
  sumOverBlock(part, sum, squares, channels, partial);
}

/** line [4, C]: slope and offset, which make y = slope x + offset, then mean and 1 / deviation. */
extern "C" __global__ void __launch_bounds__(THREADS) statistics(const Element* x, const float* partial, const float* weight, const float* bias, float* runningMean, float* runningVar, float* line, Int blocks, Int rows, Int channels, double eps, double momentum) {
  Int c;
  double sum, squares;
  if (!sumOverBlocks(partial, blocks, channels, c, sum, squares)) return;
  float first[8];
  load(first, x + c / 8 * 8);
  const double moved = sum / rows, mean = first[c % 8] + moved;
  double variance = squares / rows - moved * moved;
  if (variance < 0) variance = 0;
  const double invstd = 1 / sqrt(variance + eps), slope = weight[c] * invstd;
  line[c] = (float)slope;
  line[channels + c] = (float)(bias[c] - mean * slope);
  line[2 * channels + c] = (float)mean;
  line[3 * channels + c] = (float)invstd;
  if (runningMean) {
    runningMean[c] += (float)(momentum * (mean - runningMean[c]));
    runningVar[c] += (float)(momentum * (variance * rows / (rows - 1) - runningVar[c]));
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) normalise(const Element* x, const Element* plus, const float* line, Element* y, Int rows, Int channels, Int activation) {
  const Part part(channels);
  if (!part.works) return;
  float slope[8], offset[8];
#pragma unroll
  EACH {
    slope[i] = line[part.channel + i];
    offset[i] = line[channels + part.channel + i];
  }
#pragma unroll 4
  for (Int row = part.first; row < rows; row += part.step) {
    const Int at = row * channels + part.channel;
    float v[8], more[8] = {};
    load(v, x + at);
    if (plus) load(more, plus + at);
#pragma unroll
    EACH v[i] = activate(slope[i] * v[i] + offset[i] + more[i], activation);
    store(y + at, v);
  }
}

/** dz is the gradient before the activation: sums of it and of dz (x - mean). It is written where it is wanted. */
extern "C" __global__ void __launch_bounds__(THREADS, 3) gradientSums(const Element* dy, const Element* x, const Element* y, const float* line, Element* dz, float* partial, Int rows, Int channels, Int activation) {
  const Part part(channels);
  float slope[8], offset[8], mean[8], sum[8] = {}, products[8] = {};
  if (part.works) {
#pragma unroll
    EACH {
      slope[i] = line[part.channel + i];
      offset[i] = line[channels + part.channel + i];
      mean[i] = line[2 * channels + part.channel + i];
    }
#pragma unroll 2
    for (Int row = part.first; row < rows; row += part.step) {
      const Int at = row * channels + part.channel;
      float d[8], v[8], z[8];
      load(d, dy + at);
      load(v, x + at);
      if (y) load(z, y + at);
#pragma unroll
      EACH {
        d[i] *= derivative(y ? z[i] : slope[i] * v[i] + offset[i], activation);
        sum[i] += d[i];
        products[i] += d[i] * (v[i] - mean[i]);
      }
      if (dz) store(dz + at, d);
    }
  }
  sumOverBlock(part, sum, products, channels, partial);
}

/** Gradients of weight and bias, and ways [3, C]: dx = ways[0] dz + ways[1] x + ways[2]. */
extern "C" __global__ void __launch_bounds__(THREADS) gradientWays(const float* partial, const float* line, float* dWeight, float* dBias, float* ways, Int blocks, Int rows, Int channels) {
  Int c;
  double sum, products;
  if (!sumOverBlocks(partial, blocks, channels, c, sum, products)) return;
  const double slope = line[c], mean = line[2 * channels + c], invstd = line[3 * channels + c];
  dWeight[c] = (float)(products * invstd);
  dBias[c] = (float)sum;
  const double decline = -slope * invstd * invstd * products / rows;
  ways[c] = (float)slope;
  ways[channels + c] = (float)decline;
  ways[2 * channels + c] = (float)(-slope * sum / rows - decline * mean);
}

/** @param g dy, or dz where activation is none */
extern "C" __global__ void __launch_bounds__(THREADS, 3) propagate(const Element* g, const Element* x, const float* line, const float* ways, Element* dx, Int rows, Int channels, Int activation) {
  const Part part(channels);
  if (!part.works) return;
  float slope[8], offset[8], a[8], b[8], c[8];
#pragma unroll
  EACH {
    slope[i] = line[part.channel + i];
    offset[i] = line[channels + part.channel + i];
    a[i] = ways[part.channel + i];
    b[i] = ways[channels + part.channel + i];
    c[i] = ways[2 * channels + part.channel + i];
  }
#pragma unroll 2
  for (Int row = part.first; row < rows; row += part.step) {
    const Int at = row * channels + part.channel;
    float d[8], v[8];
    load(d, g + at);
    load(v, x + at);
#pragma unroll
    EACH v[i] = a[i] * (d[i] * derivative(slope[i] * v[i] + offset[i], activation)) + b[i] * v[i] + c[i];
    store(dx + at, v);
  }
}
)cuda";
