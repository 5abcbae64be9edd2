# Has two parts of the same class, each with its own attributes.
class Counting(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  left : __torch__.parts.counter.Counter
  right : __torch__.parts.counter.Counter

  def count(self, left: int, right: int) -> List[int]:
    self.left.add(left)
    self.right.add(right)
    return [self.left.total, self.right.total, __torch__.parts.counter.sum(self.left, self.right)]
