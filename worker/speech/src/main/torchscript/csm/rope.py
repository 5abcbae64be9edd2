# Rotary embeddings with half-split pairs. A pair is one complex number, so a rotation is a complex product.

# The factors by position: (positions, heads + 2 groups, D / 2), complex, in the order of layer.order_qkv. For values the
# factor is 1.
def rope_table(frequencies: Tensor, positions: int, heads: int, groups: int) -> Tensor:
  steps = torch.arange(positions, dtype=FLOAT32, device=frequencies.device)
  angles = torch.unsqueeze(torch.unsqueeze(steps, 1) * torch.unsqueeze(frequencies, 0), 1)
  rotated = torch.polar(torch.ones_like(angles), angles).expand(positions, heads // groups + 1, -1)
  kept = torch.polar(torch.ones_like(angles), torch.zeros_like(angles))
  return torch.cat([rotated, kept], 1).repeat(1, groups, 1)

# One head (D, in) with its halves interleaved, so that the two numbers of a pair are neighbours.
def interleaved(head: Tensor) -> Tensor:
  halves = head.view(2, head.size(0) // 2, -1)
  return torch.reshape(torch.transpose(halves, 0, 1), [head.size(0), -1])
