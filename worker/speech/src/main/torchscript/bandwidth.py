# How fast memory can be read: a buffer far beyond any cache is summed up, or multiplied by as the matrix (rows,
# ROW_WIDTH) that it is then, whichever is faster.
class Bandwidth(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  buffer : Tensor

  # Written once, so that every page is there.
  # like: anything on the device whose memory is read.
  def fill(self, rows: int, like: Tensor) -> None:
    self.buffer = torch.ones([rows, ROW_WIDTH], dtype=FLOAT32, device=like.device)

  def read(self) -> Tensor:
    return torch.sum(self.buffer)

  def multiply(self) -> Tensor:
    row = torch.ones([1, ROW_WIDTH], dtype=FLOAT32, device=self.buffer.device)
    return __torch__.cpu.linear_float32(row, torch.t(self.buffer))[0, 0]
