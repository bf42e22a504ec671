/** @file C++ functions as JavaScript ones, for the addon and its CUDA half. */
#pragma once
#define NAPI_CPP_EXCEPTIONS
// In a worker thread that is being ended no value can be made and no exception thrown any more; without this the process ends.
#define NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
#include <c10/util/Exception.h>
#include <napi.h>

/** Runs `body` and turns every C++ exception into a JavaScript one, in PyTorch's own words. */
template <typename Body>
Napi::Value guarded(Napi::Env env, Body body) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;
  } catch (const c10::OutOfMemoryError& error) {
    const auto refused = Napi::Error::New(env, error.what_without_backtrace());
    refused.Set("code", "OUT_OF_MEMORY");
    throw refused;
  } catch (const c10::Error& error) {
    throw Napi::Error::New(env, error.what_without_backtrace());
  } catch (const std::exception& error) {
    throw Napi::Error::New(env, error.what());
  } catch (...) {
    throw Napi::Error::New(env, "libtorch threw something that is no error");
  }
}
