class Counter(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  total : int

  def add(self, number: int) -> None:
    self.total = self.total + number

def sum(a: __torch__.parts.counter.Counter, b: __torch__.parts.counter.Counter) -> int:
  return a.total + b.total
