# Reference implementation of src/main/cpp/cpu: slow and obvious. Also used where the operators are missing.

# A matrix as the products take it, from 8-bit numbers (out, in) and one scale per row (out, 1). Here each row of numbers is
# followed by its scale, all in 32 bit; the operators use another order.
def pack_int8(numbers: Tensor, scales: Tensor) -> Tensor:
  return torch.cat([torch.to(numbers, FLOAT32), scales], 1)

# Each row of x (N, in) is quantized by its own maximum, to the largest range for which 32-bit sums cannot overflow. The sums
# are exact (doubles hold them); nothing is rounded before the scales.
def linear_int8(x: Tensor, w: Tensor) -> Tensor:
  width = torch.size(x, 1)
  scales = torch.narrow(w, 1, width, 1)
  numbers = torch.to(torch.narrow(w, 1, 0, width), FLOAT64)
  qmax = float(min(INT16_MAX, INT32_MAX // (INT8_MAX * width)))
  largest = torch.clamp_min(torch.amax(torch.abs(x), [1], True), MIN_MAGNITUDE)
  quantized = torch.to(torch.round(x * (torch.full_like(largest, qmax) / largest)), FLOAT64)
  sums = torch.mm(quantized, torch.t(numbers))
  return torch.to(sums, FLOAT32) * (largest / qmax * torch.t(scales))

# RMSNorm: each row of x is divided by the norm of itself and of the EPS_TAIL numbers that follow it in memory.
def norm_linear_int8(x: Tensor, w: Tensor) -> Tensor:
  rows, width = torch.size(x)
  x_eps = torch.as_strided(x, [rows, width + EPS_TAIL], torch.stride(x))
  return __torch__.cpu.linear_int8(x / torch.linalg_vector_norm(x_eps, 2, [-1], True), w)

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
def post_attention_int8(x: Tensor, attn_output: Tensor, output: Tensor, gate_up: Tensor, down: Tensor) -> None:
  torch.add_(x, __torch__.cpu.linear_int8(attn_output, output))
  gate, up = torch.chunk(__torch__.cpu.norm_linear_int8(x, gate_up), 2, 1)
  torch.add_(x, __torch__.cpu.linear_int8(torch.silu(gate) * up, down))

# A whole layer at one new position per slot, added to the residual x; w: the QKV projection.
def decoder_layer_int8(
    x: Tensor, rope: Tensor, cache: Tensor, groups: int, positions: Tensor, w: Tensor, output: Tensor, gate_up: Tensor,
    down: Tensor) -> None:
  attn_output = __torch__.cpu.decode_attention(__torch__.cpu.norm_linear_int8(x, w), rope, cache, groups, positions)
  __torch__.cpu.post_attention_int8(x, attn_output, output, gate_up, down)
