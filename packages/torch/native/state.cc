/** @file See state.h. */
#include "state.h"

#include "callbacks.h"

namespace {
// V8 may collect at every report, so small changes are gathered first.
constexpr int64_t kReportBytes = 32 << 20;
} // namespace

State::~State() {
  endProfile(*this);
  leaveGroups(*this);
  if (callbacks) callbacks->close();
}

int64_t State::add(at::Tensor tensor) {
  if (!tensor.defined()) return 0;
  // V8 collects when much of the machine's memory hangs on its objects. What lies on a GPU is none of that, and a meta tensor is nothing.
  const bool owns = tensor.is_cpu() && tensor.has_storage() && tensor.storage().use_count() == 1;
  const int64_t bytes = owns ? static_cast<int64_t>(tensor.storage().nbytes()) : 0;
  const int64_t id = next_++;
  tensors_.emplace(id, Entry{std::move(tensor), bytes, nullptr});
  account(bytes);
  return id;
}

int64_t State::add(at::Generator generator) {
  const int64_t id = next_++;
  generators_.emplace(id, std::move(generator));
  return id;
}

int64_t State::add(std::shared_ptr<c10d::Reducer> reducer) {
  const int64_t id = next_++;
  reducers_.emplace(id, std::move(reducer));
  return id;
}

at::Tensor& State::tensor(int64_t id) {
  const auto found = tensors_.find(id);
  if (found == tensors_.end()) throw std::invalid_argument("this tensor was disposed, or belongs to another thread");
  return found->second.tensor;
}

at::Generator& State::generator(int64_t id) {
  const auto found = generators_.find(id);
  if (found == generators_.end()) throw std::invalid_argument("this generator was disposed, or belongs to another thread");
  return found->second;
}

c10d::Reducer& State::reducer(int64_t id) {
  const auto found = reducers_.find(id);
  if (found == reducers_.end()) throw std::invalid_argument("this reducer was disposed, or belongs to another thread");
  return *found->second;
}

void State::free(int64_t id) {
  const auto found = tensors_.find(id);
  if (found == tensors_.end()) return;
  account(-found->second.bytes);
  if (found->second.watched != nullptr) napi_delete_reference(env_, found->second.watched);
  tensors_.erase(found);
}

void State::watch(int64_t id, Napi::Value object) {
  const auto found = tensors_.find(id);
  if (found == tensors_.end() || found->second.watched != nullptr) return;
  napi_create_reference(env_, object, 0, &found->second.watched);
}

int64_t State::sweep() {
  std::vector<int64_t> dead;
  const Napi::HandleScope scope(env_);
  for (const auto& [id, entry] : tensors_) {
    napi_value object = nullptr;
    if (entry.watched != nullptr && napi_get_reference_value(env_, entry.watched, &object) == napi_ok && object == nullptr) dead.push_back(id);
  }
  for (const int64_t id : dead) free(id);
  return static_cast<int64_t>(dead.size());
}

void State::account(int64_t delta) {
  bytes_ += delta;
  unreported_ += delta;
  if (std::abs(unreported_) < kReportBytes) return;
  Napi::MemoryManagement::AdjustExternalMemory(env_, unreported_);
  unreported_ = 0;
}

int64_t integer(const Napi::Value& value, const char* what) {
  if (value.IsBigInt()) {
    bool lossless = false;
    const int64_t number = value.As<Napi::BigInt>().Int64Value(&lossless);
    if (!lossless) throw std::invalid_argument(std::string(what) + " does not fit into 64 bits");
    return number;
  }
  if (!value.IsNumber()) throw std::invalid_argument(std::string(what) + " must be an integer");
  const double number = value.As<Napi::Number>().DoubleValue();
  if (number != std::floor(number) || std::abs(number) > 9007199254740992.0)
    throw std::invalid_argument(std::string(what) + " must be an integer, got " + std::to_string(number));
  return static_cast<int64_t>(number);
}

at::Tensor& tensorArgument(const Napi::CallbackInfo& info, State& state, size_t index) {
  return state.tensor(integer(info[index], "a tensor's number"));
}

std::optional<at::Tensor> optionalTensor(const Napi::CallbackInfo& info, State& state, size_t index) {
  const int64_t id = integer(info[index], "a tensor's number");
  if (id == 0) return std::nullopt;
  return state.tensor(id);
}

std::vector<at::Tensor> tensorList(const Napi::Value& value, State& state, const char* what) {
  if (!value.IsArray()) throw std::invalid_argument(std::string(what) + " must be a list of tensors");
  const auto array = value.As<Napi::Array>();
  std::vector<at::Tensor> tensors;
  for (uint32_t i = 0; i < array.Length(); ++i) {
    const int64_t id = integer(array.Get(i), "a tensor's number");
    tensors.push_back(id == 0 ? at::Tensor() : state.tensor(id));
  }
  return tensors;
}
