/** @file Threads, random generators, and what this build of libtorch can do. */
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/native/DispatchStub.h>
#include <torch/version.h>

#include "state.h"

namespace {
Napi::Value setNumThreads(const Napi::CallbackInfo& info, State&) {
  at::set_num_threads(static_cast<int>(integer(info[0], "the number of threads")));
  return info.Env().Undefined();
}

Napi::Value getNumThreads(const Napi::CallbackInfo& info, State&) { return Napi::Number::New(info.Env(), at::get_num_threads()); }

Napi::Value manualSeed(const Napi::CallbackInfo& info, State&) {
  at::manual_seed(static_cast<uint64_t>(integer(info[0], "a seed")));
  return info.Env().Undefined();
}

/** (device, seed) -> the number of a new generator */
Napi::Value newGenerator(const Napi::CallbackInfo& info, State& state) {
  if (!info[0].IsString()) throw std::invalid_argument("a device must be a string");
  const auto device = c10::Device(info[0].As<Napi::String>().Utf8Value());
  auto generator = at::globalContext().defaultGenerator(device).clone();
  generator.set_current_seed(static_cast<uint64_t>(integer(info[1], "a seed")));
  return Napi::Number::New(info.Env(), static_cast<double>(state.add(std::move(generator))));
}

Napi::Value seedGenerator(const Napi::CallbackInfo& info, State& state) {
  state.generator(integer(info[0], "a generator's number")).set_current_seed(static_cast<uint64_t>(integer(info[1], "a seed")));
  return info.Env().Undefined();
}

Napi::Value freeGenerator(const Napi::CallbackInfo& info, State& state) {
  state.freeGenerator(integer(info[0], "a generator's number"));
  return info.Env().Undefined();
}

Napi::Value buildInfo(const Napi::CallbackInfo& info, State&) {
  auto object = Napi::Object::New(info.Env());
  object.Set("version", TORCH_VERSION);
  object.Set("config", at::show_config());
  object.Set("parallel", at::get_parallel_info());
  object.Set("cpuCapability", at::get_cpu_capability());
  object.Set("cuda", at::globalContext().hasCUDA());
  return object;
}

Napi::Value setDeterministic(const Napi::CallbackInfo& info, State&) {
  at::globalContext().setDeterministicAlgorithms(info[0].ToBoolean().Value(), /*warn_only=*/true);
  return info.Env().Undefined();
}

/** Subnormal numbers slow convolutions a hundredfold; true where the processor can flush them to zero. */
Napi::Value flushDenormals(const Napi::CallbackInfo& info, State&) {
  return Napi::Boolean::New(info.Env(), at::globalContext().setFlushDenormal(info[0].ToBoolean().Value()));
}
} // namespace

void exposeRuntime(Napi::Object exports) {
  expose<setNumThreads>(exports, "setNumThreads");
  expose<getNumThreads>(exports, "getNumThreads");
  expose<manualSeed>(exports, "manualSeed");
  expose<newGenerator>(exports, "newGenerator");
  expose<seedGenerator>(exports, "seedGenerator");
  expose<freeGenerator>(exports, "freeGenerator");
  expose<buildInfo>(exports, "buildInfo");
  expose<setDeterministic>(exports, "setDeterministic");
  expose<flushDenormals>(exports, "flushDenormals");
}
