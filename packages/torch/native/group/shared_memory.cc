/**
 * @file Sums over the processes of one machine, through memory that all of them see. Gloo needs 2 to 4 ms for some numbers where all
 * cores are busy, since its own thread must get one first; batch norm exchanges some twice in every layer.
 */
#include "group.h"

#include <torch/csrc/distributed/c10d/GroupRegistry.hpp>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace {
/** For the means and variances of 4,000 channels; larger tensors go by Gloo. */
constexpr size_t PAGE_BYTES = 64 << 10;

/** What one process shows the others. Two pages: who is at turn n + 1 has read turn n's, so turn n + 2 may write over it. */
struct Desk {
  alignas(64) std::atomic<uint64_t> turn;
  alignas(64) std::byte pages[2][PAGE_BYTES];
};
static_assert(std::atomic<uint64_t>::is_always_lock_free);

#ifdef __linux__
class SharedMemory {
 public:
  /** Null where not all processes of the group see the same memory, or one of them does not want to. */
  static std::shared_ptr<SharedMemory> among(c10d::Store& store, int rank, int size, std::chrono::milliseconds timeout, bool wanted) {
    const size_t bytes = sizeof(Desk) * size;
    const auto name = rank == 0 ? unheardOf() : store.get_to_str("name");
    const int file = !wanted ? -1 : rank == 0 ? created(name, bytes) : shm_open(name.c_str(), O_RDWR, 0);
    if (rank == 0) store.set("name", name);
    auto memory = file < 0 ? nullptr : std::shared_ptr<SharedMemory>(new SharedMemory(file, bytes, rank, size, timeout));
    if (memory && memory->takeSeat()) store.add("seated", 1);
    if (store.add("asked", 1) == size) store.set("all", std::to_string(store.add("seated", 0)));
    const bool all = store.get_to_str("all") == std::to_string(size);
    if (rank == 0) shm_unlink(name.c_str());
    return all ? memory : nullptr;
  }

  ~SharedMemory() {
    if (desks != MAP_FAILED) munmap(desks, bytes);
    close(file);
  }

  static bool holds(const at::Tensor& sums) {
    return sums.is_cpu() && sums.is_contiguous() && sums.nbytes() <= PAGE_BYTES && (sums.scalar_type() == at::kDouble || sums.scalar_type() == at::kFloat);
  }

  void add(const at::Tensor& sums) {
    turn++;
    std::memcpy(page(rank), sums.const_data_ptr(), sums.nbytes());
    desks[rank].turn.store(turn, std::memory_order_release);
    for (int other = 0; other < size; other++) await(other);
    sums.scalar_type() == at::kDouble ? addPages<double>(sums) : addPages<float>(sums);
  }

 private:
  SharedMemory(int file, size_t bytes, int rank, int size, std::chrono::milliseconds timeout)
      : file(file), bytes(bytes), desks(static_cast<Desk*>(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0))), rank(rank), size(size), timeout(timeout) {}

  static std::string unheardOf() {
    std::random_device random;
    return "/twoview-" + std::to_string(random()) + "-" + std::to_string(random()) + "-" + std::to_string(random());
  }

  /** All of it at once: containers often have little, and writing past that would end the process. */
  static int created(const std::string& name, size_t bytes) {
    const int file = shm_open(name.c_str(), O_CREAT | O_EXCL | O_RDWR, 0600);
    if (file < 0 || posix_fallocate(file, 0, static_cast<off_t>(bytes)) == 0) return file;
    shm_unlink(name.c_str());
    close(file);
    return -1;
  }

  std::byte* page(int of) const { return desks[of].pages[turn & 1]; }

  /** In the order of the processes: the same sum in each of them, and in the next run. */
  template <typename T>
  void addPages(const at::Tensor& sums) const {
    T* const total = sums.mutable_data_ptr<T>();
    std::fill_n(total, sums.numel(), T(0));
    for (int other = 0; other < size; other++) {
      const T* const theirs = reinterpret_cast<const T*>(page(other));
      for (int64_t i = 0; i < sums.numel(); i++) total[i] += theirs[i];
    }
  }

  void await(int other) const {
    const auto isHere = [&] { return desks[other].turn.load(std::memory_order_acquire) >= turn; };
    const auto started = std::chrono::steady_clock::now();
    for (int look = 1; !isHere(); look++) {
      if (look < 64) { // the core may be wanted by what sends gradients
        std::this_thread::yield();
        continue;
      }
      std::this_thread::sleep_for(std::chrono::microseconds(20));
      if (look % 256 != 0) continue;
      TORCH_CHECK(isSeated(other) || isHere(), "shared memory: process ", other, " is gone");
      TORCH_CHECK(std::chrono::steady_clock::now() - started < timeout, "shared memory: timed out waiting for process ", other, " for ", timeout.count(), " ms");
    }
  }

  /** A byte of the file that is locked while this process lives; the kernel opens the lock, however it ends. */
  static struct flock seat(int of) { return {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = of, .l_len = 1, .l_pid = 0}; }

  bool takeSeat() const {
    auto own = seat(rank);
    return desks != MAP_FAILED && fcntl(file, F_OFD_SETLK, &own) == 0;
  }

  bool isSeated(int other) const {
    auto theirs = seat(other);
    return other == rank || fcntl(file, F_OFD_GETLK, &theirs) != 0 || theirs.l_type != F_UNLCK;
  }

  const int file;
  const size_t bytes;
  Desk* const desks;
  const int rank, size;
  const std::chrono::milliseconds timeout;
  uint64_t turn = 0;
};
#else
/** Without locks that a file descriptor owns nobody would learn that another process is gone: Gloo carries everything. */
struct SharedMemory {
  static std::shared_ptr<SharedMemory> among(c10d::Store&, int, int, std::chrono::milliseconds, bool) { return nullptr; }
  static bool holds(const at::Tensor&) { return false; }
  void add(const at::Tensor&) {}
};
#endif

std::mutex mutex;
std::map<std::string, std::shared_ptr<SharedMemory>> memories;

std::shared_ptr<SharedMemory> memoryOf(const std::string& group) {
  const std::lock_guard lock(mutex);
  const auto found = memories.find(group);
  return found == memories.end() ? nullptr : found->second;
}
} // namespace

bool shareMemory(const std::string& group, const c10::intrusive_ptr<c10d::Store>& store, int rank, int size, std::chrono::milliseconds timeout, bool wanted) {
  c10d::PrefixStore own("shared", store);
  auto memory = SharedMemory::among(own, rank, size, timeout, wanted);
  const std::lock_guard lock(mutex);
  return (memories[group] = std::move(memory)) != nullptr;
}

void unshareMemory(const std::string& group) {
  const std::lock_guard lock(mutex);
  memories.erase(group);
}

void addUp(const at::Tensor& sums, const std::string& group) {
  if (const auto memory = memoryOf(group); memory && memory->holds(sums)) return memory->add(sums);
  std::vector<at::Tensor> all{sums};
  c10d::resolve_process_group(group)->allreduce(all)->wait();
}
