/**
 * @file Batch normalisation with what is added to it and the activation behind it, in two passes over memory forwards and two
 * backwards; libtorch's separate operators make about twice as many. For a CPU, on tensors that lie as rows of C channels
 * (channels-last), in float32 or bfloat16: in training, by one process or several, and by known statistics where no gradient is
 * asked for.
 */
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/native_batch_norm_backward.h>
#include <ATen/ops/threshold_backward.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>

#include "group/group.h"
#include "activations.h"
#include "state.h"
#include "statistics.h"

namespace {
/** What turns x into the normalised, scaled and shifted: slope times x plus offset. */
struct Line {
  at::Tensor slope, offset;
  Line(const Rows& shape, const at::Tensor& mean, const at::Tensor& invstd, const at::Tensor& weight, const at::Tensor& bias)
      : slope(shape.spread(weight.mul(invstd))), offset(shape.spread(bias).sub(shape.spread(mean).mul(slope))) {}
};

template <typename T>
struct Kernels {
  static const T* read(const at::Tensor& tensor) { return tensor.defined() ? static_cast<const T*>(tensor.const_data_ptr()) : nullptr; }
  static T* write(const at::Tensor& tensor) { return tensor.defined() ? static_cast<T*>(tensor.mutable_data_ptr()) : nullptr; }

  /** Sums of x - origin and of its square. */
  static at::Tensor moments(const Rows& shape, const at::Tensor& input, const at::Tensor& near) {
    const T* const x = read(input);
    const float* const origin = near.const_data_ptr<float>();
    return shape.sums([=, channels = shape.channels](int64_t from, int64_t to, float* __restrict sum, float* __restrict squares) INLINE {
      for (int64_t row = from; row < to; row++) {
        const T* const __restrict xs = x + row * channels;
        for (int64_t c = 0; c < channels; c++) {
          const float value = load(xs + c) - origin[c];
          sum[c] += value;
          squares[c] += value * value;
        }
      }
    });
  }

  template <Activation activation, bool hasAddend>
  static void normalise(const Rows& shape, const at::Tensor& input, const at::Tensor& addend, const Line& line, const at::Tensor& output) {
    const T *const x = read(input), *const plus = read(addend);
    const float *const slope = line.slope.const_data_ptr<float>(), *const offset = line.offset.const_data_ptr<float>();
    T* const y = write(output);
    shape.forEachChunk([=, channels = shape.channels](int64_t, int64_t from, int64_t to) INLINE {
      for (int64_t row = from; row < to; row++) {
        const T *const __restrict xs = x + row * channels, *const __restrict pluses = plus + row * channels;
        T* const __restrict ys = y + row * channels;
        for (int64_t c = 0; c < channels; c++) {
          float z = load(xs + c) * slope[c] + offset[c];
          if constexpr (hasAddend) z += load(pluses + c);
          store(ys + c, activate<activation>(z));
        }
      }
    });
  }

  /** Sums of the gradient before the activation and of its product with x - mean; `kept` takes that gradient. */
  template <Activation activation, bool fromOutput, bool keeps>
  static at::Tensor gradientSums(const Rows& shape, const at::Tensor& gradient, const at::Tensor& input, const at::Tensor& output, const at::Tensor& center, const Line& line, const at::Tensor& kept) {
    const T *const dy = read(gradient), *const x = read(input), *const y = read(output);
    const float *const mean = center.const_data_ptr<float>(), *const slope = line.slope.const_data_ptr<float>(), *const offset = line.offset.const_data_ptr<float>();
    T* const keep = write(kept);
    return shape.sums([=, channels = shape.channels](int64_t from, int64_t to, float* __restrict sum, float* __restrict products) INLINE {
      for (int64_t row = from; row < to; row++) {
        const T *const __restrict dys = dy + row * channels, *const __restrict xs = x + row * channels, *const __restrict ys = y + row * channels;
        T* const __restrict gs = keep + row * channels;
        for (int64_t c = 0; c < channels; c++) {
          const float value = load(xs + c);
          float z;
          if constexpr (fromOutput) z = load(ys + c);
          else z = value * slope[c] + offset[c];
          const float g = load(dys + c) * derivative<activation>(z);
          if constexpr (keeps) store(gs + c, g);
          sum[c] += g;
          products[c] += g * (value - mean[c]);
        }
      }
    });
  }

