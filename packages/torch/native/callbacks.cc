/**
 * @file Autograd functions and hooks that are written in JavaScript. A graph holds their numbers alone: the functions stay in
 * TypeScript (src/function.ts), which catches what they throw, and are told when no graph needs them any more.
 * Source: torch/csrc/autograd/python_function.cpp.
 */
#include "callbacks.h"

#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/saved_variable.h>
#include <torch/csrc/autograd/variable.h>

#include "floating.h"

using Tensors = std::vector<at::Tensor>;

Callbacks::Callbacks(State& state, const Napi::Function& dispatch) : state_(&state), dispatch_(Napi::Persistent(dispatch)) {}

Tensors Callbacks::run(int64_t id, const Tensors& tensors, const Tensors& saved) {
  TORCH_CHECK_NOT_IMPLEMENTED(std::this_thread::get_id() == thread_, "functions and hooks written in JavaScript run on JavaScript's own thread, and this backward pass has left it: they are for tensors on the CPU");
  TORCH_CHECK(state_ != nullptr, "the thread of this function has ended");
  const auto env = dispatch_.Env();
  const Napi::HandleScope scope(env);
  const auto numbers = [&](const Tensors& all) {
    auto array = Napi::Array::New(env, all.size());
    for (uint32_t i = 0; i < all.size(); ++i) array.Set(i, Napi::Number::New(env, static_cast<double>(state_->add(all[i]))));
    return array;
  };
  const floating::During javascript(false);
  delivered.clear();
  const auto done = dispatch_.Call({Napi::Number::New(env, static_cast<double>(id)), numbers(tensors), numbers(saved)});
  TORCH_CHECK(done.ToBoolean().Value(), "a function of JavaScript threw an error in the backward pass");
  return std::move(delivered);
}

void Callbacks::close() {
  const std::lock_guard lock(mutex_);
  state_ = nullptr;
  dispatch_.Reset();
}

Tensors::size_type constexpr MOST_RELEASED = 1 << 20; // where nobody asks any more

Callback::~Callback() {
  const std::lock_guard lock(all_->mutex_);
  if (all_->state_ != nullptr && all_->released_.size() < MOST_RELEASED) all_->released_.push_back(id_);
}

std::vector<int64_t> Callbacks::takeReleased() {
  const std::lock_guard lock(mutex_);
  return std::exchange(released_, {});
}

namespace {
namespace autograd = torch::autograd;

struct JavaScriptNode : autograd::Node {
  JavaScriptNode(std::shared_ptr<Callbacks> all, int64_t id, std::string label) : backward(std::move(all), id), label(std::move(label)) {}

  Tensors apply(Tensors&& gradients) override {
    TORCH_CHECK(!released, autograd::ERR_BACKWARD_TWICE);
    for (size_t i = 0; i < gradients.size(); ++i)
      if (!gradients[i].defined()) gradients[i] = input_metadata(i).zeros_like();
    Tensors unpacked;
    for (const auto& one : saved) unpacked.push_back(one.unpack(getptr()));
    auto results = backward(gradients, unpacked);
    TORCH_CHECK(results.size() == num_outputs(), label, ": backward must give one gradient for each of the ", num_outputs(), " inputs, got ", results.size());
    return results;
  }
  void release_variables() override {
    saved.clear();
    released = true;
  }
  std::string name() const override { return label; }

