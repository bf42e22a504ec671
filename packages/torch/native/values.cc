/** @file See values.h. */
#include "values.h"

#include <ATen/core/jit_type.h>

namespace {
using Kind = c10::TypeKind;

[[noreturn]] void refuse(const c10::Argument& argument, const Napi::Value& value, const std::string& wanted) {
  static const char* const names[] = {"undefined", "null", "a boolean", "a number", "a string", "a symbol", "an object", "a function", "an external", "a bigint"};
  throw std::invalid_argument("argument '" + argument.name() + "' must be " + wanted + ", got " + (value.IsArray() ? "a list of " + std::to_string(value.As<Napi::Array>().Length()) : names[value.Type()]));
}

/** 2^53: no memory is so large, and kernels multiply what they are given without looking. A slice may end at any number. */
constexpr int64_t MOST = int64_t{1} << 53;

int64_t toInt(const Napi::Value& value, const c10::Argument& argument) {
  // Most are small whole numbers: one question to JavaScript instead of four.
  double number;
  if (napi_get_value_double(value.Env(), value, &number) == napi_ok && std::abs(number) < 1e9 && number == static_cast<int64_t>(number))
    return static_cast<int64_t>(number);
  if (!value.IsNumber() && !value.IsBigInt()) refuse(argument, value, "an integer");
  const int64_t whole = integer(value, ("argument '" + argument.name() + "'").c_str());
  const bool isEnd = argument.name() == "end" || argument.name() == "start";
  if ((whole > MOST || whole < -MOST) && !isEnd) refuse(argument, value, "an integer up to 2^53 in size");
  return whole;
}

double toDouble(const Napi::Value& value, const c10::Argument& argument) {
  if (!value.IsNumber()) refuse(argument, value, "a number");
  return value.As<Napi::Number>().DoubleValue();
}

bool toBool(const Napi::Value& value, const c10::Argument& argument) {
  if (!value.IsBoolean()) refuse(argument, value, "a boolean");
  return value.As<Napi::Boolean>().Value();
}

std::string toString(const Napi::Value& value, const c10::Argument& argument) {
  if (!value.IsString()) refuse(argument, value, "a string");
  return value.As<Napi::String>().Utf8Value();
}

at::Tensor toTensor(const Napi::Value& value, const c10::Argument& argument, State& state) {
  double id;
  if (napi_get_value_double(value.Env(), value, &id) != napi_ok) refuse(argument, value, "a tensor");
  const bool whole = std::abs(id) < 9e15 && id == std::floor(id);
  return state.tensor(whole ? static_cast<int64_t>(id) : -1); // -1 is nobody's number
}

/** A whole number is an integer scalar: JavaScript has one number type, and PyTorch promotes integers to floats anyway. */
c10::IValue toScalar(const Napi::Value& value, const c10::Argument& argument) {
  if (value.IsBoolean()) return value.As<Napi::Boolean>().Value();
  if (value.IsBigInt()) return integer(value, ("argument '" + argument.name() + "'").c_str());
  const double number = toDouble(value, argument);
  const bool whole = number == std::floor(number) && std::abs(number) < 9e15;
  return whole ? c10::IValue(static_cast<int64_t>(number)) : c10::IValue(number);
}

/** `int[2]` takes one or two elements, and none where that is its default; PyTorch's int[1] means any number. */
void requireLength(uint32_t length, const c10::Argument& argument, const Napi::Value& value) {
  if (argument.N().value_or(1) < 2 || length == 1 || length == static_cast<uint32_t>(*argument.N())) return;
  const auto& fallback = argument.default_value();
  if (length == 0 && fallback && fallback->isList() && fallback->toListRef().empty()) return;
  refuse(argument, value, "a list of " + std::to_string(*argument.N()));
}

template <typename T, typename Convert>
c10::IValue toList(const Napi::Value& value, const c10::Argument& argument, const char* wanted, Convert convert) {
  c10::List<T> list;
  if (!value.IsArray()) {
    // PyTorch's int[2] takes one number for both.
    if (!argument.N() || !value.IsNumber()) refuse(argument, value, wanted);
    for (int32_t i = 0; i < *argument.N(); ++i) list.push_back(convert(value));
    return list;
  }
  const auto array = value.As<Napi::Array>();
  const uint32_t length = array.Length();
  requireLength(length, argument, value);
  for (uint32_t i = 0; i < length; ++i) list.push_back(convert(array.Get(i)));
  // As with a bare number; many kernels read N elements unasked.
  if (length == 1 && argument.N())
    for (int32_t i = 1; i < *argument.N(); ++i) list.push_back(convert(array.Get(0u)));
  return list;
}

c10::IValue toListValue(const Napi::Value& value, const c10::Type& element, const c10::Argument& argument, State& state) {
  switch (element.kind()) {
    case Kind::TensorType:
      return toList<at::Tensor>(value, argument, "a list of tensors", [&](auto v) { return toTensor(v, argument, state); });
    case Kind::SymIntType:
    case Kind::IntType:
      return toList<int64_t>(value, argument, "a list of integers", [&](auto v) { return toInt(v, argument); });
    case Kind::FloatType:
      return toList<double>(value, argument, "a list of numbers", [&](auto v) { return toDouble(v, argument); });
    case Kind::BoolType:
      return toList<bool>(value, argument, "a list of booleans", [&](auto v) { return toBool(v, argument); });
    case Kind::StringType:
      return toList<std::string>(value, argument, "a list of strings", [&](auto v) { return toString(v, argument); });
    case Kind::NumberType: {
      auto scalars = c10::impl::GenericList(c10::NumberType::get());
      if (!value.IsArray()) refuse(argument, value, "a list of numbers");
      const auto array = value.As<Napi::Array>();
      for (uint32_t i = 0; i < array.Length(); ++i) scalars.push_back(toScalar(array.Get(i), argument));
      return scalars;
    }
    case Kind::OptionalType:
      if (element.castRaw<c10::OptionalType>()->getElementType()->kind() == Kind::TensorType)
        return toList<std::optional<at::Tensor>>(value, argument, "a list of tensors or nulls", [&](auto v) -> std::optional<at::Tensor> {
          if (v.IsNull() || v.IsUndefined()) return std::nullopt;
          return toTensor(v, argument, state);
        });
      [[fallthrough]];
    default:
      throw std::invalid_argument("argument '" + argument.name() + "' has type " + argument.type()->str() + ", which has no JavaScript form");
  }
}

c10::IValue toTyped(const Napi::Value& value, const c10::Type& type, const c10::Argument& argument, State& state) {
  switch (type.kind()) {
    case Kind::OptionalType:
      if (value.IsNull() || value.IsUndefined()) return c10::IValue();
      return toTyped(value, *type.castRaw<c10::OptionalType>()->getElementType(), argument, state);
    case Kind::TensorType: return toTensor(value, argument, state);
    case Kind::IntType:
    case Kind::SymIntType:
    case Kind::ScalarTypeType:
    case Kind::LayoutType:
    case Kind::MemoryFormatType: return toInt(value, argument);
    case Kind::FloatType: return toDouble(value, argument);
    case Kind::BoolType: return toBool(value, argument);
    case Kind::NumberType: return toScalar(value, argument);
    case Kind::AnyType: // only where a process group is meant, which libtorch after 2.11 takes by its name or as an object
    case Kind::StringType: return toString(value, argument);
    case Kind::DeviceObjType: return c10::Device(toString(value, argument));
    case Kind::GeneratorType: return state.generator(toInt(value, argument));
    case Kind::ListType: return toListValue(value, *type.castRaw<c10::ListType>()->getElementType(), argument, state);
    default:
      throw std::invalid_argument("argument '" + argument.name() + "' has type " + type.str() + ", which has no JavaScript form");
  }
}
} // namespace

