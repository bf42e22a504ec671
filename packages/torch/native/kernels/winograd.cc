/**
 * @file 3x3 convolutions of stride 1 with a quarter of the multiplications, and their gradients: F(4x4, 3x3) of Lavin and Gray 2015,
 * arXiv 1509.09308. A tile of 4x4 outputs and the 6x6 inputs it sees become 36 numbers, and the sum over channels for each of
 * these is a matrix product. For float32 on a CPU, on tensors that lie as rows of channels (channels-last).
 */
#include <ATen/autocast_mode.h>
#include <ATen/ops/aminmax.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/kron.h>
#include <ATen/ops/kthvalue.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/tensor.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>

#include "rows.h"
#include "state.h"

namespace {
constexpr int64_t PRODUCTS = 36, LANES = 16;
/** Tiles at once: as many as keep their numbers near the processor, and no fewer than a matrix product needs. */
constexpr int64_t BLOCK_NUMBERS = 1 << 20, BLOCK_TILES = 128;
/** Of fewer tiles, transforming the kernels costs more than it saves. */
constexpr int64_t LEAST_TILES = 32;

using Lanes = float __attribute__((vector_size(4 * LANES)));

/**
 * Where the products of polynomials behind it are evaluated: 0, infinity, and these two with both signs. Lavin and Gray have 1 and 2,
 * whose results are off by six times as much (what points do to rounding: Barabasz et al. 2018, arXiv 1803.10986).
 */
constexpr float P = 5 / 8.f, P2 = P * P, P3 = P2 * P, Q = 3 / 2.f, Q2 = Q * Q, Q3 = Q2 * Q;

/** Lavin and Gray's B^T, A^T and A, each for one row or column of a tile. */
struct Inward {
  static constexpr int from = 6, to = 6;
  INLINE static void apply(const Lanes* d, Lanes* v) {
    const Lanes evenP = d[4] - Q2 * d[2], oddP = P * (d[3] - Q2 * d[1]), evenQ = d[4] - P2 * d[2], oddQ = Q * (d[3] - P2 * d[1]);
    v[0] = P2 * Q2 * d[0] - (P2 + Q2) * d[2] + d[4];
    v[1] = evenP + oddP, v[2] = evenP - oddP, v[3] = evenQ + oddQ, v[4] = evenQ - oddQ;
    v[5] = P2 * Q2 * d[1] - (P2 + Q2) * d[3] + d[5];
  }
};
struct Outward {
  static constexpr int from = 6, to = 4;
  INLINE static void apply(const Lanes* m, Lanes* y) {
    const Lanes evenP = m[1] + m[2], oddP = m[1] - m[2], evenQ = m[3] + m[4], oddQ = m[3] - m[4];
    y[0] = m[0] + evenP + evenQ, y[1] = P * oddP + Q * oddQ, y[2] = P2 * evenP + Q2 * evenQ, y[3] = P3 * oddP + Q3 * oddQ + m[5];
  }
};
struct OutwardBack {
  static constexpr int from = 4, to = 6;
  INLINE static void apply(const Lanes* y, Lanes* m) {
    const Lanes evenP = y[0] + P2 * y[2], oddP = P * y[1] + P3 * y[3], evenQ = y[0] + Q2 * y[2], oddQ = Q * y[1] + Q3 * y[3];
    m[0] = y[0], m[1] = evenP + oddP, m[2] = evenP - oddP, m[3] = evenQ + oddQ, m[4] = evenQ - oddQ, m[5] = y[3];
  }
};

/** Columns, then rows. */
template <typename Step>
INLINE inline void transform(const Lanes (&in)[6][6], Lanes (&out)[6][6]) {
  Lanes half[6][6];
  for (int column = 0; column < Step::from; column++) {
    Lanes before[Step::from], after[Step::to];
    for (int row = 0; row < Step::from; row++) before[row] = in[row][column];
    Step::apply(before, after);
    for (int row = 0; row < Step::to; row++) half[row][column] = after[row];
  }
  for (int row = 0; row < Step::to; row++) Step::apply(half[row], out[row]);
}

/**
 * What was read: a tile mixes its numbers, so that one which is not finite spoils all 16, and the rounding of a large one reaches
 * its small neighbours. Such tensors are libtorch's.
 */
class Seen {
 public:
  /**
   * Whether rounding stays below 1e-4 of what is common among the numbers, and no product of them overflows. Common is what three
   * quarters of the `sums`, each of so many sizes, are below: some that hold a large number do not change it.
   */
  static bool isTame(double largest, const at::Tensor& sums, int64_t each) {
    const double common = std::get<0>(sums.kthvalue((3 * sums.numel() + 3) / 4)).item<double>() / static_cast<double>(each);
    return std::isfinite(sums.sum(at::kDouble).item<double>()) && largest < 1e15 && largest <= 1e4 * common;
  }

