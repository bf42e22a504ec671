/** @file Sums over processes. */
#pragma once
#include <ATen/core/Tensor.h>

/** In the order of EXCHANGES in src/distributed/group.ts. */
enum class Exchange : int64_t { BatchNorm, BatchNormBackward, SyncBatchNorm, SyncBatchNormBackward, AllReduce, Broadcast, AllGather, Reduce };

/** What a process is about to exchange. */
struct Offer {
  Exchange what;
  int64_t dtype;
  std::vector<int64_t> shape;
};

/** @throws naming what each process has, unless all have the same; Gloo ends a process that is sent more than it expects. */
void agree(const std::string& group, const Offer& offer);

/** Adds to a float64 tensor what all other processes of the group have in theirs, once they agree on what that is. */
void addUp(const at::Tensor& sums, const std::string& group, Exchange what);
