/** @file Sums over processes. */
#pragma once
#include <ATen/core/Tensor.h>
#include <torch/csrc/distributed/c10d/Store.hpp>

/** Adds to a tensor what all other processes of the group have in theirs. */
void addUp(const at::Tensor& sums, const std::string& group);

/**
 * From now on `addUp` goes through memory that the processes of the group share, where all of them are on one machine and want
 * that: whether it does. All have to call this; `timeout` is how long they wait for each other.
 */
bool shareMemory(const std::string& group, const c10::intrusive_ptr<c10d::Store>& store, int rank, int size, std::chrono::milliseconds timeout, bool wanted);
void unshareMemory(const std::string& group);
