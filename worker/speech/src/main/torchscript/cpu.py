# Reference implementation of src/main/cpp/cpu: slow and obvious. Also used where the operators are missing.

# A matrix as the products take it, from 8-bit numbers (out, in) and one scale per row (out, 1). Here each row of numbers is
# followed by its scale, all in 32 bit; the operators use another order.
def pack_int8(numbers: Tensor, scales: Tensor) -> Tensor:
  return torch.cat([torch.to(numbers, FLOAT32), scales], 1)

# The same in 4 bit, from the weights w (out, in) and the importance of each input (in). Each group of INT4_GROUP_INPUTS inputs
# has a scale: of those that are tried, the one with the smallest sum of squared errors, each times its importance. It is a
# number of steps; the length of a step is that of the row. Here each group of numbers is followed by both: (out, groups, .. + 2).
def pack_int4(w: Tensor, importance: Tensor) -> Tensor:
  padding = (INT4_GROUP_INPUTS - torch.size(w, 1) % INT4_GROUP_INPUTS) % INT4_GROUP_INPUTS
  groups = torch.pad(w, [0, padding], "constant", 0.).view(torch.size(w, 0), -1, INT4_GROUP_INPUTS)
  weighting = torch.to(torch.pad(importance, [0, padding], "constant", 0.).view(1, -1, INT4_GROUP_INPUTS), FLOAT64)
  largest = torch.amax(groups, [2], True)
  smallest = torch.amin(groups, [2], True)
  farthest = torch.where(largest >= -smallest, largest, smallest)
  row_largest = torch.clamp_min(torch.amax(torch.abs(farthest), [1], True), MIN_MAGNITUDE)
  lengths = row_largest / torch.full_like(row_largest, INT4_FIRST_QUOTIENT) / torch.full_like(row_largest, float(INT8_MAX))
  best = torch.zeros_like(farthest)
  least = torch.full_like(torch.to(farthest, FLOAT64), 1e300)
  for i in range(INT4_QUOTIENTS):
    quotients = torch.full_like(farthest, -(INT4_FIRST_QUOTIENT + INT4_QUOTIENT_STEP * float(i)))
    steps = torch.round(farthest / quotients / lengths)
    differences = torch.to(groups - __torch__.cpu.rounded_int4(groups, steps * lengths) * (steps * lengths), FLOAT64)
    errors = torch.sum(differences * differences * weighting, [2], True)
    best = torch.where(errors < least, steps, best)
    least = torch.minimum(errors, least)
  numbers = __torch__.cpu.rounded_int4(groups, best * lengths)
  return torch.cat([numbers, best, lengths.expand_as(best)], 2)

def rounded_int4(groups: Tensor, scales: Tensor) -> Tensor:
  inverses = torch.where(scales == 0, torch.zeros_like(scales), torch.ones_like(scales) / scales)
  return torch.clamp(torch.round(groups * inverses), INT4_MIN, INT4_MAX)

# Each row of x (N, in) is quantized by its own maximum. Returns the numbers in 64 bit and the scales (N, 1).
def quantized(x: Tensor, qmax: float) -> Tuple[Tensor, Tensor]:
  largest = torch.clamp_min(torch.amax(torch.abs(x), [1], True), MIN_MAGNITUDE)
  numbers = torch.to(torch.round(x * (torch.full_like(largest, qmax) / largest)), FLOAT64)
  return (numbers, largest / qmax)

# x (N, in) times a packed matrix.
def linear_packed(x: Tensor, w: Tensor) -> Tensor:
  return __torch__.cpu.linear_int4(x, w) if w.dim() == 3 else __torch__.cpu.linear_int8(x, w)