  const Callback backward;
  const std::string label;
  std::vector<autograd::SavedVariable> saved;
  bool released = false;
};

std::shared_ptr<Callbacks> callbacksOf(State& state) {
  if (!state.callbacks) throw std::invalid_argument("no dispatcher was set");
  return state.callbacks;
}

Napi::Value setDispatcher(const Napi::CallbackInfo& info, State& state) {
  if (!info[0].IsFunction()) throw std::invalid_argument("a dispatcher must be a function");
  state.callbacks = std::make_shared<Callbacks>(state, info[0].As<Napi::Function>());
  return info.Env().Undefined();
}

/** Libtorch up to 2.11 counts nodes by shared_ptr and has deleteNode for it; later ones count them by intrusive_ptr. */
template <typename Node, typename... Arguments>
auto newNode(Arguments&&... arguments) {
  if constexpr (requires(Node* node) { deleteNode(node); })
    return std::shared_ptr<Node>(new Node(std::forward<Arguments>(arguments)...), [](Node* node) { deleteNode(node); });
  else return c10::make_intrusive<Node>(std::forward<Arguments>(arguments)...);
}

/** (inputs, outputs, what is saved, function's number, name) -> the outputs with the function behind them. */
Napi::Value attach(const Napi::CallbackInfo& info, State& state) {
  const auto inputs = tensorList(info[0], state, "inputs"), saved = tensorList(info[2], state, "saved tensors");
  auto outputs = tensorList(info[1], state, "outputs");
  const auto node = newNode<JavaScriptNode>(callbacksOf(state), integer(info[3], "a function's number"), info[4].ToString().Utf8Value());
  node->set_next_edges(autograd::collect_next_edges(inputs));
  const auto bare = outputs;
  for (auto& output : outputs) {
    output = output.detach(); // a tensor of its own, which may be an input as well
    if (autograd::isDifferentiableType(output.scalar_type())) autograd::set_history(output, node);
  }
  for (const auto& tensor : saved) {
    const auto found = std::find_if(bare.begin(), bare.end(), [&](const auto& output) { return output.is_same(tensor); });
    const bool isOutput = found != bare.end() && outputs[found - bare.begin()].requires_grad();
    node->saved.emplace_back(isOutput ? outputs[found - bare.begin()] : tensor, isOutput);
  }
  auto array = Napi::Array::New(info.Env(), outputs.size());
  for (uint32_t i = 0; i < outputs.size(); ++i) array.Set(i, Napi::Number::New(info.Env(), static_cast<double>(state.add(outputs[i]))));
  return array;
}

/** What the function under way hands over; 0 stands for no gradient. */
Napi::Value deliver(const Napi::CallbackInfo& info, State& state) {
  callbacksOf(state)->delivered = tensorList(info[0], state, "gradients");
  return info.Env().Undefined();
}

/** -> numbers of the functions that no graph holds any more */
Napi::Value releasedCallbacks(const Napi::CallbackInfo& info, State& state) {
  const auto ids = callbacksOf(state)->takeReleased();
  auto array = Napi::Array::New(info.Env(), ids.size());
  for (uint32_t i = 0; i < ids.size(); ++i) array.Set(i, Napi::Number::New(info.Env(), static_cast<double>(ids[i])));
  return array;
}

/** (tensor, function's number) -> the hook's place; it is given the gradient, and hands over another or nothing. */
Napi::Value addHook(const Napi::CallbackInfo& info, State& state) {
  const auto hook = std::make_shared<Callback>(callbacksOf(state), integer(info[1], "a function's number"));
  const auto place = tensorArgument(info, state, 0).register_hook([hook](const at::Tensor& gradient) {
    const auto given = (*hook)({gradient});
    return given.empty() || !given[0].defined() ? gradient : given[0];
  });
  return Napi::Number::New(info.Env(), place);
}

Napi::Value removeHook(const Napi::CallbackInfo& info, State& state) {
  tensorArgument(info, state, 0).remove_hook(static_cast<unsigned>(integer(info[1], "a hook's place")));
  return info.Env().Undefined();
}
} // namespace

void exposeCallbacks(Napi::Object exports) {
  expose<setDispatcher>(exports, "setDispatcher");
  expose<attach>(exports, "attach");
  expose<deliver>(exports, "deliver");
  expose<releasedCallbacks>(exports, "releasedCallbacks");
  expose<addHook>(exports, "addHook");
  expose<removeHook>(exports, "removeHook");
}
