/**
 * @file The views of SimCLR as one kernel for GPUs: a block makes a view, from drawing its parameters to the normalised pixels, which never
 * leave the processor in between. It draws the numbers of runs/random.ts and computes what crop.ts and colour.ts do, operation by operation.
 */

/** Threads of a block. */
export const VIEW_THREADS = 256;

/** Sides up to here fit into the memory of a block: three float32 a pixel, of the 227 KiB of an H100, or the 99 KiB of smaller GPUs. */
export const LARGEST_SIDE = 88;

export const VIEWS_KERNEL = `
typedef long long Int;
typedef unsigned long long Bits;
#define THREADS ${VIEW_THREADS}
#define TRIES 10

/** Number \`index\` of a stream: SplitMix64. */
__device__ inline double uniform(Int key, Int index) {
  Bits z = (Bits)key + (Bits)(index + 1) * 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return (double)((z ^ (z >> 31)) >> 11) * 1.1102230246251565e-16;
}

__device__ inline float clamped(float x) { return x < 0 ? 0 : x > 1 ? 1 : x; }
__device__ inline float gray(const float* rgb) { return rgb[0] * 0.2989f + 0.587f * rgb[1] + 0.114f * rgb[2]; }

__device__ inline void turnHue(float* rgb, float turn) {
  const float r = rgb[0], g = rgb[1], b = rgb[2];
  const float max = fmaxf(fmaxf(r, g), b), min = fminf(fminf(r, g), b), chroma = max - min;
  const float divisor = fmaxf(chroma, 1e-8f);
  const float sixths = r == max ? g - b : max == g ? b - r + 2 * divisor : r - g + 4 * divisor;
  float hue = sixths / divisor + turn * 6;
  hue -= 6 * floorf(hue / 6);
  rgb[0] = min + chroma * clamped(fabsf(hue - 3) - 1);
  rgb[1] = min + chroma * clamped(2 - fabsf(hue - 2));
  rgb[2] = min + chroma * clamped(2 - fabsf(hue - 4));
}

/** The sum over the threads of a block, for all of them. */
__device__ inline float sumOverBlock(float x) {
  __shared__ float sums[THREADS];
  sums[threadIdx.x] = x;
  __syncthreads();
  for (int half = THREADS / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) sums[threadIdx.x] += sums[threadIdx.x + half];
    __syncthreads();
  }
  const float sum = sums[0];
  __syncthreads();
  return sum;
}

struct View {
  float top, left, height, width;
  bool flip, jitter, gray;
  int order[4];
  float factor[4];
};

/** Streams of numbers, in the order in which their keys are given. */
struct Keys {
  Int area, ratio, place, flip, order, jitter, factors, gray;
};

struct Options {
  double scaleLow, scaleSpan, ratioLow, ratioSpan, flip, jitter, low[4], span[4], gray;
};

/** As torchvision's RandomResizedCrop.get_params: the first of ten tries that fits, or else the whole image. */
__device__ inline void drawCrop(View& view, Int row, Int size, const Keys& keys, const Options& options) {
  double width = size, height = size;
  for (int i = 0; i < TRIES; i++) {
    const double area = (uniform(keys.area, row * TRIES + i) * options.scaleSpan + options.scaleLow) * (double)(size * size);
    const double aspect = exp(uniform(keys.ratio, row * TRIES + i) * options.ratioSpan + options.ratioLow);
    const double w = rint(sqrt(area * aspect)), h = rint(sqrt(area / aspect));
    if (w > size || h > size || w <= 0 || h <= 0) continue;
    width = w;
    height = h;
    break;
  }
  view.width = (float)width;
  view.height = (float)height;
  view.top = (float)floor(uniform(keys.place, row * 2) * (size + 1 - height));
  view.left = (float)floor(uniform(keys.place, row * 2 + 1) * (size + 1 - width));
  view.flip = uniform(keys.flip, row) < options.flip;
}

__device__ inline void drawColours(View& view, Int row, const Keys& keys, const Options& options) {
  view.jitter = options.jitter > 0 && uniform(keys.jitter, row) < options.jitter;
  view.gray = options.gray > 0 && uniform(keys.gray, row) < options.gray;
  if (!view.jitter) return;
  double places[4];
  for (int i = 0; i < 4; i++) places[i] = uniform(keys.order, row * 4 + i);
  for (int i = 0; i < 4; i++) {
    int before = 0;
    for (int other = 0; other < 4; other++) before += places[other] < places[i] || (places[other] == places[i] && other < i);
    view.order[before] = i;
    view.factor[i] = (float)(uniform(keys.factors, row * 4 + i) * options.span[i] + options.low[i]);
  }
}

/** Where a pixel of the crop lies in the image, along one side. */
__device__ inline float position(int pixel, Int side, Int size, float start, float length, bool mirrored) {
  float share = (pixel + 0.5f) / side;
  if (mirrored) share = 1 - share;
  const float inside = fminf(fmaxf(share * length, 0.5f), length - 0.5f);
  return fminf(fmaxf(inside + start - 0.5f, 0.f), size - 1.f);
}

__device__ inline void readPixel(float* rgb, const unsigned char* image, const View& view, int pixel, Int side, Int size) {
  const float y = position(pixel / (int)side, side, size, view.top, view.height, false), x = position(pixel % (int)side, side, size, view.left, view.width, view.flip);
  const int y0 = (int)y, x0 = (int)x, y1 = y0 + 1 < size ? y0 + 1 : y0, x1 = x0 + 1 < size ? x0 + 1 : x0;
  const float down = y - y0, right = x - x0;
  for (int c = 0; c < 3; c++) {
    const unsigned char* const channel = image + c * size * size;
    const float a = channel[y0 * size + x0] / 255.f, b = channel[y0 * size + x1] / 255.f;
    const float e = channel[y1 * size + x0] / 255.f, f = channel[y1 * size + x1] / 255.f;
    rgb[c] = a * (1 - right) * (1 - down) + b * right * (1 - down) + e * (1 - right) * down + f * right * down;
  }
}

/** One slot of the jitter, over all pixels [V * V, 3] of the view. */
__device__ inline void jitterOnce(float* pixels, int operation, float factor, int count) {
  float mean = 0;
  if (operation == 1) {
    float sum = 0;
    for (int i = threadIdx.x; i < count; i += THREADS) sum += gray(pixels + 3 * i);
    mean = sumOverBlock(sum) / count;
  }
  for (int i = threadIdx.x; i < count; i += THREADS) {
    float* const rgb = pixels + 3 * i;
    if (operation == 3) {
      turnHue(rgb, factor);
      continue;
    }
    const float other = (1 - factor) * (operation == 0 ? 0 : operation == 1 ? mean : gray(rgb));
    for (int c = 0; c < 3; c++) rgb[c] = clamped(rgb[c] * factor + other);
  }
}

/** @param indices of the images, two views of each @param out [2N, V, V, 3] @param first number of the first view, of the whole batch */
extern "C" __global__ void __launch_bounds__(THREADS) makeViews(const unsigned char* images, const Int* indices, float* out,
    Int size, Int side, Int first, Int area, Int ratio, Int place, Int flip, Int order, Int jitter, Int factors, Int grayKey,
    double scaleLow, double scaleSpan, double ratioLow, double ratioSpan, double flipShare, double jitterShare,
    double low0, double low1, double low2, double low3, double span0, double span1, double span2, double span3, double grayShare,
    double mean0, double mean1, double mean2, double deviation0, double deviation1, double deviation2) {
#ifdef __CUDACC_RTC__
  extern __shared__ float pixels[];
#else
  float* const pixels = sharedMemory();
#endif
  __shared__ View view;
  const int count = (int)(side * side);
  const float mean[3] = {(float)mean0, (float)mean1, (float)mean2};
  const float scale[3] = {(float)(1 / deviation0), (float)(1 / deviation1), (float)(1 / deviation2)};
  if (threadIdx.x == 0) {
    const Keys keys = {area, ratio, place, flip, order, jitter, factors, grayKey};
    const Options options = {scaleLow, scaleSpan, ratioLow, ratioSpan, flipShare, jitterShare, {low0, low1, low2, low3}, {span0, span1, span2, span3}, grayShare};
    drawCrop(view, first + blockIdx.x, size, keys, options);
    drawColours(view, first + blockIdx.x, keys, options);
  }
  __syncthreads();
  const unsigned char* const image = images + indices[blockIdx.x / 2] * 3 * size * size;
  for (int i = threadIdx.x; i < count; i += THREADS) readPixel(pixels + 3 * i, image, view, i, side, size);
  if (view.jitter) {
    for (int slot = 0; slot < 4; slot++) jitterOnce(pixels, view.order[slot], view.factor[view.order[slot]], count);
  }
  for (int i = threadIdx.x; i < count; i += THREADS) {
    float* const rgb = pixels + 3 * i;
    const float y = gray(rgb);
    for (int c = 0; c < 3; c++) out[((Int)blockIdx.x * count + i) * 3 + c] = ((view.gray ? y : rgb[c]) - mean[c]) * scale[c];
  }
}
`;
