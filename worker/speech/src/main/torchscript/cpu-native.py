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

def finish8(x: Tensor, heard: Tensor, output: Tensor, output_scales: Tensor, both: Tensor, both_scales: Tensor, down: Tensor, down_scales: Tensor) -> None:
  ops.utter_cpu.finish8(x, heard, output, output_scales, both, both_scales, down, down_scales)

def layer8(x: Tensor, turns: Tensor, cache: Tensor, groups: int, position: int, w: Tensor, scales: Tensor, output: Tensor, output_scales: Tensor, both: Tensor, both_scales: Tensor, down: Tensor, down_scales: Tensor) -> None:
  ops.utter_cpu.layer8(x, turns, cache, groups, position, w, scales, output, output_scales, both, both_scales, down, down_scales)
