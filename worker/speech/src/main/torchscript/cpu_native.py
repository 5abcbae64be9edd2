# The operators of src/main/cpp/cpu. cpu.py is the reference implementation.
def pack_int8(numbers: Tensor, scales: Tensor) -> Tensor:
  return ops.utter_cpu.pack_int8(numbers, scales)

def pack_int4(w: Tensor, importance: Tensor) -> Tensor:
  return ops.utter_cpu.pack_int4(w, importance)

def linear_packed(x: Tensor, w: Tensor) -> Tensor:
  return ops.utter_cpu.linear_packed(x, w)

def norm_linear_packed(x: Tensor, w: Tensor) -> Tensor:
  return ops.utter_cpu.norm_linear_packed(x, w)

def linear_float32(x: Tensor, w: Tensor) -> Tensor:
  return ops.utter_cpu.linear_float32(x, w)

def decode_attention(x: Tensor, rope: Tensor, cache: Tensor, groups: int, positions: Tensor) -> Tensor:
  return ops.utter_cpu.decode_attention(x, rope, cache, groups, positions)

def post_attention_packed(x: Tensor, attn_output: Tensor, output: Tensor, gate_up: Tensor, down: Tensor) -> None:
  ops.utter_cpu.post_attention_packed(x, attn_output, output, gate_up, down)

def decoder_layer_packed(
    x: Tensor, rope: Tensor, cache: Tensor, groups: int, positions: Tensor, w: Tensor, output: Tensor, gate_up: Tensor,
    down: Tensor) -> None:
  ops.utter_cpu.decoder_layer_packed(x, rope, cache, groups, positions, w, output, gate_up, down)
