/**
 * @file Sums over processes, each of which first says what it brings: the opening message has one size, whatever follows, so that
 * processes which have lost step find out instead of reading each other's numbers.
 */
#include "group.h"

#include <torch/csrc/distributed/c10d/GroupRegistry.hpp>

#include <ATen/ops/zeros.h>

namespace {
/** The opening: one, two halves of a fingerprint with their squares, and as many sums as have room. Enough for 2,048 channels. */
constexpr int64_t SAID = 5, ROOM = 4099, HALF = 1 << 20;
constexpr int64_t MOST_DIMENSIONS = 8;

const char* nameOf(Exchange what) {
  static const char* const names[] = {"a batch norm", "a batch norm's gradient", "a batch norm", "a batch norm's gradient", "all_reduce", "broadcast", "all_gather", "averaged gradients"};
  return names[static_cast<size_t>(what)];
}

void add(const at::Tensor& numbers, const c10::intrusive_ptr<c10d::ProcessGroup>& group) {
  std::vector<at::Tensor> all{numbers};
  group->allreduce(all)->wait();
}

int64_t fingerprint(const Offer& offer) {
  uint64_t hash = 14695981039346656037u; // FNV-1a
  const auto mix = [&](int64_t value) { hash = (hash ^ static_cast<uint64_t>(value)) * 1099511628211u; };
  mix(static_cast<int64_t>(offer.what)), mix(offer.dtype);
  for (const int64_t size : offer.shape) mix(size);
  return static_cast<int64_t>((hash >> 24) % (HALF * HALF));
}

[[noreturn]] void tell(const c10::intrusive_ptr<c10d::ProcessGroup>& group, const Offer& offer) {
  const auto all = at::zeros({group->getSize(), 2 + MOST_DIMENSIONS}, at::kDouble);
  double* const mine = all[group->getRank()].data_ptr<double>();
  const auto dimensions = std::min<int64_t>(offer.shape.size(), MOST_DIMENSIONS);
  mine[0] = static_cast<double>(offer.what), mine[1] = static_cast<double>(dimensions);
  std::copy_n(offer.shape.begin(), dimensions, mine + 2);
  add(all, group);
  std::string said;
  for (int64_t rank = 0; rank < all.size(0); rank++) {
    const double* const theirs = all[rank].data_ptr<double>();
    const std::vector<int64_t> shape(theirs + 2, theirs + 2 + static_cast<int64_t>(theirs[1]));
    said += c10::str(rank == 0 ? "" : "; ", "process ", rank, ": ", nameOf(static_cast<Exchange>(static_cast<int64_t>(theirs[0]))), " of ", at::IntArrayRef(shape));
  }
  TORCH_CHECK(false, "processes bring different tensors: ", said);
}

/** The opening with `sums`, as many as have room; they are replaced by their totals. */
void open(const std::string& name, const Offer& offer, double* sums, int64_t count) {
  const auto group = c10d::resolve_process_group(name);
  const auto size = static_cast<double>(group->getSize());
  const auto message = at::zeros({SAID + ROOM}, at::kDouble);
  double* const said = message.data_ptr<double>();
  const int64_t print = fingerprint(offer);
  const double halves[] = {static_cast<double>(print / HALF), static_cast<double>(print % HALF)};
  said[0] = 1;
  for (int i = 0; i < 2; i++) said[1 + 2 * i] = halves[i], said[2 + 2 * i] = halves[i] * halves[i];
  std::copy_n(sums, count, said + SAID);
  add(message, group);
  // All numbers are whole and below 2^53: the variance of what was said is exactly zero, or not.
  for (int i = 0; i < 2; i++)
    if (said[0] != size || size * said[2 + 2 * i] != said[1 + 2 * i] * said[1 + 2 * i]) tell(group, offer);
  std::copy_n(said + SAID, count, sums);
}
} // namespace

void agree(const std::string& group, const Offer& offer) { open(group, offer, nullptr, 0); }

void addUp(const at::Tensor& sums, const std::string& group, Exchange what) {
  TORCH_INTERNAL_ASSERT(sums.scalar_type() == at::kDouble && sums.is_contiguous());
  const int64_t first = std::min(sums.numel(), ROOM);
  open(group, {what, static_cast<int64_t>(at::kDouble), {sums.numel() / 2}}, sums.data_ptr<double>(), first);
  if (first < sums.numel()) add(sums.view(-1).narrow(0, first, sums.numel() - first), c10d::resolve_process_group(group));
}
