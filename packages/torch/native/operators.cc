/**
 * @file The one door to PyTorch's operators: an operator is looked up by name and overload in the dispatcher,
 * its arguments are converted by its own schema, and it is called boxed. Autograd and autocast come along,
 * since they are layers of the same dispatcher.
 */
#include <ATen/core/jit_type.h>

#include "checked.h"
#include "values.h"

namespace {
Napi::Value operatorNames(const Napi::CallbackInfo& info, State&) {
  const auto names = c10::Dispatcher::singleton().getAllOpNames();
  auto array = Napi::Array::New(info.Env());
  uint32_t i = 0;
  for (const auto& name : names)
    if (name.name.rfind("aten::", 0) == 0) array.Set(i++, Napi::String::New(info.Env(), c10::toString(name)));
  return array;
}

/** ("aten::add", "Tensor") -> the number by which `call` knows the operator. */
Napi::Value resolve(const Napi::CallbackInfo& info, State& state) {
  if (!info[0].IsString() || !info[1].IsString()) throw std::invalid_argument("an operator's name and overload must be strings");
  const auto handle = c10::Dispatcher::singleton().findSchema({info[0].As<Napi::String>().Utf8Value(), info[1].As<Napi::String>().Utf8Value()});
  if (!handle) return info.Env().Null();
  const auto& schema = handle->schema();
  const auto& name = schema.name();
  const bool returnsSelf = schema.returns().size() == 1 && !schema.arguments().empty() && schema.arguments()[0].alias_info() &&
      schema.arguments()[0].alias_info()->isWrite() && schema.arguments()[0].type()->kind() == c10::TypeKind::TensorType;
  state.operators.push_back({*handle, returnsSelf && name.back() == '_', checksFor(*handle)});
  return Napi::Number::New(info.Env(), static_cast<double>(state.operators.size() - 1));
}

Operator& operatorArgument(const Napi::CallbackInfo& info, State& state) {
  const auto index = static_cast<size_t>(integer(info[0], "an operator's number"));
  if (index >= state.operators.size()) throw std::invalid_argument("no operator has this number");
  return state.operators[index];
}

Napi::Object describe(Napi::Env env, const c10::Argument& argument) {
  auto object = Napi::Object::New(env);
  object.Set("name", argument.name());
  object.Set("type", argument.real_type()->str());
  object.Set("hasDefault", argument.default_value().has_value());
  object.Set("kwargOnly", argument.kwarg_only());
  if (argument.N()) object.Set("length", *argument.N());
  return object;
}

Napi::Value schema(const Napi::CallbackInfo& info, State& state) {
  const auto env = info.Env();
  const auto& found = operatorArgument(info, state);
  const auto& schema = found.handle.schema();
  auto arguments = Napi::Array::New(env);
  auto returns = Napi::Array::New(env);
  for (uint32_t i = 0; i < schema.arguments().size(); ++i) arguments.Set(i, describe(env, schema.arguments()[i]));
  for (uint32_t i = 0; i < schema.returns().size(); ++i) returns.Set(i, describe(env, schema.returns()[i]));
  auto object = Napi::Object::New(env);
  object.Set("arguments", arguments);
  object.Set("returns", returns);
  object.Set("inPlace", found.inPlace);
  object.Set("writes", schema.is_mutable());
  object.Set("text", c10::toString(schema));
  return object;
}

/** (operator, ...arguments in schema order) -> the result; undefined for an in-place operator, whose result is its first argument. */
Napi::Value call(const Napi::CallbackInfo& info, State& state) {
  const auto env = info.Env();
  // A copy: a tensor converted below may not move it, but a resolve during conversion could.
  const auto [handle, inPlace, checks] = operatorArgument(info, state);
  const auto& arguments = handle.schema().arguments();
  if (info.Length() > arguments.size() + 1)
    throw std::invalid_argument("takes " + std::to_string(arguments.size()) + " arguments, got " + std::to_string(info.Length() - 1));
  torch::jit::Stack stack;
  stack.reserve(arguments.size());
  for (size_t i = 0; i < arguments.size(); ++i) stack.push_back(toIValue(info[i + 1], arguments[i], state));
  callChecked(handle, checks, stack, state);
  if (inPlace || stack.empty()) return env.Undefined();
  if (stack.size() == 1) return fromIValue(env, std::move(stack[0]), state);
  auto results = Napi::Array::New(env, stack.size());
  for (uint32_t i = 0; i < stack.size(); ++i) results.Set(i, fromIValue(env, std::move(stack[i]), state));
  return results;
}
} // namespace

void exposeOperators(Napi::Object exports) {
  expose<operatorNames>(exports, "operatorNames");
  expose<resolve>(exports, "resolve");
  expose<schema>(exports, "schema");
  expose<call>(exports, "call");
}
