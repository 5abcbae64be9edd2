# What src/main/cpu computes, slowly and obviously: its twin, and what takes its place where it is not there.

# Products with 8-bit matrices w (out, in), a scale per row (out, 1). Each row of x (N, in) is rounded to as many levels by its
# own largest number as 32-bit sums can bear; then nothing is rounded before the scales: doubles hold these
# sums exactly.
def linear8(x: Tensor, w: Tensor, scales: Tensor) -> Tensor:
  levels = float(min(32767, 2147483647 // (127 * torch.size(x, 1))))
  largest = torch.clamp_min(torch.amax(torch.abs(x), [1], True), 1e-30)
  rounded = torch.to(torch.round(x * (torch.full_like(largest, levels) / largest)), 7)
  sums = torch.mm(rounded, torch.t(torch.to(w, 7)))
  return torch.to(sums, 6) * (largest / levels * torch.t(scales))

# Each row of x is divided by the norm of itself and the 8 numbers that follow it in memory.
def normed_linear8(x: Tensor, w: Tensor, scales: Tensor) -> Tensor:
  rows, width = torch.size(x)
  tailed = torch.as_strided(x, [rows, width + 8], torch.stride(x))
  return __torch__.cpu.linear8(x / torch.linalg_vector_norm(tailed, 2, [-1], True), w, scales)

def add_linear8(y: Tensor, x: Tensor, w: Tensor, scales: Tensor) -> None:
  torch.add_(y, __torch__.cpu.linear8(x, w, scales))

# x: (N, 2 in), a gate and what it lets through.
def add_gated_linear8(y: Tensor, x: Tensor, w: Tensor, scales: Tensor) -> None:
  width = torch.size(w, 1)
  passed = torch.silu(torch.narrow(x, 1, 0, width)) * torch.narrow(x, 1, width, width)
  torch.add_(y, __torch__.cpu.linear8(passed, w, scales))

# x: (1, in), w: (in, out), the transposed view of a matrix.
def linear32_row(x: Tensor, w: Tensor) -> Tensor:
  return torch.mm(x, w)

# Attention of one new position. x (slots, groups (shared + 2) width): of each group its queries, its key, its value. turns:
# a complex number for each two neighbours of a row of x. cache: (2 slots groups positions, width), keys first.
def attend(x: Tensor, turns: Tensor, cache: Tensor, groups: int, position: int) -> Tensor:
  slots = torch.size(x, 0)
  width = torch.size(cache, 1)
  shared = torch.size(x, 1) // (groups * width) - 2
  heads = groups * (shared + 2)
  by = torch.view_as_complex(turns.view(1, heads, -1, 2))
  turned = torch.view_as_real(torch.view_as_complex(x.view(slots, heads, -1, 2)) * by).view(slots, groups, shared + 2, width)
  known = cache.view(2, slots, groups, -1, width)
  torch.copy_(torch.select(known[0], 2, position), torch.select(turned, 2, shared))
  torch.copy_(torch.select(known[1], 2, position), torch.select(turned, 2, shared + 1))
  keys = torch.narrow(known[0], 2, 0, position + 1)
  values = torch.narrow(known[1], 2, 0, position + 1)
  scores = torch.matmul(torch.narrow(turned, 2, 0, shared), torch.transpose(keys, 2, 3))
  return torch.reshape(torch.matmul(torch.softmax(scores, -1), values), [slots, -1])

# The rest of a layer after its attention, onto x, whose rows are followed by their tail; both: gate and what it lets through.
def finish8(x: Tensor, heard: Tensor, output: Tensor, output_scales: Tensor, both: Tensor, both_scales: Tensor, down: Tensor, down_scales: Tensor) -> None:
  __torch__.cpu.add_linear8(x, heard, output, output_scales)
  y = __torch__.cpu.normed_linear8(x, both, both_scales)
  __torch__.cpu.add_gated_linear8(x, y, down, down_scales)

# A whole layer at one new position, onto x; w: its queries, keys and values.
def layer8(x: Tensor, turns: Tensor, cache: Tensor, groups: int, position: int, w: Tensor, scales: Tensor, output: Tensor, output_scales: Tensor, both: Tensor, both_scales: Tensor, down: Tensor, down_scales: Tensor) -> None:
  heard = __torch__.cpu.attend(__torch__.cpu.normed_linear8(x, w, scales), turns, cache, groups, position)
  __torch__.cpu.finish8(x, heard, output, output_scales, both, both_scales, down, down_scales)