  /** slope * g + decline * (x - mean) + shift, where g is the gradient before the activation. */
  template <Activation activation>
  static void propagate(const Rows& shape, const at::Tensor& gradient, const at::Tensor& input, const at::Tensor& center, const Line& line, const at::Tensor& declines, const at::Tensor& shifts, const at::Tensor& result) {
    const T *const dy = read(gradient), *const x = read(input);
    const float *const mean = center.const_data_ptr<float>(), *const slope = line.slope.const_data_ptr<float>(), *const offset = line.offset.const_data_ptr<float>();
    const float *const decline = declines.const_data_ptr<float>(), *const shift = shifts.const_data_ptr<float>();
    T* const dx = write(result);
    shape.forEachChunk([=, channels = shape.channels](int64_t, int64_t from, int64_t to) INLINE {
      for (int64_t row = from; row < to; row++) {
        const T *const dys = dy + row * channels, *const __restrict xs = x + row * channels; // dys may be dxs
        T* const dxs = dx + row * channels;
        for (int64_t c = 0; c < channels; c++) {
          const float value = load(xs + c);
          const float g = load(dys + c) * derivative<activation>(value * slope[c] + offset[c]);
          store(dxs + c, slope[c] * g + decline[c] * (value - mean[c]) + shift[c]);
        }
      }
    });
  }
};

using Tensors = torch::autograd::variable_list;

/** `body` with the activation as a type of its own. */
template <typename Body>
auto withActivation(int64_t activation, const Body& body) {
  if (activation == Relu) return body(std::integral_constant<Activation, Relu>());
  if (activation == Silu) return body(std::integral_constant<Activation, Silu>());
  return body(std::integral_constant<Activation, None>());
}

/** `body` with the kernels for the type of the numbers. */
template <typename Body>
auto withKernels(const at::Tensor& input, const Body& body) {
  return input.scalar_type() == at::kFloat ? body(Kernels<float>()) : body(Kernels<Bfloat16>());
}

/** The activation of the line at x plus `plus`, which may be undefined. */
void follow(const Line& line, const Rows& shape, const at::Tensor& input, const at::Tensor& plus, int64_t activation, const at::Tensor& output) {
  withKernels(input, [&](auto kernels) {
    withActivation(activation, [&](auto known) {
      plus.defined() ? kernels.template normalise<known.value, true>(shape, input, plus, line, output)
                     : kernels.template normalise<known.value, false>(shape, input, plus, line, output);
    });
  });
}

/** As the input lies: rows of channels, with their signs in memory. */
at::Tensor alike(const at::Tensor& tensor, const at::Tensor& input) {
  const auto plain = tensor._is_zerotensor() ? at::zeros_like(input) : tensor.resolve_neg();
  return plain.to(input.scalar_type()).contiguous(input.suggest_memory_format());
}

/** What one process has, summed about `origin` -> what all processes of the group have, summed about zero; and how many numbers that is. */
std::pair<at::Tensor, double> ofAll(const at::Tensor& sums, const at::Tensor& origin, double count, const std::string& group) {
  const auto at = origin.to(at::kDouble);
  const auto all = at::cat({sums[0].add(at, count), sums[1].add(sums[0].mul(at), 2).add(at.square(), count), at::full({1}, count, at::kDouble)});
  addUp(all, group, Exchange::BatchNorm);
  return {all.narrow(0, 0, sums.numel()).view({2, -1}), all[-1].item<double>()};
}

struct BatchNormThen : torch::autograd::Function<BatchNormThen> {
  static at::Tensor forward(torch::autograd::AutogradContext* ctx, const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias, const std::optional<at::Tensor>& runningMean,
      const std::optional<at::Tensor>& runningVar, const std::optional<at::Tensor>& addend, int64_t activation, double momentum, double eps, const std::string& group) {
    const Rows shape(input);
    double count = static_cast<double>(shape.rows * shape.together);
    const auto plus = addend.has_value() ? alike(*addend, input) : at::Tensor();
    const auto output = at::empty_like(input);
    RECORD_FUNCTION("twoview::batch_norm_then", std::vector<c10::IValue>({input, output, plus}));
    // About where the numbers are: squares of those that are left lose nothing.
    const auto some = input.permute({0, 2, 3, 1}).flatten(0, 2).slice(0, 0, std::nullopt, input.numel() / input.size(1) / 64 + 1).mean(0, false, at::kFloat);
    auto sums = withKernels(input, [&](auto kernels) { return kernels.moments(shape, input, shape.spread(some)); });
    if (!group.empty()) std::tie(sums, count) = ofAll(sums, some, count, group);
    const auto means = sums.div_(count);
    const auto variance = means[1].sub(means[0].square()).clamp_min_(0);
    const auto mean = (group.empty() ? means[0].add(some) : means[0]).to(at::kFloat);
    const auto invstd = variance.add(eps).rsqrt_().to(at::kFloat);
    follow(Line(shape, mean, invstd, weight, bias), shape, input, plus, activation, output);
    if (runningMean.has_value() && runningVar.has_value()) {
      runningMean->lerp_(mean, momentum);
      runningVar->lerp_(variance.mul(count / (count - 1)).to(at::kFloat), momentum);
    }
    ctx->save_for_backward({input, weight, bias, mean, invstd, plus.defined() && activation == Relu ? output : at::Tensor()});
    ctx->saved_data["activation"] = activation;
    ctx->saved_data["added"] = plus.defined();
    ctx->saved_data["count"] = count;
    ctx->saved_data["group"] = group;
    ctx->saved_data["eps"] = eps;
    return output;
  }

