/**
 * @file Batch normalisation over the batches of all processes of a group: the same output, gradients and running statistics as
 * one process would have with all of them; for tensors that fused_batch_norm.cc is not for. Source: torch/nn/modules/_functions.py, SyncBatchNorm, which is for GPUs alone.
 */
#include <torch/csrc/autograd/custom_function.h>

#include "group.h"
#include "kernels/statistics.h"
#include "state.h"

namespace {
using Tensors = torch::autograd::variable_list;

/** x times `slope` plus `offset`, by channel, in one pass: batch norm with nothing to subtract. */
at::Tensor affine(const at::Tensor& x, const at::Tensor& slope, const at::Tensor& offset) {
  return std::get<0>(at::native_batch_norm(x, slope, offset, at::zeros_like(slope), at::ones_like(slope), /*training=*/false, 0, /*eps=*/0));
}

struct SyncBatchNorm : torch::autograd::Function<SyncBatchNorm> {
  static at::Tensor forward(torch::autograd::AutogradContext* ctx, const at::Tensor& input, const std::optional<at::Tensor>& weight, const std::optional<at::Tensor>& bias,
      const std::optional<at::Tensor>& runningMean, const std::optional<at::Tensor>& runningVar, double momentum, double eps, const std::string& name) {
    const int64_t channels = input.size(1);
    const int64_t count = input.numel() / channels;
    // For half-precision input it answers in the type of the running statistics, of which it needs some.
    const auto precise = input.options().dtype(input.scalar_type() == at::kDouble ? at::kDouble : at::kFloat);
    const auto [localMean, localVar] = at::batch_norm_update_stats(input, at::zeros({channels}, precise), at::zeros({channels}, precise), 0);

    // Sums of x and of its square, in float64, where subtracting the two loses nothing that float32 had.
    const auto mine = localMean.to(at::kDouble);
    const auto sums = at::cat({mine.mul(count), localVar.to(at::kDouble).add(mine.square()).mul(count), at::full({1}, static_cast<double>(count), at::kDouble)});
    addUp(sums, name, Exchange::SyncBatchNorm);
    const auto total = sums.narrow(0, 2 * channels, 1);
    const auto mean = sums.narrow(0, 0, channels).div(total);
    const auto var = sums.narrow(0, channels, channels).div(total).sub(mean.square()).clamp_min(0);

    if (runningMean.has_value() && runningVar.has_value()) {
      runningMean->lerp_(mean.to(runningMean->scalar_type()), momentum);
      runningVar->lerp_(var.mul(total.div(total.sub(1))).to(runningVar->scalar_type()), momentum);
    }
    const auto output = std::get<0>(at::native_batch_norm(input, weight, bias, mean.to(precise), var.to(precise), /*training=*/false, 0, eps));
    ctx->save_for_backward({input, weight.value_or(at::Tensor()), mean.to(precise), var.add(eps).rsqrt().to(precise)});
    ctx->saved_data["eps"] = eps;
    ctx->saved_data["total"] = total.item<double>();
    ctx->saved_data["group"] = name;
    return output;
  }

  /** The kernel subtracts means over the own batch; what differs from the means over all is affine in x and added after. */
  static Tensors backward(torch::autograd::AutogradContext* ctx, const Tensors& gradients) {
    refuseSecondDerivatives();
    const auto saved = ctx->get_saved_variables();
    const auto &input = saved[0], &weight = saved[1], &mean = saved[2], &invstd = saved[3];
    const double total = ctx->saved_data["total"].toDouble();
    const double count = static_cast<double>(input.numel() / input.size(1));

    auto [dx, dWeight, dBias] = at::native_batch_norm_backward(
        gradients[0].contiguous(input.suggest_memory_format()), input, weight, {}, {}, mean, invstd, /*train=*/true, ctx->saved_data["eps"].toDouble(), {true, true, true});
    const auto own = at::stack({dBias, dWeight}), all = own.to(at::kDouble, /*non_blocking=*/false, /*copy=*/true);
    addUp(all, ctx->saved_data["group"].toStringRef(), Exchange::SyncBatchNormBackward);
    const auto scale = weight.defined() ? weight.mul(invstd) : invstd;
    const auto rest = own.div(count).sub(all.div(total).to(own.scalar_type())).mul(scale); // [2, C]
    const auto slope = rest[1].mul(invstd);
    dx.add_(affine(input, slope, rest[0].sub(slope.mul(mean))));
    const auto none = at::Tensor();
    return {dx, weight.defined() ? dWeight : none, weight.defined() ? dBias : none, none, none, none, none, none};
  }
};

/** (x, weight or 0, bias or 0, running mean or 0, running variance or 0, momentum, eps, group) */
Napi::Value syncBatchNorm(const Napi::CallbackInfo& info, State& state) {
  const auto& input = tensorArgument(info, state, 0);
  TORCH_CHECK(input.is_cpu(), "batch normalisation over processes needs tensors on the CPU so far");
  TORCH_CHECK(input.dim() >= 2 && input.numel() > 0, "batch normalisation over processes needs [N, C, ...] with no dimension of zero, got ", input.sizes());
  TORCH_CHECK(input.layout() == at::kStrided && at::isFloatingType(input.scalar_type()), "batch normalisation needs a dense tensor of floating-point numbers");
  const auto weight = optionalTensor(info, state, 1), bias = optionalTensor(info, state, 2), mean = optionalTensor(info, state, 3), variance = optionalTensor(info, state, 4);
  requireChannels(input.size(1), weight, bias, mean, variance);
  const auto output = SyncBatchNorm::apply(input, weight, bias, mean, variance, info[5].ToNumber().DoubleValue(), info[6].ToNumber().DoubleValue(), info[7].ToString().Utf8Value());
  return Napi::Number::New(info.Env(), static_cast<double>(state.add(output)));
}
} // namespace

void exposeSyncBatchNorm(Napi::Object exports) { expose<syncBatchNorm>(exports, "syncBatchNorm"); }
