/**
 * @file Batch normalisation with what is added to it and the activation behind it, on a GPU: one pass over memory for the statistics, one
 * for the rest, and two backwards. libtorch's kernels for channels-last maps make about twice as many passes, at half the speed.
 * The operator answers with nothing for tensors that it is not for; libtorch then does them.
 */
#include <ATen/Functions.h>
#include <c10/cuda/CUDAException.h>
#include <map>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include "batch_norm_kernels.h"
#include "kernel.h"

namespace {
using at::Tensor;
using Tensors = torch::autograd::variable_list;
enum Activation { None, Relu, Silu };
constexpr int THREADS = 256;

int64_t kernel(const char* name, bool half) {
  static thread_local std::map<std::pair<const char*, bool>, int64_t> known;
  auto& found = known.emplace(std::pair(name, half), -1).first->second;
  if (found < 0) found = compileKernel(BATCH_NORM_KERNELS, name, half ? std::vector<std::string>{"--std=c++17", "-DBFLOAT16"} : std::vector<std::string>{"--std=c++17"});
  return found;
}

/** x as rows of channels. */
struct Rows {
  int64_t rows, channels;
  c10::DeviceIndex device;
  bool half;
  explicit Rows(const Tensor& x) : rows(x.numel() / x.size(1)), channels(x.size(1)), device(x.device().index()), half(x.scalar_type() == at::kBFloat16) {}

  /** As many blocks as the GPU holds at once, or fewer where there is not work for them. */
  unsigned int blocks(int perProcessor) const {
    const int64_t slots = THREADS / (channels / 8), most = processors() * perProcessor;
    return static_cast<unsigned int>(std::max<int64_t>(1, std::min<int64_t>(most, (rows + slots - 1) / slots)));
  }

  int64_t processors() const {
    int count = 0;
    C10_CUDA_CHECK(cudaDeviceGetAttribute(&count, cudaDevAttrMultiProcessorCount, device));
    return count;
  }

  template <typename... Arguments>
  void run(const char* name, unsigned int blocks, Arguments... arguments) const {
    launch(kernel(name, half), {blocks, THREADS}, device, {&arguments...});
  }

  Tensor floats(int64_t count, const Tensor& like) const { return at::empty({count, channels}, like.options().dtype(at::kFloat).memory_format(at::MemoryFormat::Contiguous)); }
};

void* pointer(const Tensor& tensor) { return tensor.defined() ? tensor.data_ptr() : nullptr; }

Tensor alike(const Tensor& tensor, const Tensor& x) {
  return tensor.to(x.scalar_type()).contiguous(x.dim() == 4 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous);
}

Tensor applied(const Rows& shape, const Tensor& x, const Tensor& plus, const Tensor& line, int64_t activation) {
  const auto y = at::empty_like(x);
  shape.run("normalise", shape.blocks(8), pointer(x), pointer(plus), pointer(line), pointer(y), shape.rows, shape.channels, activation);
  return y;
}

struct BatchNormThen : torch::autograd::Function<BatchNormThen> {
  static Tensor forward(torch::autograd::AutogradContext* ctx, const Tensor& x, const Tensor& weight, const Tensor& bias, const std::optional<Tensor>& runningMean, const std::optional<Tensor>& runningVar, const std::optional<Tensor>& addend, int64_t activation, double momentum, double eps) {
    const Rows shape(x);
    const auto plus = addend.has_value() ? alike(*addend, x) : Tensor();
    const auto blocks = shape.blocks(4);
    const auto partial = shape.floats(2 * blocks, x), line = shape.floats(4, x);
    shape.run("moments", blocks, pointer(x), pointer(partial), shape.rows, shape.channels);
    const bool follows = runningMean.has_value() && runningVar.has_value();
    shape.run("statistics", static_cast<unsigned int>((shape.channels + 31) / 32), pointer(x), pointer(partial), pointer(weight), pointer(bias),
        follows ? pointer(*runningMean) : nullptr, follows ? pointer(*runningVar) : nullptr, pointer(line), static_cast<int64_t>(blocks), shape.rows, shape.channels, eps, momentum);
    const auto y = applied(shape, x, plus, line, activation);
    ctx->save_for_backward({x, line, plus.defined() && activation == Relu ? y : Tensor()});
    ctx->saved_data["activation"] = activation;
    ctx->saved_data["added"] = plus.defined();
    return y;
  }

