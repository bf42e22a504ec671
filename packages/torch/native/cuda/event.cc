/** @file A point in what a GPU was asked to do, for which the CPU can wait without waiting for what comes after it. */
#include <c10/core/Event.h>
#include <c10/cuda/CUDAStream.h>
#include "gpu.h"

namespace {
constexpr napi_type_tag EVENT = {0x74776f7669657731, 0x637564616576656e};

c10::Event& event(const Napi::Value& value) {
  bool ours = false;
  if (!value.IsExternal() || napi_check_object_type_tag(value.Env(), value, &EVENT, &ours) != napi_ok || !ours)
    throw std::invalid_argument("this is not an event of a GPU");
  return *value.As<Napi::External<c10::Event>>().Data();
}

/** (GPU) -> an event after all that the GPU's stream was asked so far */
Napi::Value recordEvent(const Napi::CallbackInfo& info) {
  const auto device = gpu(info);
  auto recorded = std::make_unique<c10::Event>(c10::kCUDA);
  recorded->record(c10::cuda::getCurrentCUDAStream(device).unwrap());
  auto external = Napi::External<c10::Event>::New(info.Env(), recorded.get(), [](Napi::Env, c10::Event* old) { delete old; });
  recorded.release();
  napi_type_tag_object(info.Env(), external, &EVENT);
  return external;
}

/** (event) waits until it is reached. */
Napi::Value waitForEvent(const Napi::CallbackInfo& info) {
  event(info[0]).synchronize();
  return info.Env().Undefined();
}

/** (event) -> whether it is reached */
Napi::Value eventReached(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), event(info[0]).query()); }
} // namespace

void exposeEvents(Napi::Object exports) {
  expose<recordEvent>(exports, "recordEvent");
  expose<waitForEvent>(exports, "waitForEvent");
  expose<eventReached>(exports, "eventReached");
}
