/**
 * @file Files as tensors of bytes, mapped and not read. The system ends a process that reads a page which the file no longer has,
 * as when another program shortens it. Here such a page reads as zeros until the operator ends, which is then an error, and the
 * next reader meets the same.
 */
#include "mapping.h"

#include <ATen/ops/from_blob.h>
#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "state.h"

namespace {
struct Mapping {
  std::atomic<uintptr_t> first{0}, end{0}; // 0 is a free place
  std::atomic<bool> broken{false};
  int file = -1;
  std::string path;
};

/** A signal handler may only look at memory that never moves. */
constexpr size_t MOST = 4096;
Mapping mappings[MOST];
std::mutex mutex;
std::atomic<int> brokenMappings{0};
struct sigaction before;
const auto PAGE = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));

void missingPage(int signal, siginfo_t* about, void* context) {
  const auto address = reinterpret_cast<uintptr_t>(about->si_addr);
  for (auto& mapping : mappings) {
    const uintptr_t first = mapping.first.load(), end = mapping.end.load();
    if (first == 0 || address < first || address >= end) continue;
    const auto page = address / PAGE * PAGE;
    if (mmap(reinterpret_cast<void*>(page), PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) break;
    if (!mapping.broken.exchange(true)) brokenMappings++;
    return;
  }
  // Somebody else's: as if we were not here.
  if (before.sa_flags & SA_SIGINFO) return before.sa_sigaction(signal, about, context);
  if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) return before.sa_handler(signal);
  sigaction(signal, &before, nullptr);
}

void listen() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction ours = {};
    ours.sa_sigaction = missingPage;
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&ours.sa_mask);
    sigaction(SIGBUS, &ours, &before);
  });
}

void unmap(Mapping& mapping) {
  const std::lock_guard lock(mutex);
  const uintptr_t first = mapping.first.exchange(0), end = mapping.end.exchange(0);
  munmap(reinterpret_cast<void*>(first), end - first);
  if (mapping.broken.exchange(false)) brokenMappings--;
  close(std::exchange(mapping.file, -1));
}

/** (path, bytes) -> uint8 [bytes] */
Napi::Value mapFile(const Napi::CallbackInfo& info, State& state) {
  const auto path = info[0].ToString().Utf8Value();
  const auto bytes = integer(info[1], "the length of a file");
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  TORCH_CHECK(file >= 0, "cannot open ", path, ": ", std::strerror(errno));
  struct stat about = {};
  void* memory = MAP_FAILED;
  if (bytes > 0 && fstat(file, &about) == 0 && about.st_size >= bytes)
    memory = mmap(nullptr, static_cast<size_t>(bytes), PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  if (memory == MAP_FAILED) {
    close(file);
    TORCH_CHECK(false, "cannot map ", bytes, " bytes of ", path, ", which has ", about.st_size);
  }
  const std::lock_guard lock(mutex);
  const auto place = std::find_if(std::begin(mappings), std::end(mappings), [](const Mapping& one) { return one.first == 0; });
  if (place == std::end(mappings)) {
    munmap(memory, static_cast<size_t>(bytes));
    close(file);
    TORCH_CHECK(false, "more than ", MOST, " files are mapped; dispose of some of their tensors");
  }
  listen();
  place->file = file;
  place->path = path;
  const auto first = reinterpret_cast<uintptr_t>(memory);
  place->end = (first + static_cast<uintptr_t>(bytes) + PAGE - 1) / PAGE * PAGE;
  place->first = first;
  const auto tensor = at::from_blob(memory, {bytes}, [place](void*) { unmap(*place); }, at::TensorOptions().dtype(at::kByte));
  return Napi::Number::New(info.Env(), static_cast<double>(state.add(tensor)));
}
} // namespace

void requireMapped() {
  if (brokenMappings.load(std::memory_order_relaxed) == 0) return;
  const std::lock_guard lock(mutex);
  for (auto& mapping : mappings) {
    if (!mapping.broken.exchange(false)) continue;
    brokenMappings--;
    // From the end of what is left on the pages are the file's again: who reads them next is told as well.
    struct stat about = {};
    fstat(mapping.file, &about);
    const uintptr_t first = mapping.first, end = mapping.end, left = (static_cast<uintptr_t>(about.st_size) + PAGE - 1) / PAGE * PAGE;
    if (first + left < end)
      mmap(reinterpret_cast<void*>(first + left), end - first - left, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, mapping.file, static_cast<off_t>(left));
    TORCH_CHECK(false, "mapped file: ", mapping.path, " was shortened to ", about.st_size, " bytes while it was read");
  }
}

void exposeMapping(Napi::Object exports) { expose<mapFile>(exports, "mapFile"); }
