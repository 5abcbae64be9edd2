# Sampling of codes, reproducible: the noise is a function of seed, frame, codebook and code only.
class Sampler(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  # Only the first codes are drawn.
  usable : int
  # (K, usable)
  counters : Tensor

  # One counter per codebook and code; the stride is above any vocabulary size. like: a tensor on the device.
  def open(self, codebooks: int, usable: int, like: Tensor) -> None:
    self.usable = usable
    codebook_ids = torch.arange(codebooks, dtype=INT64, device=like.device)
    codes = torch.arange(usable, dtype=INT64, device=like.device)
    self.counters = torch.unsqueeze(codebook_ids, 1) * 1048576 + torch.unsqueeze(codes, 0) + 1

  # One (B, usable) per codebook. A greedy row (top-k 1) takes the most probable code: its noise is constant.
  def codebook_noise(self, seeds: Tensor, frames: Tensor, top_k: Tensor) -> List[Tensor]:
    return torch.unbind(torch.masked_fill_(self.noise(seeds, frames), torch.unsqueeze(top_k == 1, 2), 1.), 1)

  # Exponential noise (B, K, usable): SplitMix64 (Steele, Lea, Flood 2014) of a counter, then -log of its upper 52 bits as
  # a number in (0, 1).
  def noise(self, seeds: Tensor, frames: Tensor) -> Tensor:
    frame_keys = self.mix(self.mix(seeds) + (frames + 1) * -7046029254386353131)
    bits = self.mix(frame_keys.view(-1, 1, 1) + torch.unsqueeze(self.counters, 0) * -7046029254386353131)
    uniform = (torch.to(self.shift(bits, 12), FLOAT64) + 0.5) * 2.220446049250313e-16
    return torch.to(torch.neg(torch.log(uniform)), FLOAT32)

  def mix(self, x: Tensor) -> Tensor:
    x = torch.bitwise_xor(x, self.shift(x, 30)) * -4658895280553007687
    x = torch.bitwise_xor(x, self.shift(x, 27)) * -7723592293110705685
    return torch.bitwise_xor(x, self.shift(x, 31))

  # Logical right shift, 0 < by < 63: libtorch's is arithmetic.
  def shift(self, x: Tensor, by: int) -> Tensor:
    return torch.bitwise_and(torch.bitwise_right_shift(x, by), (1 << (64 - by)) - 1)

  # Samples one code per slot from logits (B, V). The argmax of probability / exponential noise is distributed as the
  # probabilities. temperatures: (B, 1) or more rows. noise: by codebook. kth: (B, 1), top-k minus 1.
  def sample(
      self, logits: Tensor, temperatures: Tensor, noise: List[Tensor], codebook: int, kth: Tensor, max_top_k: int) -> Tensor:
    usable = torch.narrow(logits, 1, 0, self.usable)
    if max_top_k == 1:
      return torch.argmax(usable, -1)
    x = torch.to(usable, FLOAT32)
    x = (x - torch.amax(x, [-1], True)) / temperatures[0:x.size(0)]
    best, ids = torch.topk(x, max_top_k, -1, True, True)
    torch.masked_fill_(x, x < torch.gather(best, 1, kth), -inf)
    return torch.argmax(torch.softmax(x, -1) / noise[codebook], -1)