  /** By libtorch's operators, which have derivatives themselves. */
  static Tensors recorded(torch::autograd::AutogradContext* ctx, const at::Tensor& dy) {
    if (!ctx->saved_data["group"].toStringRef().empty()) refuseSecondDerivatives();
    const auto saved = ctx->get_saved_variables();
    const auto &input = saved[0], &weight = saved[1], &bias = saved[2], &mean = saved[3], &invstd = saved[4], &output = saved[5];
    const double eps = ctx->saved_data["eps"].toDouble();
    const auto activation = ctx->saved_data["activation"].toInt();
    const auto before = [&] { return at::batch_norm(input, weight, bias, {}, {}, /*training=*/true, 0, eps, /*cudnn_enabled=*/false); };
    const auto throughSilu = [&](const at::Tensor& z) { // libtorch's kernel for it has no derivative
      const auto open = z.sigmoid();
      return dy.mul(open).mul(z.mul(open.neg().add(1)).add(1));
    };
    const auto g = activation == Silu ? throughSilu(before()) : activation == Relu ? at::threshold_backward(dy, output.defined() ? output : before(), 0) : dy;
    const auto [dx, dWeight, dBias] = at::native_batch_norm_backward(g, input, weight, {}, {}, mean, invstd, /*train=*/true, eps, {true, true, true});
    const at::Tensor nothing;
    return {dx, dWeight, dBias, nothing, nothing, ctx->saved_data["added"].toBool() ? g : nothing, nothing, nothing, nothing, nothing};
  }

  static Tensors backward(torch::autograd::AutogradContext* ctx, const Tensors& gradients) {
    if (at::GradMode::is_enabled()) return recorded(ctx, gradients[0]);
    const auto saved = ctx->get_saved_variables();
    const auto &input = saved[0], &weight = saved[1], &bias = saved[2], &mean = saved[3], &invstd = saved[4], &output = saved[5];
    const bool added = ctx->saved_data["added"].toBool();
    const auto& group = ctx->saved_data["group"].toStringRef();
    const Rows shape(input);
    const Line line(shape, mean, invstd, weight, bias);
    const auto dy = alike(gradients[0], input);
    const auto dx = at::empty_like(input);
    RECORD_FUNCTION("twoview::batch_norm_then_backward", std::vector<c10::IValue>({dy, input, output, dx}));
    const auto center = shape.spread(mean);
    at::Tensor dPlus, dWeight, dBias;
    withKernels(input, [&](auto kernels) {
      // Where the gradient before the activation is costly to have again, or is itself asked for, it is kept.
      const auto propagate = [&](const at::Tensor& sums, const at::Tensor& gradient, auto left) {
        dBias = sums[0].to(at::kFloat);
        dWeight = sums[1].mul(invstd).to(at::kFloat);
        if (!group.empty()) addUp(sums, group, Exchange::BatchNormBackward); // parameters have the own gradients, which others add up
        const auto scale = weight.mul(invstd).div(-ctx->saved_data["count"].toDouble());
        const auto decline = shape.spread(sums[1].mul(invstd).to(at::kFloat).mul(invstd).mul(scale)), shift = shape.spread(sums[0].to(at::kFloat).mul(scale));
        kernels.template propagate<left.value>(shape, gradient, input, center, line, decline, shift, dx);
      };
      constexpr std::integral_constant<Activation, None> none;
      constexpr std::integral_constant<Activation, Relu> relu;
      const auto activation = ctx->saved_data["activation"].toInt();
      if (activation == None) {
        propagate(kernels.template gradientSums<None, false, false>(shape, dy, input, {}, center, line, {}), dy, none);
        dPlus = dy;
      } else if (activation == Silu) {
        propagate(kernels.template gradientSums<Silu, false, true>(shape, dy, input, {}, center, line, dx), dx, none);
      } else if (added) {
        dPlus = at::empty_like(input);
        propagate(kernels.template gradientSums<Relu, true, true>(shape, dy, input, output, center, line, dPlus), dPlus, none);
      } else {
        propagate(kernels.template gradientSums<Relu, false, false>(shape, dy, input, {}, center, line, {}), dy, relu);
      }
    });
    const at::Tensor nothing;
    return {dx, dWeight, dBias, nothing, nothing, added ? dPlus : nothing, nothing, nothing, nothing, nothing};
  }
};

/** By statistics that are known: one pass over memory. Not for gradients. */
at::Tensor byKnown(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias, const at::Tensor& mean, const at::Tensor& variance, const std::optional<at::Tensor>& addend, int64_t activation, double eps) {
  const Rows shape(input);
  const auto plus = addend.has_value() ? alike(*addend, input) : at::Tensor();
  const auto output = at::empty_like(input);
  RECORD_FUNCTION("twoview::known_norm_then", std::vector<c10::IValue>({input, output, plus}));
  follow(Line(shape, mean, variance.add(eps).rsqrt_(), weight, bias), shape, input, plus, activation, output);
  return output;
}

/** Whether autograd has to follow what is done to it. */
bool isTracked(const std::optional<at::Tensor>& tensor) { return at::GradMode::is_enabled() && tensor.has_value() && tensor->requires_grad(); }

bool isRows(const at::Tensor& x) {
  return x.is_cpu() && x.layout() == at::kStrided && !x.is_neg() && !x._is_zerotensor() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16) && x.dim() == 4 && x.is_contiguous(at::MemoryFormat::ChannelsLast) && x.numel() > 0;
}

