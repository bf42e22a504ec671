/**
 * @file What one JavaScript environment (the main thread, or one worker) owns: its tensors, generators and
 * resolved operators, each named towards JavaScript by a number that is never used twice. A number that is
 * unknown here is an error, so nothing that JavaScript passes can reach freed memory.
 */
#pragma once
#include "floating.h"
#include "guarded.h"
#include "mapping.h"
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/util/flat_hash_map.h>

namespace c10d {
class Reducer;
}

/** What is done around an operator's call, see checked.cc. */
enum class Checks { None, Lengths, Alike, Draws, Trusted };

struct Operator {
  c10::OperatorHandle handle;
  bool inPlace; // returns its own first argument, which JavaScript already holds
  Checks checks;
};

class Callbacks;

class State {
 public:
  explicit State(Napi::Env env) : env_(env) {}
  ~State();
  /** Takes a tensor in and returns its number; 0 stands for an undefined tensor. */
  int64_t add(at::Tensor tensor);
  int64_t add(at::Generator generator);
  int64_t add(std::shared_ptr<c10d::Reducer> reducer);
  at::Tensor& tensor(int64_t id);
  at::Generator& generator(int64_t id);
  c10d::Reducer& reducer(int64_t id);
  /** Frees a tensor; a number that is unknown (freed before) is ignored. */
  void free(int64_t id);
  /** Frees it with `object` as well, once that is collected and `sweep` is called. */
  void watch(int64_t id, Napi::Value object);
  /** Frees what was watched and is collected. @returns how many that were */
  int64_t sweep();
  void freeGenerator(int64_t id) { generators_.erase(id); }
  void freeReducer(int64_t id) { reducers_.erase(id); }
  size_t live() const { return tensors_.size(); }
  int64_t liveBytes() const { return bytes_; }
  std::vector<Operator> operators;
  /** Groups of processes by name; c10d's own registry does not hold them. */
  std::unordered_map<std::string, std::shared_ptr<void>> groups;
  /** Functions of JavaScript that graphs hold. */
  std::shared_ptr<Callbacks> callbacks;
  /** The default random generator of a worker; that of the main thread is libtorch's. */
  std::optional<at::Generator> ownRandom;

 private:
  struct Entry {
    at::Tensor tensor;
    int64_t bytes; // counted for it; 0 for a view of a storage that another entry counts
    napi_ref watched; // weak, or null; ends with the environment at the latest
  };
  void account(int64_t delta);
  Napi::Env env_;
  int64_t next_ = 1;
  int64_t bytes_ = 0;
  int64_t unreported_ = 0;
  ska::flat_hash_map<int64_t, Entry> tensors_;
  std::unordered_map<int64_t, at::Generator> generators_;
  std::unordered_map<int64_t, std::shared_ptr<c10d::Reducer>> reducers_;
};

using Method = Napi::Value (*)(const Napi::CallbackInfo&, State&);

template <Method method>
Napi::Value withState(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const floating::During libtorch;
    const auto result = method(info, *info.Env().GetInstanceData<State>());
    requireMapped();
    return result;
  });
}

template <Method method>
void expose(Napi::Object exports, const char* name) {
  exports.Set(name, Napi::Function::New<withState<method>>(exports.Env(), name));
}

int64_t integer(const Napi::Value& value, const char* what);
at::Tensor& tensorArgument(const Napi::CallbackInfo& info, State& state, size_t index);
/** Nothing for the number 0. */
std::optional<at::Tensor> optionalTensor(const Napi::CallbackInfo& info, State& state, size_t index);
std::vector<at::Tensor> tensorList(const Napi::Value& value, State& state, const char* what);

void exposeOperators(Napi::Object exports);
void exposeTensors(Napi::Object exports);
void exposeBuffers(Napi::Object exports);
void exposeAutograd(Napi::Object exports);
void exposeMemory(Napi::Object exports);
void exposeRuntime(Napi::Object exports);
void exposeDistributed(Napi::Object exports);
void exposeSyncBatchNorm(Napi::Object exports);
void exposeFusedBatchNorm(Napi::Object exports);
void exposeWinograd(Napi::Object exports);
void exposeProfile(Napi::Object exports);
void exposeCallbacks(Napi::Object exports);
void exposeMapping(Napi::Object exports);

// What is left of an environment that ends, in the middle of anything.
void leaveGroups(State& state);
void endProfile(const State& state);
