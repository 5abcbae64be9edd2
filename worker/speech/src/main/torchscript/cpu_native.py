# The operators of src/main/cpp/cpu. cpu.py is the reference implementation.
def linear_int8(x: Tensor, w: Tensor, scales: Tensor) -> Tensor:
  return ops.utter_cpu.linear_int8(x, w, scales)

def norm_linear_int8(x: Tensor, w: Tensor, scales: Tensor) -> Tensor:
  return ops.utter_cpu.norm_linear_int8(x, w, scales)

def add_linear_int8(y: Tensor, x: Tensor, w: Tensor, scales: Tensor) -> None:
  ops.utter_cpu.add_linear_int8(y, x, w, scales)

def add_silu_mul_linear_int8(y: Tensor, x: Tensor, w: Tensor, scales: Tensor) -> None:
  ops.utter_cpu.add_silu_mul_linear_int8(y, x, w, scales)

def linear_float32_row(x: Tensor, w: Tensor) -> Tensor:
  return ops.utter_cpu.linear_float32_row(x, w)

def decode_attention(x: Tensor, rope: Tensor, cache: Tensor, groups: int, position: int) -> Tensor:
  return ops.utter_cpu.decode_attention(x, rope, cache, groups, position)

def post_attention_int8(
    x: Tensor, attn_output: Tensor, output: Tensor, output_scales: Tensor, gate_up: Tensor, gate_up_scales: Tensor,
    down: Tensor, down_scales: Tensor) -> None:
  ops.utter_cpu.post_attention_int8(x, attn_output, output, output_scales, gate_up, gate_up_scales, down, down_scales)

def decoder_layer_int8(
    x: Tensor, rope: Tensor, cache: Tensor, groups: int, position: int, w: Tensor, scales: Tensor, output: Tensor,
    output_scales: Tensor, gate_up: Tensor, gate_up_scales: Tensor, down: Tensor, down_scales: Tensor) -> None:
  ops.utter_cpu.decoder_layer_int8(
      x, rope, cache, groups, position, w, scales, output, output_scales, gate_up, gate_up_scales, down, down_scales)
