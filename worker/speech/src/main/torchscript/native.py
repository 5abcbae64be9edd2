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

  def allow_tf32(self, allowed: bool) -> None:
    ops.utter.allow_tf32(allowed)

  def use_own_stream(self, device: int, urgent: bool) -> None:
    ops.utter.use_own_stream(device, urgent)

  def start_trace(self, cuda: bool) -> None:
    ops.utter.start_trace(cuda)

  def stop_trace(self, file: str) -> None:
    ops.utter.stop_trace(file)
