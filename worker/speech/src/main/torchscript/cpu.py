# Reference implementation of src/main/cpp/cpu: slow and obvious. Also used where the operators are missing.

# Products with 8-bit matrices w (out, in), one scale per row (out, 1). Each row of x (N, in) is quantized by its own
# maximum, to the largest range for which 32-bit sums cannot overflow. The sums are exact (doubles hold them); nothing is
# rounded before the scales.
def linear_int8(x: Tensor, w: Tensor, scales: Tensor) -> Tensor:
  qmax = float(min(INT16_MAX, INT32_MAX // (INT8_MAX * torch.size(x, 1))))
  largest = torch.clamp_min(torch.amax(torch.abs(x), [1], True), MIN_MAGNITUDE)
  quantized = torch.to(torch.round(x * (torch.full_like(largest, qmax) / largest)), FLOAT64)
  sums = torch.mm(quantized, torch.t(torch.to(w, FLOAT64)))
  return torch.to(sums, FLOAT32) * (largest / qmax * torch.t(scales))

# RMSNorm: each row of x is divided by the norm of itself and of the EPS_TAIL numbers that follow it in memory.
def norm_linear_int8(x: Tensor, w: Tensor, scales: Tensor) -> Tensor:
  rows, width = torch.size(x)
  x_eps = torch.as_strided(x, [rows, width + EPS_TAIL], torch.stride(x))
  return __torch__.cpu.linear_int8(x / torch.linalg_vector_norm(x_eps, 2, [-1], True), w, scales)

def add_linear_int8(y: Tensor, x: Tensor, w: Tensor, scales: Tensor) -> None:
  torch.add_(y, __torch__.cpu.linear_int8(x, w, scales))

# x: (N, 2 in), gate and up.
def add_silu_mul_linear_int8(y: Tensor, x: Tensor, w: Tensor, scales: Tensor) -> None:
  width = torch.size(w, 1)
  gated = torch.silu(torch.narrow(x, 1, 0, width)) * torch.narrow(x, 1, width, width)
  torch.add_(y, __torch__.cpu.linear_int8(gated, w, scales))

# x: (1, in), w: (in, out), the transposed view of a matrix.
def linear_float32_row(x: Tensor, w: Tensor) -> Tensor:
  return torch.mm(x, w)

# Attention of one new position. x (slots, groups (shared + 2) width): per group its queries, its key, its value. rope: one
# complex number per pair of neighbours of a row of x. cache: (2 slots groups positions, width), keys first.
def decode_attention(x: Tensor, rope: Tensor, cache: Tensor, groups: int, position: int) -> Tensor:
  slots = torch.size(x, 0)
  width = torch.size(cache, 1)
  shared = torch.size(x, 1) // (groups * width) - 2
  heads = groups * (shared + 2)
  rotations = torch.view_as_complex(rope.view(1, heads, -1, 2))
  rotated = torch.view_as_real(torch.view_as_complex(x.view(slots, heads, -1, 2)) * rotations)
  rotated = rotated.view(slots, groups, shared + 2, width)
  cached = cache.view(2, slots, groups, -1, width)
  torch.copy_(torch.select(cached[0], 2, position), torch.select(rotated, 2, shared))
  torch.copy_(torch.select(cached[1], 2, position), torch.select(rotated, 2, shared + 1))
  keys = torch.narrow(cached[0], 2, 0, position + 1)
  values = torch.narrow(cached[1], 2, 0, position + 1)
  scores = torch.matmul(torch.narrow(rotated, 2, 0, shared), torch.transpose(keys, 2, 3))
  return torch.reshape(torch.matmul(torch.softmax(scores, -1), values), [slots, -1])

# Output projection and MLP of a layer, added to the residual x, whose rows are followed by their eps tails.
def post_attention_int8(
    x: Tensor, attn_output: Tensor, output: Tensor, output_scales: Tensor, gate_up: Tensor, gate_up_scales: Tensor,
    down: Tensor, down_scales: Tensor) -> None:
  __torch__.cpu.add_linear_int8(x, attn_output, output, output_scales)
  y = __torch__.cpu.norm_linear_int8(x, gate_up, gate_up_scales)
  __torch__.cpu.add_silu_mul_linear_int8(x, y, down, down_scales)

# A whole layer at one new position, added to the residual x; w: the QKV projection.
def decoder_layer_int8(
    x: Tensor, rope: Tensor, cache: Tensor, groups: int, position: int, w: Tensor, scales: Tensor, output: Tensor,
    output_scales: Tensor, gate_up: Tensor, gate_up_scales: Tensor, down: Tensor, down_scales: Tensor) -> None:
  attn_output = __torch__.cpu.decode_attention(__torch__.cpu.norm_linear_int8(x, w, scales), rope, cache, groups, position)
  __torch__.cpu.post_attention_int8(x, attn_output, output, output_scales, gate_up, gate_up_scales, down, down_scales)
