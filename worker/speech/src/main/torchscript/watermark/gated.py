# Gated convolutions with libtorch's operators, for every device. gated_native.py has those of src/main/cpp/cpu.

# Changes the weights of a layer to the form that `rows` reads. value and gate read the same inputs, so they are one convolution.
# reduced: the type of reduced looks; looks: whether the layer has them
def prepare(weights: Dict[str, Tensor], layer: str, reduced: int, looks: bool) -> None:
  for kind in ["weight", "bias"]:
    value = weights.pop(layer + "conv." + kind)
    gate = weights.pop(layer + "gate." + kind)
    weights[layer + kind] = torch.cat([value, gate], 0)
    if looks:
      weights[layer + kind + ".reduced"] = torch.to(weights[layer + kind], reduced)

# A plane (1, channels, frequencies, frames) of this type, or of reduced numbers.
def plane(channels: int, frequencies: int, frames: int, reduced_type: int, reduced: bool, like: Tensor) -> Tensor:
  kind = reduced_type if reduced else FLOAT32
  return torch.zeros([1, channels, frequencies, frames], dtype=kind, device=like.device)

# rows (1, in, rows + 2·reach, frames) to (1, 2·out, rows, frames), values first
def convolve(weights: Dict[str, Tensor], layer: str, rows: Tensor, nnpack: bool, reduced: bool) -> Tensor:
  weight = weights[layer + ("weight.reduced" if reduced else "weight")]
  bias = weights[layer + ("bias.reduced" if reduced else "bias")]
  reach = weight.size(2) // 2
  if nnpack and not reduced and weight.size(2) == 3 and weight.size(1) >= 8:
    return torch._nnpack_spatial_convolution(rows, weight, bias, [0, reach], [1, 1])
  # The last switch permits cuDNN to round the inputs to 10 bits (TF32), which conv2d always permits.
  return torch._convolution(rows, weight, bias, [1, 1], [0, reach], [1, 1], False, [0, 0], 1, False, False, True, reduced)

# One step of a layer: the frequencies from start to stop, in blocks of `height`. Reads the first channels of the plane,
# normalised by scale and shift, and writes the layer's outputs over them. See Watermark.pass_state for the others.
def rows(
    weights: Dict[str, Tensor], layer: str, plane: Tensor, above: Tensor, centre: Tensor, sums: Tensor, scale: Tensor,
    shift: Tensor, start: int, stop: int, height: int, nnpack: bool, reduced: bool) -> None:
  weight = weights[layer + "weight"]
  inputs = weight.size(1)
  outputs = weight.size(0) // 2
  reach = weight.size(2) // 2
  frequencies = plane.size(2)
  frames = plane.size(3)
  factor = torch.to(scale[:, 0:inputs], plane.dtype)
  offset = torch.to(shift[:, 0:inputs], plane.dtype)
  middle = centre[:, 0:outputs]
  edge = above[:, 0:inputs, 0:reach]
  total = sums[0, 0:outputs]
  squares = sums[1, 0:outputs]
  first = start
  while first < stop:
    last = min(first + height, stop)
    below = min(last + reach, frequencies)
    block = torch.empty([1, inputs, last - first + 2 * reach, frames], dtype=plane.dtype, device=plane.device)
    block[:, :, 0:reach] = edge
    torch.addcmul(offset, plane[:, 0:inputs, first:below], factor, out=block[:, :, reach:reach + below - first])
    torch.zero_(block[:, :, reach + below - first:])
    torch.copy_(edge, block[:, :, last - first:last - first + reach])
    value_gate = __torch__.watermark.gated.convolve(weights, layer, block, nnpack, reduced)
    value = value_gate[:, 0:outputs]
    gate = torch.sigmoid_(value_gate[:, outputs:])
    # Sums of squares lose digits where the mean is large, so a rough mean is subtracted first.
    if first == 0:
      torch.copy_(middle, torch.neg(torch.mean(value * gate, [0, 2, 3], True)))
    out = torch.addcmul(middle, value, gate, out=plane[:, 0:outputs, first:last])
    torch.add_(total, torch.sum(out, [0, 2, 3], False, dtype=FLOAT32))
    torch.add_(squares, torch.sum(torch.square(out), [0, 2, 3], False, dtype=FLOAT32))
    first = last
