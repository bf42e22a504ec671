/** @file See kernel.h. NVRTC and the driver are called by name: their headers are not in every wheel, and there may be no driver. */
#include "kernel.h"
#include "gpu.h"

#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda.h>
#include <dlfcn.h>
#include <map>
#include <mutex>
#include <torch/library.h>

namespace {
struct Program {
  std::string source;
  std::vector<std::string> options;
  std::map<c10::DeviceIndex, CUmodule> on; // for the life of the process
};

struct Kernel {
  std::string name;
  size_t program;
  std::map<c10::DeviceIndex, CUfunction> on;
};

std::mutex mutex;
std::vector<Program> programs;
std::vector<Kernel> kernels;

template <typename Function>
Function* symbol(const char* library, const char* name) {
  void* found = dlsym(RTLD_DEFAULT, name);
  if (found == nullptr) {
    void* const opened = dlopen(library, RTLD_LAZY | RTLD_GLOBAL);
    TORCH_CHECK(opened, "kernels cannot be compiled here: ", dlerror());
    found = dlsym(opened, name);
  }
  TORCH_CHECK(found, library, " has no ", name);
  return reinterpret_cast<Function*>(found);
}

constexpr const char* NVRTC = CUDA_VERSION >= 13000 ? "libnvrtc.so.13" : "libnvrtc.so.12";
constexpr const char* DRIVER = "libcuda.so.1";
template <typename Function>
using Called = Function*;
#define LOOKED_UP(library, name, ...) \
  ([] { \
    static const Called<__VA_ARGS__> found = symbol<__VA_ARGS__>(library, #name); \
    return found; \
  }())
#define NVRTC_CALL(name, ...) LOOKED_UP(NVRTC, name, int(__VA_ARGS__))
#define DRIVER_CALL(name) LOOKED_UP(DRIVER, name, decltype(name))

void check(CUresult result, const char* what) {
  if (result == CUDA_SUCCESS) return;
  const char* text = nullptr;
  DRIVER_CALL(cuGetErrorString)(result, &text);
  TORCH_CHECK(false, what, ": ", text ? text : "error of the driver ", static_cast<int>(result));
}

/** Machine code of this program for GPUs of this capability. */
std::string compiled(const Program& program, int major, int minor) {
  void* handle = nullptr;
  int status = NVRTC_CALL(nvrtcCreateProgram, void**, const char*, const char*, int, const char* const*, const char* const*)(&handle, program.source.c_str(), "twoview.cu", 0, nullptr, nullptr);
  TORCH_CHECK(status == 0, "nvrtcCreateProgram: error ", status);
  auto options = program.options;
  options.push_back("--gpu-architecture=sm_" + std::to_string(10 * major + minor));
  std::vector<const char*> texts;
  for (const auto& option : options) texts.push_back(option.c_str());
  status = NVRTC_CALL(nvrtcCompileProgram, void*, int, const char* const*)(handle, static_cast<int>(texts.size()), texts.data());
  size_t size = 0;
  if (status != 0) {
    NVRTC_CALL(nvrtcGetProgramLogSize, void*, size_t*)(handle, &size);
    std::string log(size, '\0');
    NVRTC_CALL(nvrtcGetProgramLog, void*, char*)(handle, log.data());
    TORCH_CHECK(false, "the kernels do not compile: ", log);
  }
  NVRTC_CALL(nvrtcGetCUBINSize, void*, size_t*)(handle, &size);
  std::string binary(size, '\0');
  NVRTC_CALL(nvrtcGetCUBIN, void*, char*)(handle, binary.data());
  NVRTC_CALL(nvrtcDestroyProgram, void**)(&handle);
  return binary;
}

CUmodule load(const Program& program, c10::DeviceIndex device) {
  cudaDeviceProp properties;
  C10_CUDA_CHECK(cudaGetDeviceProperties(&properties, device));
  const auto binary = compiled(program, properties.major, properties.minor);
  CUmodule module = nullptr;
  check(DRIVER_CALL(cuModuleLoadData)(&module, binary.data()), "cuModuleLoadData");
  return module;
}

CUfunction function(int64_t number, c10::DeviceIndex device) {
  const std::lock_guard<std::mutex> lock(mutex);
  TORCH_CHECK(number >= 0 && number < static_cast<int64_t>(kernels.size()), "no kernel has the number ", number);
  auto& kernel = kernels[static_cast<size_t>(number)];
  auto& found = kernel.on[device];
  if (found == nullptr) {
    auto& module = programs[kernel.program].on[device];
    if (module == nullptr) module = load(programs[kernel.program], device);
    check(DRIVER_CALL(cuModuleGetFunction)(&found, module, kernel.name.c_str()), kernel.name.c_str());
  }
  return found;
}

/** The operator: tensors become pointers, then come the integers as long long, then the numbers as double. */
void launchOperator(int64_t kernel, int64_t blocks, int64_t threads, int64_t sharedBytes, at::TensorList tensors, at::ArrayRef<at::Scalar> integers, at::ArrayRef<double> numbers) {
  TORCH_CHECK(!tensors.empty() && blocks > 0 && threads > 0 && sharedBytes >= 0, "a kernel wants a tensor, blocks and threads");
  const auto device = tensors[0].device();
  std::vector<void*> pointers;
  for (const auto& tensor : tensors) {
    TORCH_CHECK(tensor.is_cuda() && tensor.device() == device && tensor.is_non_overlapping_and_dense(), "tensors of a kernel must lie densely on one GPU");
    pointers.push_back(tensor.data_ptr());
  }
  std::vector<int64_t> whole;
  for (const auto& integer : integers) {
    TORCH_CHECK(integer.isIntegral(/*includeBool=*/false), "an integer of a kernel must be whole");
    whole.push_back(integer.toLong());
  }
  std::vector<double> real(numbers.begin(), numbers.end());
  std::vector<void*> arguments;
  for (auto& pointer : pointers) arguments.push_back(&pointer);
  for (auto& number : whole) arguments.push_back(&number);
  for (auto& number : real) arguments.push_back(&number);
  launch(kernel, {static_cast<unsigned>(blocks), static_cast<unsigned>(threads), static_cast<unsigned>(sharedBytes)}, device.index(), std::move(arguments));
}

int64_t compileOperator(c10::string_view source, c10::string_view name, bool exact) {
  std::vector<std::string> options{"--std=c++17"};
  if (exact) options.push_back("--fmad=false");
  return compileKernel(std::string(source), std::string(name), options);
}

/** () -> why kernels cannot be compiled here, or null */
Napi::Value whyNoCompiler(const Napi::CallbackInfo& info) {
  try {
    NVRTC_CALL(nvrtcCreateProgram, void**, const char*, const char*, int, const char* const*, const char* const*);
    return info.Env().Null();
  } catch (const c10::Error& error) {
    return Napi::String::New(info.Env(), error.what_without_backtrace());
  }
}

TORCH_LIBRARY_FRAGMENT(twoview, library) {
  library.def("compile(str source, str name, bool exact) -> int", &compileOperator);
  // Scalars, because an int is taken for a size: none above 2^53.
  library.def("launch(int kernel, int blocks, int threads, int shared_bytes, Tensor(a!)[] tensors, Scalar[] integers, float[] numbers) -> ()", &launchOperator);
}
} // namespace

int64_t compileKernel(const std::string& source, const std::string& name, const std::vector<std::string>& options) {
  const std::lock_guard<std::mutex> lock(mutex);
  size_t program = 0;
  while (program < programs.size() && (programs[program].source != source || programs[program].options != options)) ++program;
  if (program == programs.size()) programs.push_back({source, options, {}});
  size_t kernel = 0;
  while (kernel < kernels.size() && (kernels[kernel].program != program || kernels[kernel].name != name)) ++kernel;
  if (kernel == kernels.size()) kernels.push_back({name, program, {}});
  return static_cast<int64_t>(kernel);
}

void launch(int64_t kernel, const Shape& shape, c10::DeviceIndex device, std::vector<void*> arguments) {
  const c10::cuda::CUDAGuard guard(device);
  const auto found = function(kernel, device);
  if (shape.sharedBytes > (48u << 10))
    check(DRIVER_CALL(cuFuncSetAttribute)(found, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, static_cast<int>(shape.sharedBytes)), "shared memory");
  const auto stream = c10::cuda::getCurrentCUDAStream(device).stream();
  check(DRIVER_CALL(cuLaunchKernel)(found, shape.blocks, 1, 1, shape.threads, 1, 1, shape.sharedBytes, stream, arguments.data(), nullptr), "cuLaunchKernel");
}

void exposeKernels(Napi::Object exports) { expose<whyNoCompiler>(exports, "whyNoCompiler"); }
