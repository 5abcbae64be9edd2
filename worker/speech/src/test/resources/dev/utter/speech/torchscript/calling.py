# Lets a test call attention and layers by themselves. w: the layer's matrices in 8 bit, each followed by its scales.
class Calling(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool

  def attend(self, x: Tensor, rope: Tensor, cache: Tensor, groups: int, position: int) -> Tensor:
    return __torch__.cpu.decode_attention(x, rope, cache, groups, position)

  def post_attention(self, x: Tensor, attn_output: Tensor, w: List[Tensor]) -> None:
    __torch__.cpu.post_attention_int8(x, attn_output, w[0], w[1], w[2], w[3], w[4], w[5])

  def layer(self, x: Tensor, rope: Tensor, cache: Tensor, groups: int, position: int, w: List[Tensor]) -> None:
    __torch__.cpu.decoder_layer_int8(x, rope, cache, groups, position, w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7])
