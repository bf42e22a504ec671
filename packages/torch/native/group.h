/** @file Sums over processes. */
#pragma once
#include <ATen/core/Tensor.h>
#include <torch/csrc/distributed/c10d/GroupRegistry.hpp>

/** Adds to a tensor what all other processes of the group have in theirs. */
inline void addUp(at::Tensor sums, const std::string& group) {
  std::vector<at::Tensor> all{std::move(sums)};
  c10d::resolve_process_group(group)->allreduce(all)->wait();
}
