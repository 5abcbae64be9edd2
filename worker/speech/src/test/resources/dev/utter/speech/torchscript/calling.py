# Lets a test call attention and layers by themselves. w: the layer's packed matrices.
class Calling(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool

  def pack(self, numbers: Tensor, scales: Tensor) -> Tensor:
    return __torch__.cpu.pack_int8(numbers, scales)

  def pack_int4(self, w: Tensor, importance: Tensor) -> Tensor:
    return __torch__.cpu.pack_int4(w, importance)

  def mean_squares(self, w: Tensor) -> Tensor:
    return __torch__.csm.gating.mean_squares(w)

  def linear(self, x: Tensor, w: Tensor) -> Tensor:
    return __torch__.cpu.linear_packed(x, w)

  def attend(self, x: Tensor, rope: Tensor, cache: Tensor, groups: int, positions: Tensor) -> Tensor:
    return __torch__.cpu.decode_attention(x, rope, cache, groups, positions)

  def post_attention(self, x: Tensor, attn_output: Tensor, w: List[Tensor]) -> None:
    __torch__.cpu.post_attention_packed(x, attn_output, w[0], w[1], w[2])

  def layer(self, x: Tensor, rope: Tensor, cache: Tensor, groups: int, positions: Tensor, w: List[Tensor]) -> None:
    __torch__.cpu.decoder_layer_packed(x, rope, cache, groups, positions, w[0], w[1], w[2], w[3])
