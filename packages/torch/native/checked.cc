/**
 * @file An operator's call with what libtorch forgets around it: lists of tensors that must run in step, and the random generator
 * of a worker.
 */
#include "checked.h"

#include <ATen/Context.h>
#include <ATen/core/enum_tag.h>
#include <ATen/ops/empty_like.h>

namespace {
bool isTensorList(const c10::Argument& argument) { return argument.type()->isSubtypeOf(*c10::ListType::ofTensors()); }

/** Autograd's half of the foreach operators reads all lists by the length of the first, before the kernels look at them. */
void requireEqualLengths(const c10::FunctionSchema& schema, const torch::jit::Stack& stack) {
  size_t wanted = 0;
  const c10::Argument* first = nullptr;
  for (size_t i = 0; i < stack.size(); ++i) {
    const auto& argument = schema.arguments()[i];
    if (!stack[i].isList() || (argument.N() && !isTensorList(argument))) continue;
    const size_t length = stack[i].toListRef().size();
    if (first == nullptr) first = &argument, wanted = length;
    TORCH_CHECK(length == wanted, "the lists must have the same length: '", first->name(), "' has ", wanted, ", '", argument.name(), "' has ", length);
  }
}

/** Whether every number lies where its partner does; the stride of a side of one number says nothing. */
bool liesAlike(const at::Tensor& a, const at::Tensor& b) {
  for (int64_t i = 0; i < a.dim(); ++i) {
    if (a.size(i) > 1 && a.stride(i) != b.stride(i)) return false;
  }
  return true;
}

/** The kernels of fused optimizers read each tensor by its first address and the parameter's size. */
void requireAlike(const c10::FunctionSchema& schema, torch::jit::Stack& stack) {
  const auto parameters = stack[0].toTensorVector();
  for (size_t i = 1; i < stack.size(); ++i) {
    const auto& argument = schema.arguments()[i];
    if (!isTensorList(argument)) continue;
    auto tensors = stack[i].toTensorList();
    const bool optional = argument.name() == "momentum_buffer_list" || argument.name() == "max_exp_avg_sqs";
    if (optional && tensors.empty()) continue;
    TORCH_CHECK(tensors.size() == parameters.size(), "'", argument.name(), "' must hold ", parameters.size(), " tensors, as '", schema.arguments()[0].name(), "' does; got ", tensors.size());
    for (size_t j = 0; j < parameters.size(); ++j) {
      const at::Tensor tensor = tensors.get(j);
      const auto& parameter = parameters[j];
      const auto say = [&] { return c10::str("'", argument.name(), "'[", j, "] "); };
      TORCH_CHECK(tensor.layout() == at::kStrided && parameter.layout() == at::kStrided && tensor.is_meta() == parameter.is_meta(), say(), "and its parameter must be strided, on one device");
      if (argument.name() == "state_steps") {
        TORCH_CHECK(tensor.numel() == 1 && tensor.scalar_type() == at::kFloat, say(), "must be one number of float32, got ", tensor.sizes(), " of ", tensor.scalar_type());
        continue;
      }
      TORCH_CHECK(tensor.sizes() == parameter.sizes() && tensor.scalar_type() == parameter.scalar_type() && tensor.device() == parameter.device(), say(), "must be as its parameter, ", parameter.sizes(), " of ", parameter.scalar_type(), "; got ", tensor.sizes(), " of ", tensor.scalar_type());
      TORCH_CHECK(parameter.is_non_overlapping_and_dense() || parameter.is_meta(), "parameter ", j, " has gaps between its numbers, or numbers that lie on each other");
      if (liesAlike(tensor, parameter)) continue;
      TORCH_CHECK(argument.name() == "grads", say(), "must lie in memory as its parameter does");
      tensors.set(j, at::empty_like(parameter).copy_(tensor));
    }
  }
}

/** Of the first of these operators that a thread meets: whether it draws from the default generator. */
bool draws(const c10::OperatorHandle& handle) { return handle.hasTag(at::Tag::nondeterministic_seeded); }

std::mutex drawing;

/** While it lives, the default generator of libtorch, which all threads share, goes on where this worker's own one stands. */
class Own {
 public:
  explicit Own(State& state) : lock_(drawing), shared_(at::globalContext().defaultGenerator(at::kCPU)), own_(state.ownRandom) {
    if (own_) exchange();
  }
  ~Own() {
    if (own_) exchange();
  }

 private:
  void exchange() {
    const auto state = shared_.get_state();
    shared_.set_state(own_->get_state());
    own_->set_state(state);
  }
  const std::lock_guard<std::mutex> lock_;
  at::Generator shared_;
  std::optional<at::Generator>& own_;
};
/** Sparse tensors that we make ourselves, with columns in an order that libtorch's check refuses and its products do not mind. */
bool isTrusted(const std::string& name) { return name.rfind("aten::_sparse_", 0) == 0 && name.ends_with("_unsafe"); }

class Trusting {
 public:
  Trusting() { at::globalContext().setCheckSparseTensorInvariants(false); }
  ~Trusting() { at::globalContext().setCheckSparseTensorInvariants(true); }
};
} // namespace

Checks checksFor(const c10::OperatorHandle& handle) {
  const auto& name = handle.schema().name();
  if (name.rfind("aten::_foreach_", 0) == 0) return Checks::Lengths;
  if (name.rfind("aten::_fused_", 0) == 0 && !handle.schema().arguments().empty() && isTensorList(handle.schema().arguments()[0])) return Checks::Alike;
  if (isTrusted(name)) return Checks::Trusted;
  return draws(handle) ? Checks::Draws : Checks::None;
}

void callChecked(const c10::OperatorHandle& handle, Checks checks, torch::jit::Stack& stack, State& state) {
  if (checks == Checks::Lengths) requireEqualLengths(handle.schema(), stack);
  if (checks == Checks::Alike) requireAlike(handle.schema(), stack);
  std::optional<Own> own;
  if (checks == Checks::Draws) own.emplace(state);
  std::optional<Trusting> trusting;
  if (checks == Checks::Trusted) trusting.emplace();
  handle.callBoxed(stack);
}
