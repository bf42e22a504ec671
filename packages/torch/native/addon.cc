/** @file The addon's entry. Its state belongs to one environment, so that a worker thread can load it as well. */
#include "state.h"

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new State(env)); // freed with the environment
  exposeOperators(exports);
  exposeTensors(exports);
  exposeBuffers(exports);
  exposeAutograd(exports);
  exposeRuntime(exports);
  exposeDistributed(exports);
  exposeSyncBatchNorm(exports);
  exposeProfile(exports);
  return exports;
}

NODE_API_MODULE(twoview_torch, init)
