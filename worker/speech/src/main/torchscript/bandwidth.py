# How fast memory can be read: sums over a buffer far beyond any cache.
class Bandwidth(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  buffer : Tensor

  # Written once, so that every page is there.
  # like: anything on the device whose memory is read.
  def fill(self, count: int, like: Tensor) -> None:
    self.buffer = torch.ones([count], dtype=6, device=like.device)

  def read(self) -> Tensor:
    return torch.sum(self.buffer)
