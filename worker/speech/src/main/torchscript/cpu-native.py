# What src/main/cpu offers; cpu.py is the same without it.
def linear8(x: Tensor, w: Tensor, scales: Tensor) -> Tensor:
  return ops.utter_cpu.linear8(x, w, scales)

def normed_linear8(x: Tensor, w: Tensor, scales: Tensor) -> Tensor:
  return ops.utter_cpu.normed_linear8(x, w, scales)

def add_linear8(y: Tensor, x: Tensor, w: Tensor, scales: Tensor) -> None:
  ops.utter_cpu.add_linear8(y, x, w, scales)

def add_gated_linear8(y: Tensor, x: Tensor, w: Tensor, scales: Tensor) -> None:
  ops.utter_cpu.add_gated_linear8(y, x, w, scales)

def linear32_row(x: Tensor, w: Tensor) -> Tensor:
  return ops.utter_cpu.linear32_row(x, w)

def attend(x: Tensor, turns: Tensor, cache: Tensor, groups: int, position: int) -> Tensor:
  return ops.utter_cpu.attend(x, turns, cache, groups, position)