/**
 * (x, weight or 0, bias or 0, running mean or 0, running variance or 0, what is added or 0, activation, momentum, eps, whether the
 * running statistics are to be used instead of the batch's, the group whose batches are one or '') -> the output, or 0 for tensors
 * of another kind than this file is for.
 */
Napi::Value batchNormThen(const Napi::CallbackInfo& info, State& state) {
  const auto& x = tensorArgument(info, state, 0);
  const auto weight = optionalTensor(info, state, 1), bias = optionalTensor(info, state, 2), mean = optionalTensor(info, state, 3), variance = optionalTensor(info, state, 4), plus = optionalTensor(info, state, 5);
  const int64_t activation = integer(info[6], "an activation");
  const double momentum = info[7].ToNumber().DoubleValue(), eps = info[8].ToNumber().DoubleValue();
  const bool known = info[9].ToBoolean().Value();
  const auto group = info[10].ToString().Utf8Value();
  if (!isRows(x)) return Napi::Number::New(info.Env(), 0);
  const auto isPrecise = [&](const auto& tensor) {
    return tensor.has_value() && tensor->is_cpu() && tensor->layout() == at::kStrided && tensor->scalar_type() == at::kFloat && tensor->dim() == 1 && tensor->size(0) == x.size(1) && !tensor->is_neg() && !tensor->_is_zerotensor();
  };
  const bool statistics = mean.has_value() ? isPrecise(mean) && isPrecise(variance) : !variance.has_value();
  const bool several = known || !group.empty() || x.numel() > x.size(1); // libtorch says what is wrong with a batch of one number
  const bool isPlus = !plus.has_value() || (plus->is_cpu() && plus->layout() == at::kStrided && plus->sizes() == x.sizes() && activation != Silu);
  const bool suits = several && isPrecise(weight) && isPrecise(bias) && isPlus && statistics;
  const bool suitsKnown = !known || (mean.has_value() && !isTracked(x) && !isTracked(weight) && !isTracked(bias) && !isTracked(plus));
  if (!suits || !suitsKnown) return Napi::Number::New(info.Env(), 0);
  const auto output = known ? byKnown(x, *weight, *bias, *mean, *variance, plus, activation, eps)
                            : BatchNormThen::apply(x, *weight, *bias, mean, variance, plus, activation, momentum, eps, group);
  return Napi::Number::New(info.Env(), static_cast<double>(state.add(output)));
}
} // namespace

void exposeFusedBatchNorm(Napi::Object exports) { expose<batchNormThen>(exports, "batchNormThen"); }
