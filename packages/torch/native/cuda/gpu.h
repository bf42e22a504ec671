/** @file What the files of the CUDA half share: C++ functions as JavaScript ones, and GPUs by their number. */
#pragma once
#include <ATen/Context.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include "../guarded.h"

using Method = Napi::Value (*)(const Napi::CallbackInfo&);

template <Method method>
Napi::Value call(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return method(info); });
}

template <Method method>
void expose(Napi::Object exports, const char* name) {
  exports.Set(name, Napi::Function::New<call<method>>(exports.Env(), name));
}

/** The first argument as the index of a GPU that exists, with CUDA ready for use. */
inline c10::DeviceIndex gpu(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber()) throw std::invalid_argument("the index of a GPU must be a number");
  const double index = info[0].As<Napi::Number>().DoubleValue();
  const auto count = c10::cuda::device_count_ensure_non_zero();
  if (!(index >= 0 && index < count) || index != std::floor(index))
    throw std::invalid_argument("there is no GPU " + info[0].ToString().Utf8Value() + ", they are numbered 0 to " + std::to_string(count - 1));
  at::globalContext().lazyInitDevice(at::kCUDA);
  return static_cast<c10::DeviceIndex>(index);
}

void exposeEvents(Napi::Object exports);
