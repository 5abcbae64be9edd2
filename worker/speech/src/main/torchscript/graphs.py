# What src/main/cpp/cuda/graphs.cc offers: calls recorded as CUDA graphs. Compiles only where that is loaded.
class Graphs(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  set : int

  def open(self, device: int) -> None:
    self.set = ops.utter.graphs_open(device)

  def begin(self) -> None:
    ops.utter.graphs_begin(self.set)

  def end(self, key: int, result: Tensor) -> None:
    ops.utter.graphs_end(self.set, key, result)

  def abort(self) -> None:
    ops.utter.graphs_abort(self.set)

  def replay(self, key: int) -> Tensor:
    return ops.utter.graphs_replay(self.set, key)

  def drop_one(self, key: int) -> None:
    ops.utter.graphs_drop_one(self.set, key)

  def drop(self) -> None:
    ops.utter.graphs_drop(self.set)

  def bytes(self) -> int:
    return ops.utter.graphs_bytes(self.set)

  def close(self) -> None:
    ops.utter.graphs_close(self.set)
