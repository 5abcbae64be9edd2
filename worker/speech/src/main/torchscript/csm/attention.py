# Attention of query heads that share key/value heads. The queries are scaled already, see layer.order_qkv.

# Added to scores (T, S): -inf for future positions. Repeated for the query heads that share a key head.
def causal_mask(future: Tensor, repeats: int, dtype: int) -> Tensor:
  mask = torch.masked_fill(torch.zeros_like(future, dtype=dtype), future, -inf)
  return mask if repeats == 1 else mask.repeat(repeats, 1)

# One position per slot. q: (B G, H / G, D), k: (B G, D, S), v: (B G, S, D), mask: (B G, 1, S), added, or None.
# Returns (B, H D). Query heads that share a key head become rows of the same product. The fused kernel wakes all threads
# even for one position; on a busy machine a wake-up costs more than the attention itself.
def attend_once(q: Tensor, k: Tensor, v: Tensor, slots: int, mask: Optional[Tensor]) -> Tensor:
  if mask is None:
    scores = torch.bmm(q, k)
  else:
    scores = torch.baddbmm(mask, q, k)
  # Accumulated in 32 bit for every type, and rounded once.
  return torch.bmm(torch.softmax(scores, -1), v).view(slots, -1)

# Several positions per slot. q: (B, T, G, H / G, D), k and v: (B, G, S, D), mask: (H / G T, S), added. Returns (B T, H D).
# fused: whether libtorch chooses a kernel that does not store the scores. What it chooses for half precision on a GPU may
# refuse these shapes, or build and keep a plan for every length.
def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor, fused: bool) -> Tensor:
  count, steps, groups, shared, dim = torch.size(q)
  rows = torch.reshape(torch.permute(q, [0, 2, 3, 1, 4]), [count, groups, shared * steps, dim])
  if fused:
    attn_output = torch.scaled_dot_product_attention(rows, k, v, mask, 0., False, scale=1.)
  else:
    attn_output = torch.matmul(torch.softmax(torch.matmul(rows, torch.transpose(k, 2, 3)) + mask, -1), v)
  by_position = torch.permute(attn_output.view(count, groups, shared, steps, dim), [0, 3, 1, 2, 4])
  return torch.reshape(by_position, [count * steps, -1])
