/** @file Bytes between typed arrays and tensors, in one copy each way. */
#include <ATen/Functions.h>

#include "state.h"

namespace {
struct Bytes {
  void* data;
  size_t length;
};

Bytes bytesArgument(const Napi::Value& value) {
  if (value.IsTypedArray()) {
    const auto array = value.As<Napi::TypedArray>();
    return {static_cast<char*>(array.ArrayBuffer().Data()) + array.ByteOffset(), array.ByteLength()};
  }
  if (value.IsArrayBuffer()) return {value.As<Napi::ArrayBuffer>().Data(), value.As<Napi::ArrayBuffer>().ByteLength()};
  throw std::invalid_argument("the bytes of a tensor must come as a typed array");
}

/** (typed array, shape, dtype) -> a new CPU tensor. */
Napi::Value fromBytes(const Napi::CallbackInfo& info, State& state) {
  const auto bytes = bytesArgument(info[0]);
  if (!info[1].IsArray()) throw std::invalid_argument("a shape must be a list of integers");
  const auto array = info[1].As<Napi::Array>();
  std::vector<int64_t> shape;
  for (uint32_t i = 0; i < array.Length(); ++i) shape.push_back(integer(array.Get(i), "a dimension"));
  auto tensor = at::empty(shape, at::TensorOptions().dtype(static_cast<at::ScalarType>(integer(info[2], "a dtype"))));
  if (tensor.nbytes() != bytes.length)
    throw std::invalid_argument("the shape wants " + std::to_string(tensor.nbytes()) + " bytes, the data has " + std::to_string(bytes.length));
  if (bytes.length > 0) std::memcpy(tensor.mutable_data_ptr(), bytes.data, bytes.length);
  return Napi::Number::New(info.Env(), static_cast<double>(state.add(std::move(tensor))));
}

/** (tensor, typed array) fills the array with the tensor's elements in row-major order. */
Napi::Value toBytes(const Napi::CallbackInfo& info, State& state) {
  const auto tensor = tensorArgument(info, state, 0).detach().to(at::kCPU).contiguous();
  const auto bytes = bytesArgument(info[1]);
  if (tensor.nbytes() != bytes.length)
    throw std::invalid_argument("the tensor has " + std::to_string(tensor.nbytes()) + " bytes, the array " + std::to_string(bytes.length));
  if (bytes.length > 0) std::memcpy(bytes.data, tensor.const_data_ptr(), bytes.length);
  return info.Env().Undefined();
}
} // namespace

void exposeBuffers(Napi::Object exports) {
  expose<fromBytes>(exports, "fromBytes");
  expose<toBytes>(exports, "toBytes");
}
