# Lets a test call the sampler of csm/sampler.py by itself.
class Sampling(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  sampler : __torch__.csm.sampler.Sampler

  def open(self, codebooks: int, usable: int, like: Tensor) -> None:
    self.sampler.open(codebooks, usable, like)

  def noise(self, seeds: Tensor, frames: Tensor) -> Tensor:
    return self.sampler.noise(seeds, frames)

  # A code of this codebook for each row of logits, in frame 0. top_k: (B, 1).
  def sample(self, logits: Tensor, seeds: Tensor, top_k: Tensor, temperature: float, codebook: int, max_top_k: int) -> Tensor:
    noise = self.sampler.codebook_noise(seeds, torch.zeros_like(seeds), top_k)
    temperatures = torch.full([logits.size(0), 1], temperature, dtype=FLOAT32)
    return self.sampler.sample(logits, temperatures, noise, codebook, top_k - 1, max_top_k)
