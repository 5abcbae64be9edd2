# The operators of src/main/cpp/cpu. cpu.py is the reference implementation.
def pack_int8(numbers: Tensor, scales: Tensor) -> Tensor:
  return ops.utter_cpu.pack_int8(numbers, scales)

def linear_int8(x: Tensor, w: Tensor) -> Tensor:
  return ops.utter_cpu.linear_int8(x, w)

def norm_linear_int8(x: Tensor, w: Tensor) -> Tensor:
  return ops.utter_cpu.norm_linear_int8(x, w)

def linear_float32(x: Tensor, w: Tensor) -> Tensor:
  return ops.utter_cpu.linear_float32(x, w)

def decode_attention(x: Tensor, rope: Tensor, cache: Tensor, groups: int, positions: Tensor) -> Tensor:
  return ops.utter_cpu.decode_attention(x, rope, cache, groups, positions)

def post_attention_int8(x: Tensor, attn_output: Tensor, output: Tensor, gate_up: Tensor, down: Tensor) -> None:
  ops.utter_cpu.post_attention_int8(x, attn_output, output, gate_up, down)

def decoder_layer_int8(
    x: Tensor, rope: Tensor, cache: Tensor, groups: int, positions: Tensor, w: Tensor, output: Tensor, gate_up: Tensor,
    down: Tensor) -> None:
  ops.utter_cpu.decoder_layer_int8(x, rope, cache, groups, positions, w, output, gate_up, down)
