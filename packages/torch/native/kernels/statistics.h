/** @file What batch norms of ours check, since libtorch's own checks stand in operators above the ones that they call. */
#pragma once
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>

/** One number for each channel, as libtorch words it in batch_norm. */
inline void requireChannels(int64_t channels, const std::optional<at::Tensor>& weight, const std::optional<at::Tensor>& bias, const std::optional<at::Tensor>& mean, const std::optional<at::Tensor>& variance) {
  const auto require = [&](const char* name, const std::optional<at::Tensor>& tensor) {
    if (!tensor.has_value()) return;
    TORCH_CHECK(tensor->numel() == channels && tensor->dim() == 1, name, " should contain ", channels, " elements not ", tensor->numel());
    TORCH_CHECK(tensor->is_cpu() && tensor->layout() == at::kStrided, name, " must be a dense tensor on the CPU, as the input is");
  };
  require("weight", weight), require("bias", bias), require("running_mean", mean), require("running_var", variance);
  TORCH_CHECK(mean.has_value() == variance.has_value(), "running_mean and running_var go together");
}

inline void refuseSecondDerivatives() {
  TORCH_CHECK_NOT_IMPLEMENTED(!at::GradMode::is_enabled(), "batch normalisation over processes has no second derivatives: call backward without createGraph, or normalise each process by itself");
}
