/** @file Kernels in CUDA C++, compiled by NVRTC when they are first needed, so that no compiler of CUDA need be installed. */
#pragma once
#include <ATen/core/Tensor.h>
#include <string>
#include <vector>

/** @param name of an extern "C" __global__ function @returns the number by which `launch` knows it; the same one for the same arguments */
int64_t compileKernel(const std::string& source, const std::string& name, const std::vector<std::string>& options);

struct Shape {
  unsigned int blocks, threads, sharedBytes = 0;
};

/** Asks the current stream of a GPU for a kernel. @param arguments where each of the kernel's parameters lies */
void launch(int64_t kernel, const Shape& shape, c10::DeviceIndex device, std::vector<void*> arguments);
