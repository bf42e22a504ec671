/** @file Processes that train together: the group, and the reducer that averages gradients while the backward pass runs. */
#define USE_C10D_GLOO
#include <torch/csrc/distributed/c10d/GroupRegistry.hpp>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <torch/csrc/distributed/c10d/reducer.hpp>
#include <torch/version.h>

#include "group.h"
#include "state.h"

namespace {
std::string text(const Napi::Object& options, const char* name) {
  const Napi::Value value = options.Get(name);
  if (!value.IsString()) throw std::invalid_argument(std::string(name) + " must be a string");
  return value.As<Napi::String>().Utf8Value();
}

/**
 * ({ name, host, port, rank, size, timeout, interface }). The process of rank 0 keeps the store in which all find each other. Waits
 * until all are there, `timeout` milliseconds at most, which is also how long a collective may take.
 */
Napi::Value joinGroup(const Napi::CallbackInfo& info, State& state) {
  const auto options = info[0].ToObject();
  const auto number = [&](const char* name) { return integer(options.Get(name), name); };
  const auto rank = static_cast<int>(number("rank"));
  const auto size = static_cast<int>(number("size"));
  const auto timeout = std::chrono::milliseconds(number("timeout"));

  c10d::TCPStoreOptions storeOptions;
  storeOptions.port = static_cast<uint16_t>(number("port"));
  storeOptions.isServer = rank == 0;
  storeOptions.numWorkers = size;
  storeOptions.timeout = timeout;
  c10::intrusive_ptr<c10d::Store> store = c10::make_intrusive<c10d::TCPStore>(text(options, "host"), storeOptions);

  auto glooOptions = c10d::ProcessGroupGloo::Options::create(timeout);
  const auto interface = text(options, "interface");
  glooOptions->devices.push_back(interface.empty() ? c10d::ProcessGroupGloo::createDefaultDevice()
                                                   : c10d::ProcessGroupGloo::createDeviceForInterface(interface));
  auto gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(c10::make_intrusive<c10d::PrefixStore>("gloo", store), rank, size, glooOptions);

  auto group = c10::make_intrusive<c10d::ProcessGroup>(store, rank, size);
  group->setBackend(c10::DeviceType::CPU, c10d::ProcessGroup::BackendType::GLOO, gloo);
  group->setDefaultBackend(c10d::ProcessGroup::BackendType::GLOO);
  group->setGroupName(text(options, "name"));
  c10d::register_process_group(text(options, "name"), group);
  state.groups[text(options, "name")] = std::make_shared<c10::intrusive_ptr<c10d::ProcessGroup>>(group);
  return info.Env().Undefined();
}

Napi::Value leaveGroup(const Napi::CallbackInfo& info, State& state) {
  const auto name = info[0].ToString().Utf8Value();
  if (state.groups.erase(name) > 0) c10d::unregister_process_group(name);
  return info.Env().Undefined();
}

/** (group, what, dtype, shape) asks all processes whether they are about to exchange the same. */
Napi::Value agreeOn(const Napi::CallbackInfo& info, State&) {
  Offer offer{static_cast<Exchange>(integer(info[1], "an exchange")), integer(info[2], "a dtype"), {}};
  const auto shape = info[3].As<Napi::Array>();
  for (uint32_t i = 0; i < shape.Length(); ++i) offer.shape.push_back(integer(shape.Get(i), "a dimension"));
  agree(info[0].ToString().Utf8Value(), offer);
  return info.Env().Undefined();
}

/** (parameters, group, bytes of a bucket, bytes of the first one) -> the number of a new reducer. As torch.nn.parallel.DistributedDataParallel. */
Napi::Value newReducer(const Napi::CallbackInfo& info, State& state) {
  auto parameters = tensorList(info[0], state, "parameters");
  const auto group = c10d::resolve_process_group(info[1].ToString().Utf8Value());
  const int64_t bytes = integer(info[2], "the size of a bucket");
  const int64_t first = integer(info[3], "the size of the first bucket");
  c10d::verify_params_across_processes(group, parameters, std::nullopt);
  const std::vector<bool> sparse(parameters.size(), false);
  auto [buckets, limits] =
      c10d::compute_bucket_assignment_by_size(parameters, {static_cast<size_t>(first), static_cast<size_t>(bytes)}, sparse);
  std::reverse(buckets.begin(), buckets.end()); // gradients of the last layers come first
  auto reducer = std::make_shared<c10d::Reducer>(std::move(parameters), std::move(buckets), group, sparse, bytes,
      /*find_unused_parameters=*/false, /*gradient_as_bucket_view=*/false, std::unordered_map<size_t, std::string>(), first,
      /*skip_all_reduce_unused_params=*/false, /*use_python_reducer=*/false
#if TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR > 10
      , std::vector<int64_t>()
#endif
  );
  return Napi::Number::New(info.Env(), static_cast<double>(state.add(std::move(reducer))));
}

/** The next backward pass is to average gradients. */
Napi::Value prepareReducer(const Napi::CallbackInfo& info, State& state) {
  auto& reducer = state.reducer(integer(info[0], "a reducer's number"));
  reducer.rebuild_buckets(); // once, in the order in which the first backward pass was done
  reducer.prepare_for_backward({});
  return info.Env().Undefined();
}

Napi::Value freeReducer(const Napi::CallbackInfo& info, State& state) {
  state.freeReducer(integer(info[0], "a reducer's number"));
  return info.Env().Undefined();
}
} // namespace

void leaveGroups(State& state) {
  for (const auto& [name, group] : state.groups) c10d::unregister_process_group(name);
  state.groups.clear();
}

void exposeDistributed(Napi::Object exports) {
  expose<joinGroup>(exports, "joinGroup");
  expose<leaveGroup>(exports, "leaveGroup");
  expose<agreeOn>(exports, "agreeOn");
  expose<newReducer>(exports, "newReducer");
  expose<prepareReducer>(exports, "prepareReducer");
  expose<freeReducer>(exports, "freeReducer");
}
