# Gated convolutions by the operators of src/main/cpp/cpu. gated.py has those of other devices, and says what each function does.

# Filters of size 1 or 3 only.
def prepare(weights: Dict[str, Tensor], layer: str, reduced: int, looks: bool) -> None:
  filters = torch.cat([weights.pop(layer + "conv.weight"), weights.pop(layer + "gate.weight")], 0)
  biases = torch.cat([weights.pop(layer + "conv.bias"), weights.pop(layer + "gate.bias")], 0)
  weights[layer + "packed"] = ops.utter_cpu.pack_gated(filters, biases, False)
  if looks and reduced != FLOAT32:
    weights[layer + "packed.reduced"] = ops.utter_cpu.pack_gated(filters, biases, True)

# In 32 bit always. The channels of a position are neighbours, and padded.
def plane(channels: int, frequencies: int, frames: int, reduced_type: int, reduced: bool, like: Tensor) -> Tensor:
  return ops.utter_cpu.gated_plane(like, channels, frequencies, frames)

# height, centre and nnpack have no meaning here.
def rows(
    weights: Dict[str, Tensor], layer: str, plane: Tensor, above: Tensor, centre: Tensor, sums: Tensor, scale: Tensor,
    shift: Tensor, start: int, stop: int, height: int, nnpack: bool, reduced: bool) -> None:
  packed = weights[layer + ("packed.reduced" if reduced else "packed")]
  ops.utter_cpu.gated_rows(plane, above, sums, scale, shift, packed, start, stop)
