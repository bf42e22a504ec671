/** @file JavaScript values to PyTorch's IValues and back, led by an operator's own schema. */
#pragma once
#include <ATen/core/function_schema.h>

#include "state.h"

/** @throws std::invalid_argument naming the argument, what it takes and what came */
c10::IValue toIValue(const Napi::Value& value, const c10::Argument& argument, State& state);

/** Tensors become their numbers (0 for undefined), lists arrays, None null. */
Napi::Value fromIValue(Napi::Env env, c10::IValue value, State& state);
