/** @file The addon's entry. Its state belongs to one environment, so that a worker thread can load it as well. */
#include <ATen/Context.h>
#include <c10/util/Exception.h>

#include "state.h"

namespace {
/** Warnings that nobody can do anything about. */
struct Warnings : c10::WarningHandler {
  void process(const c10::Warning& warning) override {
    for (const char* known : {
             "Grad strides do not match bucket view strides", // of 1x1 convolutions, which the reducer copies
             "Sparse CSR tensor support is in beta",
         })
      if (warning.msg().find(known) != std::string::npos) return;
    c10::WarningHandler::process(warning);
  }
};
} // namespace

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  static Warnings warnings;
  c10::WarningUtils::set_warning_handler(&warnings);
  at::globalContext().setCheckSparseTensorInvariants(true); // operators read by indices that nobody else looks at
  env.SetInstanceData(new State(env)); // freed with the environment
  exposeOperators(exports);
  exposeTensors(exports);
  exposeBuffers(exports);
  exposeAutograd(exports);
  exposeMemory(exports);
  exposeRuntime(exports);
  exposeDistributed(exports);
  exposeSyncBatchNorm(exports);
  exposeFusedBatchNorm(exports);
  exposeWinograd(exports);
  exposeProfile(exports);
  exposeCallbacks(exports);
  exposeMapping(exports);
  return exports;
}

NODE_API_MODULE(twoview_torch, init)
