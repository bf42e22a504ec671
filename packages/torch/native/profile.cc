/** @file Where time goes: each operator's own time, that of the operators inside it left out, gathered by operator and shapes. */
#include <ATen/record_function.h>
#include <chrono>

#include "state.h"

namespace {
using Clock = std::chrono::steady_clock;

struct Entry {
  std::string name;
  std::string dtype;
  std::vector<std::vector<int64_t>> inputs, outputs;
  int64_t calls = 0, nanoseconds = 0, bytes = 0;
};

struct Running : at::ObserverContext {
  std::string key;
  Entry about;
  Clock::time_point since;
  int64_t inner = 0; // nanoseconds of the operators inside
};

std::mutex mutex;
std::map<std::string, Entry> entries;
std::optional<at::CallbackHandle> callback;
const State* owner = nullptr; // who takes the profile
thread_local std::vector<Running*> stack;

template <typename Values>
void describe(const Values& values, std::vector<std::vector<int64_t>>& shapes, Running& running) {
  const auto one = [&](const at::Tensor& tensor) {
    if (!tensor.defined()) return;
    shapes.push_back(tensor.sizes().vec());
    running.about.bytes += static_cast<int64_t>(tensor.nbytes());
    if (running.about.dtype.empty()) running.about.dtype = c10::toString(tensor.scalar_type());
    for (const int64_t size : shapes.back()) running.key += std::to_string(size) + ',';
    running.key += ';';
  };
  for (const auto& value : values) {
    if (value.isTensor()) one(value.toTensor());
    else if (value.isTensorList()) for (const at::Tensor& tensor : value.toTensorVector()) one(tensor);
  }
}

std::unique_ptr<at::ObserverContext> began(const at::RecordFunction& function) {
  auto running = std::make_unique<Running>();
  running->about.name = function.name();
  describe(function.inputs(), running->about.inputs, *running);
  running->key = running->about.name + running->about.dtype + running->key;
  stack.push_back(running.get());
  running->since = Clock::now();
  return running;
}

void ended(const at::RecordFunction& function, at::ObserverContext* context) {
  auto& running = *static_cast<Running*>(context);
  const int64_t whole = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - running.since).count();
  describe(function.outputs(), running.about.outputs, running);
  if (!stack.empty()) stack.pop_back();
  if (!stack.empty()) stack.back()->inner += whole;
  const std::lock_guard<std::mutex> lock(mutex);
  if (owner == nullptr) return;
  auto& entry = entries.try_emplace(running.key, running.about).first->second;
  entry.calls += 1;
  entry.nanoseconds += whole - running.inner;
}

void stop() {
  if (callback.has_value()) at::removeCallback(*callback);
  callback.reset();
  owner = nullptr;
}

Napi::Value startProfile(const Napi::CallbackInfo& info, State& state) {
  const std::lock_guard<std::mutex> lock(mutex);
  if (owner != nullptr) throw std::invalid_argument("a profile is being taken already");
  entries.clear();
  owner = &state;
  callback = at::addGlobalCallback(
      at::RecordFunctionCallback(began, ended).needsInputs(true).needsOutputs(true).scopes({at::RecordScope::FUNCTION}));
  return info.Env().Undefined();
}

/** -> [[name, dtype, shapes of the inputs, of the outputs, calls, seconds, bytes of one call], ...] */
Napi::Value stopProfile(const Napi::CallbackInfo& info, State& state) {
  std::map<std::string, Entry> taken;
  {
    const std::lock_guard<std::mutex> lock(mutex);
    if (owner != &state) throw std::invalid_argument("no profile is being taken by this thread");
    stop();
    taken.swap(entries); // other threads may still end an operator that they began before
  }
  const auto env = info.Env();
  const auto list = [&](const auto& values, auto convert) {
    auto array = Napi::Array::New(env, values.size());
    for (uint32_t i = 0; i < values.size(); ++i) array.Set(i, convert(values[i]));
    return array;
  };
  const auto shapes = [&](const std::vector<std::vector<int64_t>>& all) {
    return list(all, [&](const auto& shape) { return list(shape, [&](int64_t size) { return Napi::Number::New(env, size); }); });
  };
  auto rows = Napi::Array::New(env);
  for (const auto& [key, entry] : taken) {
    auto row = Napi::Array::New(env, 7);
    row.Set(0u, entry.name);
    row.Set(1u, entry.dtype);
    row.Set(2u, shapes(entry.inputs));
    row.Set(3u, shapes(entry.outputs));
    row.Set(4u, Napi::Number::New(env, entry.calls));
    row.Set(5u, Napi::Number::New(env, entry.nanoseconds / 1e9));
    row.Set(6u, Napi::Number::New(env, entry.bytes));
    rows.Set(rows.Length(), row);
  }
  return rows;
}
} // namespace

void endProfile(const State& state) {
  const std::lock_guard<std::mutex> lock(mutex);
  if (owner == &state) stop();
}

void exposeProfile(Napi::Object exports) {
  expose<startProfile>(exports, "startProfile");
  expose<stopProfile>(exports, "stopProfile");
}