  explicit Seen(int64_t tiles) : tiles_(at::zeros({2, tiles}, at::kFloat)), first_(tiles_.data_ptr<float>()), count_(tiles) {}
  float* most(int64_t tile) const { return first_ + tile; }
  float* sum(int64_t tile) const { return first_ + count_ + tile; }
  bool isTame(int64_t channels) const { return isTame(tiles_[0].max().item<float>(), tiles_[1], 16 * channels); }

 private:
  at::Tensor tiles_;
  float* first_;
  int64_t count_;
};

/** The tiles of all images, a block at a time. */
struct Tiles {
  int64_t height, width, down, across, count, channels;
  explicit Tiles(const at::Tensor& map)
      : height(map.size(2)), width(map.size(3)), down((height + 3) / 4), across((width + 3) / 4), count(map.size(0) * down * across), channels(map.size(1)) {}

  template <typename Body>
  void forEachBlock(int64_t otherChannels, const Body& body) const {
    const int64_t most = std::max(BLOCK_TILES, BLOCK_NUMBERS / (PRODUCTS * (channels + otherChannels)));
    const int64_t blocks = (count + most - 1) / most, each = (count + blocks - 1) / blocks;
    for (int64_t from = 0; from < count; from += each) body(from, std::min(each, count - from));
  }

  /** `body` on every tile of a block: its place there, image, first row, first column. */
  template <typename Body>
  void forEachTile(int64_t from, int64_t some, const Body& body) const {
    forEachOf(some, [&](int64_t place) INLINE {
      const int64_t tile = from + place, image = tile / (down * across), inImage = tile % (down * across);
      body(place, image, 4 * (inImage / across), 4 * (inImage % across));
    });
  }

  /** Reads what each tile of a block sees, from `margin` pixels before it on, into [36, some, C]. */
  template <typename Step, int64_t margin>
  at::Tensor read(const at::Tensor& map, int64_t from, int64_t some, const Seen& seen) const {
    const auto numbers = at::empty({PRODUCTS, some, channels}, map.options().memory_format(at::MemoryFormat::Contiguous));
    const float* const x = map.const_data_ptr<float>();
    float* const v = numbers.mutable_data_ptr<float>();
    forEachTile(from, some, [=, *this, &seen](int64_t place, int64_t image, int64_t top, int64_t left) INLINE {
      Lanes most{}, sum{};
      for (int64_t c = 0; c < channels; c += LANES) {
        Lanes in[6][6], out[6][6];
        for (int64_t i = 0; i < Step::from; i++)
          for (int64_t j = 0; j < Step::from; j++) {
            const int64_t row = top + i - margin, column = left + j - margin;
            if (row >= 0 && row < height && column >= 0 && column < width)
              std::memcpy(&in[i][j], x + ((image * height + row) * width + column) * channels + c, sizeof(Lanes));
            else in[i][j] = Lanes{};
          }
        for (int64_t i = margin; i < margin + 4; i++)
          for (int64_t j = margin; j < margin + 4; j++) {
            const Lanes size = in[i][j] < 0 ? -in[i][j] : in[i][j];
            most = size > most ? size : most;
            sum += size;
          }
        transform<Step>(in, out);
        for (int64_t p = 0; p < PRODUCTS; p++) std::memcpy(v + (p * some + place) * channels + c, &out[p / 6][p % 6], sizeof(Lanes));
      }
      float largest = 0, total = 0;
      for (int64_t lane = 0; lane < LANES; lane++) largest = std::max(largest, most[lane]), total += sum[lane];
      *seen.most(from + place) = largest, *seen.sum(from + place) = total;
    });
    return numbers;
  }

