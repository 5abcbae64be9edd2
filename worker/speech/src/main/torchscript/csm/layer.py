# What a layer of the backbone and one of the depth decoder have in common. A layer has MATRICES_PER_LAYER matrices, from
# number i on: QKV, output, gate and up, down.

# qkv: (H D + 2 G D, in), changed in place. The attention scale is folded into the queries. The result has its rows in
# another order: the queries of a group, its key and its value become neighbours, so that groups of all slots have the same
# stride. Rotary pairs become neighbours, see rope.interleaved.
def order_qkv(qkv: Tensor, heads: int, groups: int) -> Tensor:
  dim = qkv.size(0) // (heads + 2 * groups)
  shared = heads // groups
  torch.mul_(torch.narrow(qkv, 0, 0, heads * dim), float(dim) ** -0.5)
  ordered = torch.empty_like(qkv)
  old = qkv.view(heads + 2 * groups, dim, -1)
  new = ordered.view(heads + 2 * groups, dim, -1)
  at = 0
  for group in range(groups):
    for head in range(group * shared, (group + 1) * shared):
      torch.copy_(new[at], __torch__.csm.rope.interleaved(old[head]))
      at += 1
    torch.copy_(new[at], __torch__.csm.rope.interleaved(old[heads + group]))
    torch.copy_(new[at + 1], old[heads + groups + group])
    at += 2
  return ordered

# QKV projection with rotary embedding: queries (N G, H / G, D), keys and values (N G, 2, D).
def project(
    matrices: __torch__.csm.matrices.Matrices,
    x: Tensor, i: int, rope: Tensor, heads: int, groups: int) -> Tuple[Tensor, Tensor]:
  qkv = torch.contiguous(matrices.norm_product(x, i))
  if qkv.dtype == FLOAT32:
    torch.mul_(torch.view_as_complex(qkv.view(x.size(0), heads + 2 * groups, -1, 2)), rope)
  else:
    wide = torch.to(qkv, FLOAT32)
    torch.mul_(torch.view_as_complex(wide.view(x.size(0), heads + 2 * groups, -1, 2)), rope)
    qkv = torch.to(wide, qkv.dtype)
  # Two views in two calls; split creates more.
  rows, width = torch.size(qkv)
  shared = heads // groups
  dim = width // (heads + 2 * groups)
  stride = width // groups
  q = torch.as_strided(qkv, [rows * groups, shared, dim], [stride, dim, 1], 0)
  return (q, torch.as_strided(qkv, [rows * groups, 2, dim], [stride, dim, 1], shared * dim))

# Output projection and MLP, added to the residual x.
def post_attention(matrices: __torch__.csm.matrices.Matrices, x: Tensor, attn_output: Tensor, i: int) -> None:
  if matrices.use_cpu_packed(i + 1, MATRICES_PER_LAYER - 1, x.size(0)):
    w = matrices.weights
    __torch__.cpu.post_attention_packed(x, attn_output, w[i + 1], w[i + 2], w[i + 3])
  else:
    matrices.add_product(x, attn_output, i + 1)
    matrices.add_silu_mul_product(x, matrices.norm_product(x, i + 2), i + 3)

# A layer at one new position per slot, with the CPU operators, added to the residual x. See cpu.decode_attention.
def decode_layer(
    matrices: __torch__.csm.matrices.Matrices, x: Tensor, i: int, rope: Tensor, cache: Tensor, groups: int,
    positions: Tensor) -> None:
  if matrices.use_cpu_packed(i, MATRICES_PER_LAYER, x.size(0)):
    w = matrices.weights
    __torch__.cpu.decoder_layer_packed(x, rope, cache, groups, positions, w[i], w[i + 1], w[i + 2], w[i + 3])
  else:
    qkv = torch.contiguous(matrices.norm_product(x, i))
    attn_output = __torch__.cpu.decode_attention(qkv, rope, cache, groups, positions)
    __torch__.csm.layer.post_attention(matrices, x, attn_output, i)
