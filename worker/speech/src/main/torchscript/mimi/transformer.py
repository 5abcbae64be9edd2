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

  # x: (n, clips, width). first: number of the first layer. states: see mimi.py. together: see Mimi.together.
  def run_layers(self, x: Tensor, first: int, states: List[Tensor], together: bool) -> Tensor:
    n = x.size(0)
    clips = x.size(1)
    width = x.size(2)
    positions = annotate(List[int], [])
    begins = annotate(List[int], [])
    for i in range(clips):
      counters = states[3 * i]
      positions.append(int(counters[0]))
      begins.append(self.reserve(states[3 * i + 2], int(counters[1]), n))
      counters[0] = positions[i] + n
      counters[1] = begins[i] + n
    cache = annotate(List[Tensor], [])
    masks = annotate(List[Tensor], [])
    if together:
      cache.append(self.gather(states, begins, n))
      masks.append(self.mask(positions, n))
    else:
      for i in range(clips):
        seen = min(positions[i], self.window - 1)
        cache.append(states[3 * i + 2][:, :, :, begins[i] - seen:begins[i] + n])
        masks.append(self.band[0:n, self.window - 1 - seen:self.window - 1 + n])
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
      q = qk[:, 0:self.heads]
      k = qk[:, self.heads:rotated]
      v = torch.permute(torch.flatten(h[:, :, rotated:h.size(2)], 3, 4), [1, 2, 0, 3])
      if together:
        attn_output = self.attend_together(q, k, v, cache[0], 2 * i, masks[0])
      else:
        attn_output = self.attend_by_clip(q, k, v, cache, 2 * i, masks)
      h = torch.reshape(torch.permute(attn_output, [2, 0, 1, 3]), [n * clips, -1])
      y = y + __torch__.mimi.linear.product(h, self.blocks[at + 3], None)
      h = torch.layer_norm(y, [width], self.blocks[at + 4], self.blocks[at + 5], self.eps)
      h = torch.gelu(__torch__.mimi.linear.product(h, self.blocks[at + 6], None))
      y = torch.add_(y, __torch__.mimi.linear.product(h, self.blocks[at + 7], None))
    if together:
      self.scatter(cache[0], states, begins, n)
    return torch.view(y, [n, clips, width])

  # q: (clips, heads, n, head size), k and v: (clips, key/value heads, n, head size). cache: of each clip, all layers, with
  # what its queries see; the last n positions are written. keys: number of this layer's keys. Returns the shape of q.
  def attend_by_clip(
      self, q: Tensor, k: Tensor, v: Tensor, cache: List[Tensor], keys: int, masks: List[Tensor]) -> Tensor:
    n = q.size(2)
    parts = annotate(List[Tensor], [])
    for i in range(q.size(0)):
      all_k = cache[i][keys]
      all_v = cache[i][keys + 1]
      torch.copy_(all_k[:, :, all_k.size(2) - n:all_k.size(2)], k[i:i + 1])
      torch.copy_(all_v[:, :, all_v.size(2) - n:all_v.size(2)], v[i:i + 1])
      all_k = self.shared(all_k)
      all_v = self.shared(all_v)
      parts.append(torch.scaled_dot_product_attention(q[i:i + 1], all_k, all_v, masks[i], 0., False))
    return torch.cat(parts, 0)

  # The same for all clips at once. cache: as gather returns it. mask: (clips, 1, n, window - 1 + n).
  def attend_together(self, q: Tensor, k: Tensor, v: Tensor, cache: Tensor, keys: int, mask: Tensor) -> Tensor:
    all_k = cache[keys]
    all_v = cache[keys + 1]
    torch.copy_(all_k[:, :, self.window - 1:all_k.size(2)], k)
    torch.copy_(all_v[:, :, self.window - 1:all_v.size(2)], v)
    scores = torch.matmul(q, torch.transpose(self.shared(all_k), 2, 3)) * float(self.head_dim) ** -0.5
    return torch.matmul(torch.softmax(scores + mask, -1), self.shared(all_v))

  # Keys or values (.., key/value heads, positions, head size), repeated for the query heads that share them.
  def shared(self, heads: Tensor) -> Tensor:
    if self.heads == self.key_value_heads:
      return heads
    return torch.repeat_interleave(heads, self.heads // self.key_value_heads, 1)

  # The last window - 1 positions of the KV caches of all clips, with room for n more: (2 layers, clips, heads,
  # window - 1 + n, head size).
  def gather(self, states: List[Tensor], begins: List[int], n: int) -> Tensor:
    known = self.window - 1
    parts = annotate(List[Tensor], [])
    for i in range(len(begins)):
      parts.append(states[3 * i + 2][:, :, :, begins[i] - known:begins[i] + n])
    return torch.cat(parts, 1)

  # Keeps the last n positions in the clips' own caches.
  def scatter(self, cache: Tensor, states: List[Tensor], begins: List[int], n: int) -> None:
    for i in range(len(begins)):
      new = cache[:, i:i + 1, :, self.window - 1:self.window - 1 + n]
      torch.copy_(states[3 * i + 2][:, :, :, begins[i]:begins[i] + n], new)

  # What the queries of clips at these positions see: (clips, 1, n, window - 1 + n), see band.
  def mask(self, positions: List[int], n: int) -> Tensor:
    device = self.frequencies.device
    ages = torch.arange(self.window - 1 + n, dtype=INT64, device=device) - (self.window - 1)
    before_clip = ages + torch.unsqueeze(torch.tensor(positions, dtype=INT64, device=device), 1) < 0
    return torch.masked_fill(self.band[0:n, 0:self.window - 1 + n], before_clip.view(-1, 1, 1, ages.size(0)), -inf)

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