  /** The other way: [36, some, C] become the outputs of the tiles. */
  void write(const at::Tensor& map, int64_t from, int64_t some, const at::Tensor& numbers) const {
    const float* const m = numbers.const_data_ptr<float>();
    float* const y = map.mutable_data_ptr<float>();
    forEachTile(from, some, [=, *this](int64_t place, int64_t image, int64_t top, int64_t left) INLINE {
      for (int64_t c = 0; c < channels; c += LANES) {
        Lanes in[6][6], out[6][6];
        for (int64_t p = 0; p < PRODUCTS; p++) std::memcpy(&in[p / 6][p % 6], m + (p * some + place) * channels + c, sizeof(Lanes));
        transform<Outward>(in, out);
        for (int64_t i = 0; i < std::min<int64_t>(4, height - top); i++)
          for (int64_t j = 0; j < std::min<int64_t>(4, width - left); j++)
            std::memcpy(y + ((image * height + top + i) * width + left + j) * channels + c, &out[i][j], sizeof(Lanes));
      }
    });
  }
};

/** Their G, for both directions: [36, 9]. Made once, and never freed: at the end of the process libtorch may be gone before it. */
const at::Tensor& kernelTransform() {
  static const at::Tensor& made = *new at::Tensor([] {
    const auto half = [](double p, double q) { return 1 / (2 * p * p * (p * p - q * q)); };
    const double p = half(P, Q), q = half(Q, P);
    const auto g = at::tensor({1. / (P2 * Q2), 0., 0., p, p * P, p * P2, p, -p * P, p * P2, q, q * Q, q * Q2, q, -q * Q, q * Q2, 0., 0., 1.}, at::kFloat).view({6, 3});
    return at::kron(g, g);
  }());
  return made;
}

bool isTameKernel(const at::Tensor& weight) {
  const auto [least, most] = at::aminmax(weight);
  return Seen::isTame(std::max(-least.item<double>(), most.item<double>()), at::linalg_vector_norm(weight, 1, {1, 2, 3}), 9 * weight.size(1));
}

/** @param weight [out, in, 3, 3] @returns [9, out * in], rows of which are the weight's own where it lies as rows of channels */
at::Tensor taps(const at::Tensor& weight) { return weight.permute({2, 3, 0, 1}).reshape({9, -1}); }

/** @param kernels [36, in, out] @returns [N, out, H, W], or undefined where this way is not right enough */
at::Tensor convolve(const at::Tensor& x, const at::Tensor& kernels) {
  const Tiles tiles(x);
  const auto y = at::empty({x.size(0), kernels.size(2), x.size(2), x.size(3)}, x.options().memory_format(at::MemoryFormat::ChannelsLast));
  const Tiles ofOutputs(y);
  const Seen seen(tiles.count);
  tiles.forEachBlock(ofOutputs.channels, [&](int64_t from, int64_t some) { ofOutputs.write(y, from, some, tiles.read<Inward, 1>(x, from, some, seen).bmm(kernels)); });
  return seen.isTame(x.size(1)) ? y : at::Tensor();
}

/** @returns [N, out, H, W] */
at::Tensor forwards(const at::Tensor& x, const at::Tensor& weight) {
  return convolve(x, kernelTransform().matmul(taps(weight)).view({PRODUCTS, weight.size(0), weight.size(1)}).transpose(1, 2));
}

/** @returns [N, in, H, W]: the gradient convolved with the kernels turned round */
at::Tensor inputGradient(const at::Tensor& dy, const at::Tensor& weight) {
  return convolve(dy, kernelTransform().flip(1).matmul(taps(weight)).view({PRODUCTS, weight.size(0), weight.size(1)}));
}

/** @returns [out, in, 3, 3], or undefined */
at::Tensor weightGradient(const at::Tensor& x, const at::Tensor& dy) {
  const Tiles tiles(x), ofOutputs(dy);
  at::Tensor sums; // [36, out, in]
  const Seen seenInputs(tiles.count), seenOutputs(tiles.count);
  tiles.forEachBlock(ofOutputs.channels, [&](int64_t from, int64_t some) {
    const auto gradients = ofOutputs.read<OutwardBack, 0>(dy, from, some, seenOutputs).transpose(1, 2), inputs = tiles.read<Inward, 1>(x, from, some, seenInputs);
    sums = sums.defined() ? sums.baddbmm_(gradients, inputs) : gradients.bmm(inputs);
  });
  if (!seenInputs.isTame(x.size(1)) || !seenOutputs.isTame(dy.size(1))) return {};
  return kernelTransform().t().matmul(sums.flatten(1)).view({3, 3, ofOutputs.channels, tiles.channels}).permute({2, 3, 0, 1});
}

using Tensors = torch::autograd::variable_list;

struct Convolution : torch::autograd::Function<Convolution> {
  static at::Tensor forward(torch::autograd::AutogradContext* ctx, const at::Tensor& x, const at::Tensor& weight) {
    RECORD_FUNCTION("twoview::convolution_3x3", std::vector<c10::IValue>({x, weight}));
    ctx->save_for_backward({x, weight});
    const auto y = isTameKernel(weight) ? forwards(x, weight) : at::Tensor();
    ctx->saved_data["tame"] = y.defined();
    return y.defined() ? y : at::conv2d(x, weight, {}, 1, 1);
  }

