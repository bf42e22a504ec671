/** @file What a tensor says of itself, and when it is freed. */
#include <ATen/Functions.h>

#include "state.h"

namespace {
/** 2^53 - 1: larger integers come as a BigInt. */
constexpr int64_t EXACT = 9007199254740991;

Napi::Array numbers(Napi::Env env, at::IntArrayRef values) {
  auto array = Napi::Array::New(env, values.size());
  for (uint32_t i = 0; i < values.size(); ++i) array.Set(i, Napi::Number::New(env, static_cast<double>(values[i])));
  return array;
}

Napi::Value shape(const Napi::CallbackInfo& info, State& state) { return numbers(info.Env(), tensorArgument(info, state, 0).sizes()); }

Napi::Value strides(const Napi::CallbackInfo& info, State& state) { return numbers(info.Env(), tensorArgument(info, state, 0).strides()); }

Napi::Value dtype(const Napi::CallbackInfo& info, State& state) {
  return Napi::Number::New(info.Env(), static_cast<int>(tensorArgument(info, state, 0).scalar_type()));
}

Napi::Value device(const Napi::CallbackInfo& info, State& state) {
  return Napi::String::New(info.Env(), tensorArgument(info, state, 0).device().str());
}

Napi::Value numel(const Napi::CallbackInfo& info, State& state) {
  return Napi::Number::New(info.Env(), static_cast<double>(tensorArgument(info, state, 0).numel()));
}

Napi::Value isContiguous(const Napi::CallbackInfo& info, State& state) {
  return Napi::Boolean::New(info.Env(), tensorArgument(info, state, 0).is_contiguous(static_cast<at::MemoryFormat>(integer(info[1], "a memory format"))));
}

Napi::Value item(const Napi::CallbackInfo& info, State& state) {
  const auto scalar = tensorArgument(info, state, 0).item();
  if (scalar.isBoolean()) return Napi::Boolean::New(info.Env(), scalar.toBool());
  if (!scalar.isIntegral(false)) return Napi::Number::New(info.Env(), scalar.toDouble());
  if (scalar.type() == at::kUInt64) { // up to 2^64 - 1
    const auto number = scalar.toUInt64();
    return number <= EXACT ? Napi::Value(Napi::Number::New(info.Env(), static_cast<double>(number))) : Napi::BigInt::New(info.Env(), number);
  }
  const auto number = scalar.toLong();
  return std::abs(number) <= EXACT ? Napi::Value(Napi::Number::New(info.Env(), static_cast<double>(number))) : Napi::BigInt::New(info.Env(), number);
}

/** The value of a CPU tensor of one element. Unlike item it never waits for a device, since it refuses every other tensor. */
Napi::Value hostValue(const Napi::CallbackInfo& info, State& state) {
  const auto& tensor = tensorArgument(info, state, 0);
  TORCH_CHECK(tensor.is_cpu(), "the value of a tensor on ", tensor.device(), " cannot be read without waiting for it");
  return Napi::Number::New(info.Env(), tensor.item().toDouble());
}

/** Takes one number or a list of them. */
Napi::Value free(const Napi::CallbackInfo& info, State& state) {
  if (info[0].IsArray()) {
    const auto array = info[0].As<Napi::Array>();
    for (uint32_t i = 0; i < array.Length(); ++i) state.free(integer(array.Get(i), "a tensor's number"));
  } else {
    state.free(integer(info[0], "a tensor's number"));
  }
  return info.Env().Undefined();
}

/** (a tensor's number, its object) */
Napi::Value watch(const Napi::CallbackInfo& info, State& state) {
  state.watch(integer(info[0], "a tensor's number"), info[1]);
  return info.Env().Undefined();
}

Napi::Value sweep(const Napi::CallbackInfo& info, State& state) { return Napi::Number::New(info.Env(), static_cast<double>(state.sweep())); }

Napi::Value live(const Napi::CallbackInfo& info, State& state) { return Napi::Number::New(info.Env(), static_cast<double>(state.live())); }

Napi::Value liveBytes(const Napi::CallbackInfo& info, State& state) {
  return Napi::Number::New(info.Env(), static_cast<double>(state.liveBytes()));
}
} // namespace

void exposeTensors(Napi::Object exports) {
  expose<shape>(exports, "shape");
  expose<strides>(exports, "strides");
  expose<dtype>(exports, "dtype");
  expose<device>(exports, "device");
  expose<numel>(exports, "numel");
  expose<isContiguous>(exports, "isContiguous");
  expose<item>(exports, "item");
  expose<hostValue>(exports, "hostValue");
  expose<free>(exports, "free");
  expose<watch>(exports, "watch");
  expose<sweep>(exports, "sweep");
  expose<live>(exports, "live");
  expose<liveBytes>(exports, "liveBytes");
}
