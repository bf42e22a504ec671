/**
 * @file The GPU: how many there are, what they are, how much of their memory is in use, and waiting for them. A library of
 * its own, which links libtorch_cuda and is loaded only where a GPU is: loading it is also what brings PyTorch's CUDA
 * operators into the dispatcher. It has no state, so several threads can load it.
 */
#include <ATen/Context.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAException.h>
#include <dlfcn.h>
#include "gpu.h"

namespace {
void set(Napi::Object object, const char* name, int64_t value) { object.Set(name, static_cast<double>(value)); }

/** 0 where the driver is missing or too old; PyTorch then warns once, saying why. */
Napi::Value deviceCount(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), c10::cuda::device_count()); }

/** (GPU) -> { name, major, minor, multiprocessors } */
Napi::Value properties(const Napi::CallbackInfo& info) {
  cudaDeviceProp found;
  C10_CUDA_CHECK(cudaGetDeviceProperties(&found, gpu(info)));
  auto object = Napi::Object::New(info.Env());
  object.Set("name", static_cast<const char*>(found.name));
  set(object, "major", found.major);
  set(object, "minor", found.minor);
  set(object, "multiprocessors", found.multiProcessorCount);
  return object;
}

/** (GPU) -> bytes: of tensors, of PyTorch's cache around them, the most that both have been, and of the whole GPU */
Napi::Value memory(const Napi::CallbackInfo& info) {
  const auto device = gpu(info);
  constexpr auto all = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
  const auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(device);
  const c10::cuda::CUDAGuard guard(device);
  size_t free = 0;
  size_t total = 0;
  C10_CUDA_CHECK(cudaMemGetInfo(&free, &total));
  auto object = Napi::Object::New(info.Env());
  set(object, "allocated", stats.allocated_bytes[all].current);
  set(object, "reserved", stats.reserved_bytes[all].current);
  set(object, "peakAllocated", stats.allocated_bytes[all].peak);
  set(object, "peakReserved", stats.reserved_bytes[all].peak);
  set(object, "free", static_cast<int64_t>(free));
  set(object, "total", static_cast<int64_t>(total));
  return object;
}

Napi::Value resetPeakMemory(const Napi::CallbackInfo& info) {
  c10::cuda::CUDACachingAllocator::resetPeakStats(gpu(info));
  return info.Env().Undefined();
}

/** Gives cached memory that no tensor uses back to the driver, on every GPU. */
Napi::Value emptyCache(const Napi::CallbackInfo& info) {
  if (c10::cuda::device_count() > 0) c10::cuda::CUDACachingAllocator::emptyCache();
  return info.Env().Undefined();
}

/** (GPU) waits until it has done all that was asked of it. */
Napi::Value synchronize(const Napi::CallbackInfo& info) {
  const c10::cuda::CUDAGuard guard(gpu(info));
  c10::cuda::device_synchronize();
  return info.Env().Undefined();
}

/** (TF32 in convolutions, TF32 in matrix products, cuDNN may time its algorithms, cuDNN gives the same bits in every run) */
Napi::Value configure(const Napi::CallbackInfo& info) {
  auto& context = at::globalContext();
  context.setAllowTF32CuDNN(info[0].ToBoolean().Value());
  context.setAllowTF32CuBLAS(info[1].ToBoolean().Value());
  context.setBenchmarkCuDNN(info[2].ToBoolean().Value());
  context.setDeterministicCuDNN(info[3].ToBoolean().Value());
  return info.Env().Undefined();
}

/** (0 off, 1 warn, 2 error) what happens when the CPU waits for the GPU, as torch.cuda.set_sync_debug_mode. */
Napi::Value setSyncDebugMode(const Napi::CallbackInfo& info) {
  c10::cuda::warning_state().set_sync_debug_mode(static_cast<c10::cuda::SyncDebugMode>(info[0].ToNumber().Int32Value()));
  return info.Env().Undefined();
}

/** (path of a library) opens it for all that follows. @returns why it could not be, or nothing */
Napi::Value openLibrary(const Napi::CallbackInfo& info) {
  if (dlopen(info[0].ToString().Utf8Value().c_str(), RTLD_LAZY | RTLD_GLOBAL) != nullptr) return info.Env().Null();
  return Napi::String::New(info.Env(), dlerror());
}

Napi::Object init(Napi::Env, Napi::Object exports) {
  expose<deviceCount>(exports, "deviceCount");
  expose<properties>(exports, "properties");
  expose<memory>(exports, "memory");
  expose<resetPeakMemory>(exports, "resetPeakMemory");
  expose<emptyCache>(exports, "emptyCache");
  expose<synchronize>(exports, "synchronize");
  expose<configure>(exports, "configure");
  expose<setSyncDebugMode>(exports, "setSyncDebugMode");
  expose<openLibrary>(exports, "openLibrary");
  exposeEvents(exports);
  return exports;
}
} // namespace

NODE_API_MODULE(twoview_torch_cuda, init)
