# Between the frame rate and the rate of the transformers, FRAME_STRIDE times as high.
class Resampling(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  # (spans of FRAME_STRIDE taps, oldest first, FRAME_STRIDE, 1, groups, in per group, out per group)
  upsampling : Tensor
  tail : int
  downsampling : __torch__.mimi.convolutions.Convolutions

  def load(self, weights: Dict[str, Tensor], groups: int) -> None:
    weight = weights["upsample.conv.weight"]
    # (in, out per group, kernel)
    spans = weight.size(2) // FRAME_STRIDE
    parts = torch.view(weight, [groups, weight.size(0) // groups, weight.size(1), spans, FRAME_STRIDE])
    parts = torch.flip(torch.permute(parts, [3, 4, 0, 1, 2]), [0])
    self.upsampling = torch.contiguous(torch.unsqueeze(parts, 2))
    self.tail = (spans - 1) * weight.size(0)
    weight = weights["downsample.conv.weight"]
    bias = torch.zeros([weight.size(0)], dtype=FLOAT32, device=weight.device)
    self.downsampling.add_taps(weight, bias, FRAME_STRIDE)

  # tail: see Convolutions.conv.
  def upsample(self, x: Tensor, tail: Tensor) -> Tensor:
    spans = self.upsampling.size(0)
    n = x.size(0)
    clips = x.size(1)
    if spans > 1:
      x = __torch__.mimi.convolutions.join(x, tail, spans - 1)
    rows = torch.view(x, [x.size(0), 1, clips, self.upsampling.size(3), -1, 1])
    y = rows[0:n] * self.upsampling[0]
    for i in range(1, spans):
      y = y + rows[i:i + n] * self.upsampling[i]
    return torch.reshape(torch.sum(y, [4]), [FRAME_STRIDE * n, clips, -1])

  # Not streamed: runs once over all positions of a clip. Repeats its outermost inputs as padding.
  def downsample(self, x: Tensor) -> Tensor:
    n = x.size(0)
    look_back = FRAME_STRIDE * (self.downsampling.spans[0] - 1)
    before = torch.expand(x[0:1], [look_back, -1, -1])
    return self.downsampling.products(torch.cat([before, x, x[n - n % FRAME_STRIDE:n]], 0), 0)