c10::IValue toIValue(const Napi::Value& value, const c10::Argument& argument, State& state) {
  if (argument.default_value() && value.IsUndefined()) return *argument.default_value();
  return toTyped(value, *argument.type(), argument, state);
}

Napi::Value fromIValue(Napi::Env env, c10::IValue value, State& state) {
  if (value.isTensor()) return Napi::Number::New(env, static_cast<double>(state.add(std::move(value).toTensor())));
  if (value.isNone()) return env.Null();
  if (value.isInt()) return Napi::Number::New(env, static_cast<double>(value.toInt()));
  if (value.isSymInt()) return Napi::Number::New(env, static_cast<double>(value.toSymInt().expect_int()));
  if (value.isDouble()) return Napi::Number::New(env, value.toDouble());
  if (value.isBool()) return Napi::Boolean::New(env, value.toBool());
  if (value.isString()) return Napi::String::New(env, value.toStringRef());
  if (value.isDevice()) return Napi::String::New(env, value.toDevice().str());
  if (value.isList()) {
    const auto list = value.toListRef();
    auto array = Napi::Array::New(env, list.size());
    for (size_t i = 0; i < list.size(); ++i) array.Set(static_cast<uint32_t>(i), fromIValue(env, list[i], state));
    return array;
  }
  throw std::runtime_error("a result of type " + value.tagKind() + " has no JavaScript form");
}
