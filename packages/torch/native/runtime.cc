/** @file Threads, random generators, and what this build of libtorch can do. */
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/native/DispatchStub.h>
#include <torch/version.h>

#include "kernels/rows.h"
#include "state.h"

namespace {
Napi::Value setNumThreads(const Napi::CallbackInfo& info, State&) {
  at::set_num_threads(static_cast<int>(integer(info[0], "the number of threads")));
  return info.Env().Undefined();
}

Napi::Value getNumThreads(const Napi::CallbackInfo& info, State&) { return Napi::Number::New(info.Env(), at::get_num_threads()); }

Napi::Value manualSeed(const Napi::CallbackInfo& info, State& state) {
  const auto seed = static_cast<uint64_t>(integer(info[0], "a seed"));
  state.ownRandom ? state.ownRandom->set_current_seed(seed) : at::manual_seed(seed);
  return info.Env().Undefined();
}

/** Gives a worker a default generator of its own: others may seed and draw meanwhile. */
Napi::Value drawApart(const Napi::CallbackInfo& info, State& state) {
  state.ownRandom = at::globalContext().defaultGenerator(at::kCPU).clone();
  state.ownRandom->seed();
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

/** Whether subnormal numbers are zeros from now on, while libtorch computes; its threads that already run are told as well. */
Napi::Value flushDenormal(const Napi::CallbackInfo& info, State&) {
  const bool on = info[0].ToBoolean().Value();
  if (floating::ZEROS == 0) return Napi::Boolean::New(info.Env(), false);
  floating::asked = on;
  const auto mine = floating::read();
  forEachOf(at::get_num_threads(), [&](int64_t) { floating::write(floating::with(floating::read(), on)); });
  floating::write(mine);
  return Napi::Boolean::New(info.Env(), true);
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
  expose<flushDenormal>(exports, "flushDenormal");
  expose<drawApart>(exports, "drawApart");
}
