/** @file Activations that follow a batch norm, and their derivatives, number by number. */
#pragma once
#include "rows.h"

enum Activation { None, Relu, Silu };

/** 1 / (1 + exp(-z)) to some units in the last place: 2^n times a polynomial, which unlike exp() compilers can do 16 at a time. */
INLINE inline float sigmoid(float z) {
  const float x = z < -87 ? 87 : z > 87 ? -87 : -z;
  const float shifted = x * 1.44269504f + 12582912.f; // its last bits are now the nearest integer
  const float n = shifted - 12582912.f;
  const float rest = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  const float power = std::bit_cast<float>((std::bit_cast<int32_t>(shifted) << 23) + 0x3f800000);
  const float series = 1 + rest * (1 + rest * (0.5f + rest * (1.66666667e-1f + rest * (4.16666667e-2f + rest * (8.33333333e-3f + rest * 1.38888889e-3f)))));
  return 1 / (1 + power * series);
}

template <Activation activation>
INLINE inline float activate(float z) {
  if constexpr (activation == Relu) return z < 0 ? 0 : z; // NaN stays NaN
  if constexpr (activation == Silu) return z * sigmoid(z);
  return z;
}

/** The activation's derivative at `z`; of ReLU its result does as well. */
template <Activation activation>
INLINE inline float derivative(float z) {
  if constexpr (activation == Relu) return z <= 0 ? 0 : 1;
  if constexpr (activation == Silu) {
    const float open = sigmoid(z);
    return open * (1 + z * (1 - open));
  }
  return 1;
}
