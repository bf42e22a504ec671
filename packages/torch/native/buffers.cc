/** @file Bytes between typed arrays and tensors, in one copy each way; and bytes of files that will be wanted soon. */
#include <ATen/Functions.h>
#include <sys/mman.h>
#include <unistd.h>

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
  if (!info[1].IsArray()) throw std::invalid_argument("a shape must be a list of integers");
  const auto array = info[1].As<Napi::Array>();
  std::vector<int64_t> shape;
  for (uint32_t i = 0; i < array.Length(); ++i) shape.push_back(integer(array.Get(i), "a dimension"));
  auto tensor = at::empty(shape, at::TensorOptions().dtype(static_cast<at::ScalarType>(integer(info[2], "a dtype"))));
  const auto bytes = bytesArgument(info[0]); // last: reading a shape can run code that shrinks the array
  if (tensor.nbytes() != bytes.length)
    throw std::invalid_argument("the shape wants " + std::to_string(tensor.nbytes()) + " bytes, the data has " + std::to_string(bytes.length));
  if (bytes.length > 0) std::memcpy(tensor.mutable_data_ptr(), bytes.data, bytes.length);
  return Napi::Number::New(info.Env(), static_cast<double>(state.add(std::move(tensor))));
}

/** (tensor, typed array) fills the array with the tensor's elements in row-major order. */
Napi::Value toBytes(const Napi::CallbackInfo& info, State& state) {
  auto tensor = tensorArgument(info, state, 0).detach();
  if (tensor.layout() != at::kStrided) tensor = tensor.to_dense();
  tensor = tensor.to(at::kCPU).resolve_conj().resolve_neg();
  tensor = tensor._is_zerotensor() ? at::zeros(tensor.sizes(), tensor.options()) : tensor.contiguous();
  const auto bytes = bytesArgument(info[1]);
  if (tensor.nbytes() != bytes.length)
    throw std::invalid_argument("the tensor has " + std::to_string(tensor.nbytes()) + " bytes, the array " + std::to_string(bytes.length));
  if (bytes.length > 0) std::memcpy(bytes.data, tensor.const_data_ptr(), bytes.length);
  return info.Env().Undefined();
}
/** (tensor, its rows [N] int64) asks the system to have the pages of these rows in memory soon, and does not wait for them. */
Napi::Value willNeed(const Napi::CallbackInfo& info, State& state) {
  const auto& tensor = tensorArgument(info, state, 0);
  const auto& rows = tensorArgument(info, state, 1);
  TORCH_CHECK(tensor.is_cpu() && tensor.is_contiguous() && tensor.dim() > 0, "rows that will be needed must be those of a contiguous tensor on the CPU");
  TORCH_CHECK(rows.is_cpu() && rows.scalar_type() == at::kLong && rows.dim() == 1, "rows must be [N] int64");
  const auto asked = rows.contiguous();
  const auto* const first = static_cast<const char*>(tensor.const_data_ptr());
  const auto bytes = tensor.stride(0) * static_cast<int64_t>(tensor.itemsize());
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  for (int64_t i = 0; i < asked.numel(); ++i) {
    const auto row = asked.const_data_ptr<int64_t>()[i];
    TORCH_CHECK_INDEX(row >= 0 && row < tensor.size(0), "row ", row, " is not among the ", tensor.size(0));
    const auto begin = reinterpret_cast<uintptr_t>(first + row * bytes), from = begin / page * page;
    madvise(reinterpret_cast<void*>(from), begin + bytes - from, MADV_WILLNEED); // a hint: where it fails, nothing is lost
  }
  return info.Env().Undefined();
}
} // namespace

void exposeBuffers(Napi::Object exports) {
  expose<fromBytes>(exports, "fromBytes");
  expose<toBytes>(exports, "toBytes");
  expose<willNeed>(exports, "willNeed");
}
