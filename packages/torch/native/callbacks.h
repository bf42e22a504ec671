/** @file Functions of JavaScript that libtorch calls in the middle of a backward pass. */
#pragma once
#include <mutex>
#include <thread>

#include "state.h"

/** What one environment and the graphs that its functions stand in have in common; either may end first. */
class Callbacks {
 public:
  Callbacks(State& state, const Napi::Function& dispatch);
  /** (a function's number, tensors, saved tensors) -> what it hands over. On JavaScript's own thread alone. */
  std::vector<at::Tensor> run(int64_t id, const std::vector<at::Tensor>& tensors, const std::vector<at::Tensor>& saved);
  /** The environment ends. */
  void close();
  std::vector<at::Tensor> delivered;

 private:
  friend class Callback;
  State* state_;
  const std::thread::id thread_ = std::this_thread::get_id();
  Napi::FunctionReference dispatch_;
  std::mutex mutex_;
  std::vector<int64_t> released_;

 public:
  std::vector<int64_t> takeReleased();
};

/** One function; when the last graph that holds it is gone, JavaScript may forget it. */
class Callback {
 public:
  Callback(std::shared_ptr<Callbacks> all, int64_t id) : all_(std::move(all)), id_(id) {}
  ~Callback();
  Callback(const Callback&) = delete;
  std::vector<at::Tensor> operator()(const std::vector<at::Tensor>& tensors, const std::vector<at::Tensor>& saved = {}) const { return all_->run(id_, tensors, saved); }

 private:
  const std::shared_ptr<Callbacks> all_;
  const int64_t id_;
};
