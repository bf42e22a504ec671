/** @file Gradients, and the two modes of the thread that decide how operators run: grad mode and autocast. */
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include "state.h"

namespace {
Napi::Value requiresGrad(const Napi::CallbackInfo& info, State& state) {
  return Napi::Boolean::New(info.Env(), tensorArgument(info, state, 0).requires_grad());
}

Napi::Value setRequiresGrad(const Napi::CallbackInfo& info, State& state) {
  tensorArgument(info, state, 0).requires_grad_(info[1].ToBoolean().Value());
  return info.Env().Undefined();
}

Napi::Value isLeaf(const Napi::CallbackInfo& info, State& state) {
  return Napi::Boolean::New(info.Env(), tensorArgument(info, state, 0).is_leaf());
}

Napi::Value grad(const Napi::CallbackInfo& info, State& state) {
  return Napi::Number::New(info.Env(), static_cast<double>(state.add(tensorArgument(info, state, 0).grad())));
}

/** (tensor, gradient or 0 for none) */
Napi::Value setGrad(const Napi::CallbackInfo& info, State& state) {
  const int64_t id = integer(info[1], "a tensor's number");
  tensorArgument(info, state, 0).mutable_grad() = id == 0 ? at::Tensor() : state.tensor(id);
  return info.Env().Undefined();
}

/** (outputs, their gradients, keep the graph, build a graph of the gradients) */
Napi::Value backward(const Napi::CallbackInfo& info, State& state) {
  torch::autograd::backward(tensorList(info[0], state, "outputs"), tensorList(info[1], state, "gradients"), info[2].ToBoolean().Value(), info[3].ToBoolean().Value());
  return info.Env().Undefined();
}

/** (outputs, inputs, gradients of the outputs, keep the graph, build a graph) -> gradients of the inputs, 0 for an unused one */
Napi::Value gradients(const Napi::CallbackInfo& info, State& state) {
  const auto found = torch::autograd::grad(tensorList(info[0], state, "outputs"), tensorList(info[1], state, "inputs"),
      tensorList(info[2], state, "gradients"), info[3].ToBoolean().Value(), info[4].ToBoolean().Value(), /*allow_unused=*/true);
  auto array = Napi::Array::New(info.Env(), found.size());
  for (uint32_t i = 0; i < found.size(); ++i) array.Set(i, Napi::Number::New(info.Env(), static_cast<double>(state.add(found[i]))));
  return array;
}

/** Sets grad mode and returns what it was. */
Napi::Value setGradMode(const Napi::CallbackInfo& info, State&) {
  const bool was = at::GradMode::is_enabled();
  at::GradMode::set_enabled(info[0].ToBoolean().Value());
  return Napi::Boolean::New(info.Env(), was);
}

/** (device type, enabled, dtype) -> [was enabled, dtype that was]. The cache of cast weights is dropped, as Python does on leaving. */
Napi::Value setAutocast(const Napi::CallbackInfo& info, State&) {
  if (!info[0].IsString()) throw std::invalid_argument("a device type must be a string");
  const auto device = c10::Device(info[0].As<Napi::String>().Utf8Value()).type();
  auto was = Napi::Array::New(info.Env(), 2);
  was.Set(0u, Napi::Boolean::New(info.Env(), at::autocast::is_autocast_enabled(device)));
  was.Set(1u, Napi::Number::New(info.Env(), static_cast<int>(at::autocast::get_autocast_dtype(device))));
  at::autocast::set_autocast_enabled(device, info[1].ToBoolean().Value());
  at::autocast::set_autocast_dtype(device, static_cast<at::ScalarType>(integer(info[2], "a dtype")));
  at::autocast::clear_cache();
  at::autocast::set_autocast_cache_enabled(true);
  return was;
}
} // namespace

void exposeAutograd(Napi::Object exports) {
  expose<requiresGrad>(exports, "requiresGrad");
  expose<setRequiresGrad>(exports, "setRequiresGrad");
  expose<isLeaf>(exports, "isLeaf");
  expose<grad>(exports, "grad");
  expose<setGrad>(exports, "setGrad");
  expose<backward>(exports, "backward");
  expose<gradients>(exports, "gradients");
  expose<setGradMode>(exports, "setGradMode");
  expose<setAutocast>(exports, "setAutocast");
}
