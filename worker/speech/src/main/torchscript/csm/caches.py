# KV caches and other tensors by slot.

# A tensor of this shape on the device of `like`; contents of the old one are kept as far as they fit.
def resized(old: Tensor, shape: List[int], dtype: int, fill: int, like: Tensor) -> Tensor:
  fresh = torch.full(shape, fill, dtype=dtype, device=like.device)
  if old.numel() == 0:
    return fresh
  kept = fresh
  for i in range(len(shape)):
    size = min(shape[i], old.size(i))
    kept = torch.narrow(kept, i, 0, size)
    old = torch.narrow(old, i, 0, size)
  torch.copy_(kept, old)
  return fresh

# cache: (slots, G, positions, D).
def move_positions(cache: Tensor, source: int, target: int, positions: int) -> None:
  torch.copy_(torch.narrow(cache[target], 1, 0, positions), torch.narrow(cache[source], 1, 0, positions))
