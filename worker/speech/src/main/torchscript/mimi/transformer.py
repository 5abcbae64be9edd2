# The transformers of encoder and decoder, with a sliding window.
class Transformer(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  # Eight tensors per layer, the decoder's layers first: norm, norm's bias, query-key-value, output, norm, norm's bias, up,
  # down. The scales of the two branches are part of their last matrices.
  blocks : List[Tensor]
  # Inverse frequencies of the rotary embedding, (head size / 2).
  frequencies : Tensor
  # Added to scores: 0 for what a query sees, -inf elsewhere.
  band : Tensor
  layers : int
  heads : int
  key_value_heads : int
  head_dim : int
  window : int
  eps : float

  # positions: the largest number of a pass.
  def load(
      self, weights: Dict[str, Tensor], frequencies: Tensor, layers: int, heads: int, key_value_heads: int, head_dim: int,
      window: int, eps: float, positions: int) -> None:
    self.frequencies = frequencies
    self.layers = layers
    self.heads = heads
    self.key_value_heads = key_value_heads
    self.head_dim = head_dim
    self.window = window
    self.eps = eps
    self.add_layers(weights, "decoder_transformer.layers.")
    self.add_layers(weights, "encoder_transformer.layers.")
    # A query sees itself and the window - 1 positions before it.
    ones = torch.ones([positions, positions + window - 1], dtype=FLOAT32, device=frequencies.device)
    visible = torch.tril(torch.triu(ones, 0), window - 1)
    self.band = torch.log(visible)

  def add_layers(self, weights: Dict[str, Tensor], name: str) -> None:
    for i in range(self.layers):
      layer = torch.format("{}{}.", name, i)
      attention = layer + "self_attn."
      q = self.pairs(weights[attention + "q_proj.weight"])
      k = self.pairs(weights[attention + "k_proj.weight"])
      qkv = torch.cat([q, k, weights[attention + "v_proj.weight"]], 0)
      output = torch.unsqueeze(weights[layer + "self_attn_layer_scale.scale"], 1) * weights[attention + "o_proj.weight"]
      down = torch.unsqueeze(weights[layer + "mlp_layer_scale.scale"], 1) * weights[layer + "mlp.fc2.weight"]
      self.blocks.append(weights[layer + "input_layernorm.weight"])
      self.blocks.append(weights[layer + "input_layernorm.bias"])
      self.blocks.append(__torch__.mimi.linear.arrange(qkv))
      self.blocks.append(__torch__.mimi.linear.arrange(output))
      self.blocks.append(weights[layer + "post_attention_layernorm.weight"])
      self.blocks.append(weights[layer + "post_attention_layernorm.bias"])
      self.blocks.append(__torch__.mimi.linear.arrange(weights[layer + "mlp.fc1.weight"]))
      self.blocks.append(__torch__.mimi.linear.arrange(down))

  # The rotary embedding rotates pairs half a head apart. With the pair side by side it is a complex product.
  def pairs(self, weight: Tensor) -> Tensor:
    halves = torch.view(weight, [-1, 2, self.head_dim // 2, weight.size(1)])
    return torch.reshape(torch.transpose(halves, 1, 2), [-1, weight.size(1)])

  # x: (n, clips, width). first: number of the first layer. states: see mimi.py.
  def run_layers(self, x: Tensor, first: int, states: List[Tensor]) -> Tensor:
    n = x.size(0)
    clips = x.size(1)
    width = x.size(2)
    positions = annotate(List[int], [])
    slots = annotate(List[List[Tensor]], [])
    visible = annotate(List[List[Tensor]], [])
    masks = annotate(List[Tensor], [])
    for i in range(clips):
      counters = states[3 * i]
      past = states[3 * i + 2]
      positions.append(int(counters[0]))
      filled = self.reserve(past, int(counters[1]), n)
      seen = min(filled, self.window - 1)
      slots.append(torch.unbind(past[:, :, :, filled:filled + n], 0))
      visible.append(torch.unbind(past[:, :, :, filled - seen:filled + n], 0))
      masks.append(self.band[0:n, self.window - 1 - seen:self.window - 1 + n])
      counters[0] = positions[i] + n
      counters[1] = filled + n
    rope = self.rope(positions, n)
    rotated = self.heads + self.key_value_heads
    y = torch.reshape(x, [-1, width])
    for i in range(self.layers):
      at = 8 * (first + i)
      h = torch.layer_norm(y, [width], self.blocks[at], self.blocks[at + 1], self.eps)
      qkv = __torch__.mimi.linear.product(h, self.blocks[at + 2], None)
      h = torch.view(qkv, [n, clips, -1, self.head_dim // 2, 2])
      qk = torch.view_as_complex(h[:, :, 0:rotated]) * rope
      qk = torch.permute(torch.flatten(torch.view_as_real(qk), 3, 4), [1, 2, 0, 3])
      v = torch.permute(torch.flatten(h[:, :, rotated:h.size(2)], 3, 4), [1, 2, 0, 3])
      attn_outputs = annotate(List[Tensor], [])
      for j in range(clips):
        torch.copy_(slots[j][2 * i], qk[j:j + 1, self.heads:rotated])
        torch.copy_(slots[j][2 * i + 1], v[j:j + 1])
        q = qk[j:j + 1, 0:self.heads]
        attn_outputs.append(self.attention(q, visible[j][2 * i], visible[j][2 * i + 1], masks[j]))
      h = torch.reshape(torch.permute(torch.cat(attn_outputs, 0), [2, 0, 1, 3]), [n * clips, -1])
      y = y + __torch__.mimi.linear.product(h, self.blocks[at + 3], None)
      h = torch.layer_norm(y, [width], self.blocks[at + 4], self.blocks[at + 5], self.eps)
      h = torch.gelu(__torch__.mimi.linear.product(h, self.blocks[at + 6], None))
      y = torch.add_(y, __torch__.mimi.linear.product(h, self.blocks[at + 7], None))
    return torch.view(y, [n, clips, width])

  # Reserves n positions in the KV cache, moving older ones to the front if needed. Returns the first of them.
  def reserve(self, past: Tensor, filled: int, n: int) -> int:
    if filled + n <= past.size(3):
      return filled
    kept = self.window - 1
    torch.copy_(past[:, :, :, 0:kept], torch.clone(past[:, :, :, filled - kept:filled]))
    return kept

  # The rotation of each pair, complex: (n, clips, 1, head size / 2). positions: the first one of each clip.
  def rope(self, positions: List[int], n: int) -> Tensor:
    device = self.frequencies.device
    steps = torch.unsqueeze(torch.arange(n, dtype=INT64, device=device), 1)
    position = steps + torch.tensor(positions, dtype=INT64, device=device)
    angles = torch.view(position, [n, -1, 1, 1]) * self.frequencies
    return torch.polar(torch.ones_like(angles), angles)

  # q: (1, heads, n, head size), k and v: (1, key/value heads, positions, head size).
  def attention(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    if self.heads != self.key_value_heads:
      k = torch.repeat_interleave(k, self.heads // self.key_value_heads, 1)
      v = torch.repeat_interleave(v, self.heads // self.key_value_heads, 1)
    return torch.scaled_dot_product_attention(q, k, v, mask, 0., False)