  /** libtorch's own, which has derivatives itself. */
  static Tensors byLibtorch(torch::autograd::AutogradContext* ctx, const at::Tensor& dy, const at::Tensor& x, const at::Tensor& weight) {
    auto [dx, dWeight, none] = at::convolution_backward(dy, x, weight, at::OptionalIntArrayRef(), {1, 1}, {1, 1}, {1, 1}, false, {0, 0}, 1, {ctx->needs_input_grad(0), ctx->needs_input_grad(1), false});
    return {dx, dWeight};
  }

  static Tensors backward(torch::autograd::AutogradContext* ctx, const Tensors& gradients) {
    const auto saved = ctx->get_saved_variables();
    const auto &x = saved[0], &weight = saved[1];
    if (at::GradMode::is_enabled() || !ctx->saved_data["tame"].toBool() || gradients[0]._is_zerotensor()) return byLibtorch(ctx, gradients[0], x, weight);
    const auto dy = gradients[0].resolve_neg().contiguous(at::MemoryFormat::ChannelsLast);
    RECORD_FUNCTION("twoview::convolution_3x3_backward", std::vector<c10::IValue>({dy, x, weight}));
    at::Tensor dx, dWeight;
    if (ctx->needs_input_grad(0)) dx = inputGradient(dy, weight);
    if (ctx->needs_input_grad(1)) dWeight = weightGradient(x, dy);
    if (ctx->needs_input_grad(0) != dx.defined() || ctx->needs_input_grad(1) != dWeight.defined()) return byLibtorch(ctx, dy, x, weight);
    return {dx, dWeight};
  }
};

/** Whether this file is for these tensors, and of use: a map that fills too little of its tiles is left to others. */
bool suits(const at::Tensor& x, const at::Tensor& weight) {
  const auto isOurs = [](const at::Tensor& tensor) { return tensor.is_cpu() && tensor.layout() == at::kStrided && tensor.scalar_type() == at::kFloat && tensor.dim() == 4 && !tensor.is_neg() && !tensor._is_zerotensor(); };
  if (!at::hasMKL() || at::autocast::is_autocast_enabled(at::kCPU) || !isOurs(x) || !isOurs(weight)) return false;
  const int64_t inputs = x.size(1), outputs = weight.size(0), pixels = x.size(2) * x.size(3);
  const bool fits = weight.size(1) == inputs && weight.size(2) == 3 && weight.size(3) == 3 && inputs % LANES == 0 && outputs % LANES == 0;
  if (!fits || !x.is_contiguous(at::MemoryFormat::ChannelsLast) || pixels == 0) return false;
  const Tiles tiles(x);
  return tiles.count >= LEAST_TILES && 8 * tiles.down * tiles.across <= pixels;
}

/** (x, weight) -> their convolution with stride 1 and a padding of 1, or 0 where others compute it faster. */
Napi::Value convolution3x3(const Napi::CallbackInfo& info, State& state) {
  const auto &x = tensorArgument(info, state, 0), &weight = tensorArgument(info, state, 1);
  if (!suits(x, weight)) return Napi::Number::New(info.Env(), 0);
  return Napi::Number::New(info.Env(), static_cast<double>(state.add(Convolution::apply(x, weight))));
}
} // namespace

void exposeWinograd(Napi::Object exports) { expose<convolution3x3>(exports, "convolution3x3"); }