# Rows have the largest range for which 32-bit sums cannot overflow. The sums are exact (doubles hold them); nothing is rounded
# before the scales.
def linear_int8(x: Tensor, w: Tensor) -> Tensor:
  width = torch.size(x, 1)
  numbers, scales = __torch__.cpu.quantized(x, float(min(INT16_MAX, INT32_MAX // (INT8_MAX * width))))
  sums = torch.mm(numbers, torch.t(torch.to(torch.narrow(w, 1, 0, width), FLOAT64)))
  return torch.to(sums, FLOAT32) * (scales * torch.t(torch.narrow(w, 1, width, 1)))

# The sum of a group is exact, in 32 bit too. Then it is scaled and added, group by group.
def linear_int4(x: Tensor, w: Tensor) -> Tensor:
  numbers, scales = __torch__.cpu.quantized(x, float(INT16_MAX))
  groups = torch.size(w, 1)
  numbers = torch.pad(numbers, [0, groups * INT4_GROUP_INPUTS - torch.size(x, 1)], "constant", 0.)
  totals = torch.zeros([torch.size(x, 0), torch.size(w, 0)], dtype=FLOAT32)
  for group in range(groups):
    weights = torch.select(w, 1, group)
    inputs = torch.narrow(numbers, 1, group * INT4_GROUP_INPUTS, INT4_GROUP_INPUTS)
    sums = torch.mm(inputs, torch.t(torch.to(torch.narrow(weights, 1, 0, INT4_GROUP_INPUTS), FLOAT64)))
    totals = totals + torch.to(sums, FLOAT32) * torch.t(torch.narrow(weights, 1, INT4_GROUP_INPUTS, 1))
  return totals * (scales * torch.t(torch.narrow(torch.select(w, 1, 0), 1, INT4_GROUP_INPUTS + 1, 1)))

# RMSNorm: each row of x is divided by the norm of itself and of the EPS_TAIL numbers that follow it in memory.
def norm_linear_packed(x: Tensor, w: Tensor) -> Tensor:
  rows, width = torch.size(x)
  x_eps = torch.as_strided(x, [rows, width + EPS_TAIL], torch.stride(x))
  return __torch__.cpu.linear_packed(x / torch.linalg_vector_norm(x_eps, 2, [-1], True), w)

# x: (N, in), w: (in, out), the transposed view of a matrix.
def linear_float32(x: Tensor, w: Tensor) -> Tensor:
  return torch.mm(x, w)

# Attention of one new position per slot. x (slots, groups (shared + 2) width): per group its queries, its key, its value.
# rope (slots or 1, like x): one complex number per pair of neighbours of a row of x. cache: (2 slots groups positions,
# width), keys first. positions: one per slot of the cache, which may have more slots than x.
def decode_attention(x: Tensor, rope: Tensor, cache: Tensor, groups: int, positions: Tensor) -> Tensor:
  slots = torch.size(x, 0)
  width = torch.size(cache, 1)
  shared = torch.size(x, 1) // (groups * width) - 2
  heads = groups * (shared + 2)
  rotations = torch.view_as_complex(rope.view(-1, heads, width // 2, 2))
  rotated = torch.view_as_real(torch.view_as_complex(x.view(slots, heads, -1, 2)) * rotations)
  rotated = rotated.view(slots, groups, shared + 2, width)
  cached = cache.view(2, positions.size(0), groups, -1, width)
  parts = annotate(List[Tensor], [])
  for slot in range(slots):
    position = int(positions[slot])
    torch.copy_(torch.select(cached[0][slot], 1, position), torch.select(rotated[slot], 1, shared))
    torch.copy_(torch.select(cached[1][slot], 1, position), torch.select(rotated[slot], 1, shared + 1))
    keys = torch.narrow(cached[0][slot], 1, 0, position + 1)
    values = torch.narrow(cached[1][slot], 1, 0, position + 1)
    scores = torch.matmul(torch.narrow(rotated[slot], 1, 0, shared), torch.transpose(keys, 1, 2))
    parts.append(torch.reshape(torch.matmul(torch.softmax(scores, -1), values), [1, -1]))
  return torch.cat(parts, 0)

# Output projection and MLP of a layer, added to the residual x, whose rows are followed by their eps tails.
def post_attention_packed(x: Tensor, attn_output: Tensor, output: Tensor, gate_up: Tensor, down: Tensor) -> None:
  torch.add_(x, __torch__.cpu.linear_packed(attn_output, output))
  gate, up = torch.chunk(__torch__.cpu.norm_linear_packed(x, gate_up), 2, 1)
  torch.add_(x, __torch__.cpu.linear_packed(torch.silu(gate) * up, down))

# A whole layer at one new position per slot, added to the residual x; w: the QKV projection.
def decoder_layer_packed(
    x: Tensor, rope: Tensor, cache: Tensor, groups: int, positions: Tensor, w: Tensor, output: Tensor, gate_up: Tensor,
    down: Tensor) -> None:
  attn_output = __torch__.cpu.decode_attention(__torch__.cpu.norm_linear_packed(x, w), rope, cache, groups, positions)
  __torch__.cpu.post_attention_packed(x, attn_output, output, gate_up, down)
