# What the library of operators in src/main/cpp/cuda offers. Compiles only where that is loaded.
class Native(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool

  def built_for(self) -> str:
    return ops.utter.built_for()

  def running_on(self) -> str:
    return ops.utter.running_on()

  def has_graphs(self) -> int:
    return ops.utter.has_graphs()

  def start_trace(self, cuda: bool) -> None:
    ops.utter.start_trace(cuda)

  def stop_trace(self, file: str) -> None:
    ops.utter.stop_trace(file)
