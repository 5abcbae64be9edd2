# One layer over a plane: by the operators, and by the formula.
class Gated(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool

  # plane (1, channels, frequencies, frames); filters (2 out, in, size, size); biases (2 out); scale and shift (channels). Returns
  # the outputs (out, frequencies, frames) and behind them their sums and the sums of their squares (out), flat.
  def tiles(
      self, plane: Tensor, scale: Tensor, shift: Tensor, filters: Tensor, biases: Tensor, step: int, reduced: bool) -> Tensor:
    outputs = filters.size(0) // 2
    channels = plane.size(1)
    frequencies = plane.size(2)
    frames = plane.size(3)
    whole = ops.utter_cpu.gated_plane(plane, max(channels, outputs), frequencies, frames)
    width = whole.size(1)
    # Numbers in channels of padding do no harm.
    torch.fill_(whole, 1)
    whole[:, 0:channels] = plane
    above = ops.utter_cpu.gated_plane(plane, width, 1, frames)
    sums = torch.zeros([2, width], dtype=FLOAT64)
    factor = torch.ones([1, width, 1, 1], dtype=FLOAT32)
    factor[0, 0:channels, 0, 0] = scale
    offset = torch.ones([1, width, 1, 1], dtype=FLOAT32)
    offset[0, 0:channels, 0, 0] = shift
    packed = ops.utter_cpu.pack_gated(filters, biases, reduced)
    start = 0
    while start < frequencies:
      stop = min(start + step, frequencies)
      ops.utter_cpu.gated_rows(whole, above, sums, factor, offset, packed, start, stop)
      start = stop
    return torch.cat([
        torch.reshape(whole[:, 0:outputs], [-1]), torch.reshape(torch.to(sums[:, 0:outputs], FLOAT32), [-1])], 0)

  def formula(self, plane: Tensor, scale: Tensor, shift: Tensor, filters: Tensor, biases: Tensor) -> Tensor:
    outputs = filters.size(0) // 2
    margin = filters.size(2) // 2
    normalised = torch.to(plane, FLOAT64) * scale.view(1, -1, 1, 1) + shift.view(1, -1, 1, 1)
    value_gate = torch.conv2d(
        normalised, torch.to(filters, FLOAT64), torch.to(biases, FLOAT64), [1, 1], [margin, margin], [1, 1], 1)
    out = value_gate[:, 0:outputs] * torch.sigmoid(value_gate[:, outputs:])
    sums = torch.cat([torch.sum(out, [0, 2, 3], False), torch.sum(out * out, [0, 2, 3], False)], 0)
    return torch.to(torch.cat([torch.reshape(out, [-1]), sums], 0), FLOAT32)
