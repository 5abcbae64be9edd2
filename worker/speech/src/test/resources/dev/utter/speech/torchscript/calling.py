# Lets a test call attention and layers by themselves. w: the layer's matrices in 8 bit, each followed by its scales.
class Calling(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool

  def attend(self, x: Tensor, turns: Tensor, cache: Tensor, groups: int, position: int) -> Tensor:
    return __torch__.cpu.attend(x, turns, cache, groups, position)

  def finish(self, x: Tensor, heard: Tensor, w: List[Tensor]) -> None:
    __torch__.cpu.finish8(x, heard, w[0], w[1], w[2], w[3], w[4], w[5])

  def layer(self, x: Tensor, turns: Tensor, cache: Tensor, groups: int, position: int, w: List[Tensor]) -> None:
    __torch__.cpu.layer8(x, turns, cache, groups, position, w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7])
