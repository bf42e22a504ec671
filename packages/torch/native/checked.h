/** @file See checked.cc. */
#pragma once
#include "state.h"

/** What is done around an operator's call; decided once, when it is looked up. */
Checks checksFor(const c10::OperatorHandle& handle);
void callChecked(const c10::OperatorHandle& handle, Checks checks, torch::jit::Stack& stack, State& state);