  static Tensors backward(torch::autograd::AutogradContext* ctx, const Tensors& gradients) {
    TORCH_CHECK(!at::GradMode::is_enabled(), "the batch norm of a GPU has no second derivatives; compute them on the CPU, in float32 or float64");
    const auto saved = ctx->get_saved_variables();
    const auto &x = saved[0], &line = saved[1], &y = saved[2];
    const int64_t activation = ctx->saved_data["activation"].toInt();
    const bool added = ctx->saved_data["added"].toBool();
    const Rows shape(x);
    const auto dy = alike(gradients[0], x);
    const auto dz = added && activation != None ? at::empty_like(x) : Tensor();
    const auto blocks = shape.blocks(3);
    const auto partial = shape.floats(2 * blocks, x), ways = shape.floats(3, x);
    const auto dWeight = at::empty({shape.channels}, line.options()), dBias = at::empty_like(dWeight);
    shape.run("gradientSums", blocks, pointer(dy), pointer(x), pointer(y), pointer(line), pointer(dz), pointer(partial), shape.rows, shape.channels, activation);
    shape.run("gradientWays", static_cast<unsigned int>((shape.channels + 31) / 32), pointer(partial), pointer(line), pointer(dWeight), pointer(dBias), pointer(ways), static_cast<int64_t>(blocks), shape.rows, shape.channels);
    const auto dx = at::empty_like(x);
    shape.run("propagate", blocks, pointer(dz.defined() ? dz : dy), pointer(x), pointer(line), pointer(ways), pointer(dx), shape.rows, shape.channels, static_cast<int64_t>(dz.defined() ? None : activation));
    const Tensor nothing;
    return {dx, dWeight, dBias, nothing, nothing, added ? (dz.defined() ? dz : dy) : nothing, nothing, nothing, nothing};
  }
};

bool isTracked(const Tensor& tensor) { return at::GradMode::is_enabled() && tensor.requires_grad(); }

bool isRows(const Tensor& x) {
  const bool dense = x.dim() == 4 ? x.is_contiguous(at::MemoryFormat::ChannelsLast) : x.dim() == 2 && x.is_contiguous();
  return x.is_cuda() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16) && dense && x.numel() > 0 && x.size(1) % 8 == 0 && x.size(1) <= 2048;
}

std::optional<Tensor> batchNormThen(const Tensor& x, const Tensor& weight, const Tensor& bias, const std::optional<Tensor>& mean, const std::optional<Tensor>& variance, const std::optional<Tensor>& plus, int64_t activation, double momentum, double eps, bool known) {
  const auto suits = [&](const std::optional<Tensor>& numbers) {
    return numbers.has_value() && numbers->device() == x.device() && numbers->scalar_type() == at::kFloat && numbers->is_contiguous() && numbers->numel() == x.size(1);
  };
  const bool fits = isRows(x) && suits(weight) && suits(bias) && mean.has_value() == variance.has_value() && (!mean.has_value() || (suits(mean) && suits(variance))) &&
      (!plus.has_value() || (plus->sizes() == x.sizes() && plus->device() == x.device() && activation != Silu));
  if (!fits || activation < None || activation > Silu) return std::nullopt;
  if (!known) {
    if (x.numel() == x.size(1)) return std::nullopt; // libtorch says what is wrong with a batch of one number
    return BatchNormThen::apply(x, weight, bias, mean, variance, plus, activation, momentum, eps);
  }
  if (!mean.has_value() || isTracked(x) || isTracked(weight) || isTracked(bias) || (plus.has_value() && isTracked(*plus))) return std::nullopt;
  const auto slope = weight.mul(variance->add(eps).rsqrt_());
  return applied(Rows(x), x, plus.has_value() ? alike(*plus, x) : Tensor(), at::stack({slope, bias.sub(mean->mul(slope))}), activation);
}

TORCH_LIBRARY_FRAGMENT(twoview, library) {
  library.def("batch_norm_then(Tensor x, Tensor weight, Tensor bias, Tensor(a!)? running_mean, Tensor(b!)? running_var, Tensor? plus, int activation, float momentum, float eps, bool known) -> Tensor?", &batchNormThen);
}
} // namespace
