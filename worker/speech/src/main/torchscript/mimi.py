# The Mimi codec (arXiv:2410.00037, section 3.3), fp32. Every layer is causal, so clips are worked
# through in chunks that hand their state on: memory is bounded whatever the length, and streaming
# is the same computation with shorter chunks.
#
# State is a list of tensors, slots first, in the order in which the layers run. A layer takes the
# entry at its turn from `state` (or starts from zeros if there is none) and appends its successor
# to `after`. The first entry is the position of each slot.
class Mimi(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  weights : Dict[str, Tensor]
  codebooks : List[Tensor]
  frequencies : Tensor
  ratios : List[int]
  layers : int
  heads : int
  key_value_heads : int
  head_dim : int
  window : int
  semantic : int
  upsample_groups : int
  eps : float

  def load(self, weights: Dict[str, Tensor], frequencies: Tensor, ratios: List[int], layers: int, heads: int, key_value_heads: int, head_dim: int, window: int, semantic: int, codebooks: int, upsample_groups: int, eps: float) -> None:
    self.weights = weights
    self.frequencies = frequencies
    self.ratios = ratios
    self.layers = layers
    self.heads = heads
    self.key_value_heads = key_value_heads
    self.head_dim = head_dim
    self.window = window
    self.semantic = semantic
    self.upsample_groups = upsample_groups
    self.eps = eps
    for i in range(len(ratios)):
      self.arrange_halves(torch.format("decoder.layers.{}.conv.weight", 3 * i + 2), ratios[i])
    tables = annotate(List[Tensor], [])
    for i in range(codebooks):
      name = torch.format("quantizer.semantic_residual_vector_quantizer.layers.{}.codebook.", i)
      if i >= semantic:
        name = torch.format("quantizer.acoustic_residual_vector_quantizer.layers.{}.codebook.", i - semantic)
      usage = torch.clamp(weights[name + "cluster_usage"], 1.0000000000000001e-05)
      tables.append(weights[name + "embed_sum"] / torch.unsqueeze(usage, 1))
    self.codebooks = tables

  # A transposed convolution whose kernel is twice its stride is one product and one addition: each
  # input makes two strides of output, the second of which overlaps with the first of the next
  # input. Weight (in, out, 2 stride) becomes (in, 2 out stride), first halves first.
  def arrange_halves(self, name: str, stride: int) -> None:
    weight = self.weights[name]
    halves = torch.view(weight, [weight.size(0), weight.size(1), 2, stride])
    self.weights[name] = torch.reshape(torch.permute(halves, [0, 2, 1, 3]), [weight.size(0), -1])

  # samples (1, 1, n) to codes (codebooks, frames); chunk in samples, a multiple of a frame
  def encode(self, samples: Tensor, chunk: int) -> Tensor:
    hidden = annotate(List[Tensor], [])
    state = annotate(List[Tensor], [])
    n = samples.size(2)
    start = 0
    while start < n:
      after = annotate(List[Tensor], [])
      position = self.begin(samples, state, after)
      x = self.seanet_encoder(samples[:, :, start:min(start + chunk, n)], state, after)
      x = self.transformer(x, "encoder_transformer.layers.", position, state, after)
      hidden.append(x)
      state = after
      start = start + chunk
    x = self.downsample(torch.cat(hidden, 2))
    codes = self.quantize(x, "semantic", self.codebooks[0:self.semantic])
    codes = codes + self.quantize(x, "acoustic", self.codebooks[self.semantic:len(self.codebooks)])
    return torch.stack(codes, 0)

  # codes (1, codebooks, frames) to samples (1, n); chunk in frames
  def decode(self, codes: Tensor, chunk: int) -> Tensor:
    samples = annotate(List[Tensor], [])
    state = annotate(List[Tensor], [])
    frames = codes.size(2)
    start = 0
    while start < frames:
      after = annotate(List[Tensor], [])
      samples.append(self.decode_chunk(codes[:, :, start:min(start + chunk, frames)], state, after))
      state = after
      start = start + chunk
    return torch.cat(samples, 1)

  # state of a stream that has decoded nothing
  def open_stream(self) -> List[Tensor]:
    codes = torch.zeros([1, len(self.codebooks), 1], dtype=4, device=self.frequencies.device)
    state = annotate(List[Tensor], [])
    self.decode_chunk(codes, annotate(List[Tensor], []), state)
    self.reset_stream(state)
    return state

  def reset_stream(self, state: List[Tensor]) -> None:
    for entry in state:
      torch.zero_(entry)

  # codes (streams, codebooks, frames) to samples (streams, n); `states` has the state of the first
  # stream, then that of the next, and is advanced in place
  def decode_streams(self, codes: Tensor, states: List[Tensor]) -> Tensor:
    streams = codes.size(0)
    entries = len(states) // streams
    before = annotate(List[Tensor], [])
    for i in range(entries):
      before.append(torch.cat([states[i + entries * j] for j in range(streams)], 0))
    after = annotate(List[Tensor], [])
    samples = self.decode_chunk(codes, before, after)
    for i in range(entries):
      for j in range(streams):
        torch.copy_(states[i + entries * j], after[i][j:j + 1])
    return samples

  def decode_chunk(self, codes: Tensor, state: List[Tensor], after: List[Tensor]) -> Tensor:
    position = self.begin(codes, state, after)
    x = self.dequantize(codes, "semantic", 0, self.semantic)
    x = x + self.dequantize(codes, "acoustic", self.semantic, len(self.codebooks))
    x = self.upsample(x, state, after)
    x = self.transformer(x, "decoder_transformer.layers.", position, state, after)
    return torch.squeeze(self.seanet_decoder(x, state, after), 1)

  def begin(self, x: Tensor, state: List[Tensor], after: List[Tensor]) -> Tensor:
    position = torch.zeros([x.size(0)], dtype=4, device=x.device)
    if len(state) > 0:
      position = state[0]
    after.append(position)
    return position

  def seanet_encoder(self, x: Tensor, state: List[Tensor], after: List[Tensor]) -> Tensor:
    x = self.conv(x, "encoder.layers.0.conv", 1, state, after)
    layer = 1
    for i in range(len(self.ratios)):
      x = self.residual_block(x, torch.format("encoder.layers.{}.block.", layer), state, after)
      ratio = self.ratios[len(self.ratios) - 1 - i]
      x = self.conv(torch.elu_(x), torch.format("encoder.layers.{}.conv", layer + 2), ratio, state, after)
      layer = layer + 3
    return self.conv(torch.elu_(x), torch.format("encoder.layers.{}.conv", layer + 1), 1, state, after)

  def seanet_decoder(self, x: Tensor, state: List[Tensor], after: List[Tensor]) -> Tensor:
    x = self.conv(x, "decoder.layers.0.conv", 1, state, after)
    layer = 2
    for ratio in self.ratios:
      x = self.upconv(torch.elu_(x), torch.format("decoder.layers.{}.conv", layer), ratio, state, after)
      x = self.residual_block(x, torch.format("decoder.layers.{}.block.", layer + 1), state, after)
      layer = layer + 3
    return self.conv(torch.elu_(x), torch.format("decoder.layers.{}.conv", layer), 1, state, after)

  def residual_block(self, x: Tensor, name: str, state: List[Tensor], after: List[Tensor]) -> Tensor:
    y = self.conv(torch.elu(x), name + "1.conv", 1, state, after)
    return x + self.conv(torch.elu_(y), name + "3.conv", 1, state, after)

  # Zeros on the left at first, then the inputs that the next window still needs. Zeros on the
  # right complete the last window of a clip; only its last chunk is not a multiple of the stride.
  def conv(self, x: Tensor, name: str, stride: int, state: List[Tensor], after: List[Tensor]) -> Tensor:
    weight = self.weights[name + ".weight"]
    look_back = weight.size(2) - stride
    tail = torch.zeros([x.size(0), x.size(1), look_back], dtype=6, device=x.device)
    if len(after) < len(state):
      tail = state[len(after)]
    joined = torch.cat([tail, x], 2)
    after.append(torch.clone(joined[:, :, joined.size(2) - look_back:joined.size(2)]))
    missing = (stride - x.size(2) % stride) % stride
    if missing > 0:
      joined = torch.pad(joined, [0, missing], "constant", 0.)
    return torch.conv1d(joined, weight, self.weights[name + ".bias"], [stride], [0], [1], 1)

  # The second half of the last input's output waits for the next input; at the end of a clip it is cut.
  def upconv(self, x: Tensor, name: str, stride: int, state: List[Tensor], after: List[Tensor]) -> Tensor:
    n = x.size(2)
    raw = torch.matmul(torch.transpose(x, 1, 2), self.weights[name + ".weight"])
    raw = torch.view(raw, [x.size(0), n, 2, -1])
    out = raw[:, :, 0]
    overlap = raw[:, :, 1]
    torch.add_(out[:, 1:n], overlap[:, 0:n - 1])
    if len(after) < len(state):
      torch.add_(out[:, 0:1], state[len(after)])
    after.append(torch.clone(overlap[:, n - 1:n]))
    bias = self.weights[name + ".bias"]
    out = torch.view(torch.contiguous(out), [x.size(0), n, bias.size(0), stride]) + torch.unsqueeze(bias, 1)
    return torch.reshape(torch.permute(out, [0, 2, 1, 3]), [x.size(0), bias.size(0), n * stride])

  # The kernel - 2 outputs that overlap with the next input's wait for it.
  def upsample(self, x: Tensor, state: List[Tensor], after: List[Tensor]) -> Tensor:
    weight = self.weights["upsample.conv.weight"]
    raw = torch.conv_transpose1d(x, weight, None, [2], [0], [0], self.upsample_groups, [1])
    overlap = weight.size(2) - 2
    ready = x.size(2) * 2
    if len(after) < len(state):
      torch.add_(raw[:, :, 0:overlap], state[len(after)])
    after.append(torch.clone(raw[:, :, ready:ready + overlap]))
    return raw[:, :, 0:ready]

  # Not streamed: runs once over all positions of a clip. Repeats its outermost inputs as padding.
  def downsample(self, x: Tensor) -> Tensor:
    weight = self.weights["downsample.conv.weight"]
    padded = torch.pad(x, [weight.size(2) - 2, x.size(2) % 2], "replicate", 0.)
    return torch.conv1d(padded, weight, None, [2], [0], [1], 1)

  # x (slots, width, positions); keeps the keys and values of the last window - 1 positions
  def transformer(self, x: Tensor, name: str, position: Tensor, state: List[Tensor], after: List[Tensor]) -> Tensor:
    slots = x.size(0)
    n = x.size(2)
    kept = self.window - 1
    steps = torch.arange(n, dtype=4, device=x.device)
    angles = torch.unsqueeze(torch.unsqueeze(position, 1) + steps, 2) * self.frequencies
    cos = torch.unsqueeze(torch.cos(angles), 1)
    sin = torch.unsqueeze(torch.sin(angles), 1)
    distance = torch.unsqueeze(steps, 1) + kept - torch.arange(kept + n, dtype=4, device=x.device)
    key_position = torch.view(position, [slots, 1, 1, 1]) + torch.unsqueeze(steps, 1) - distance
    visible = torch.__and__(torch.ge(distance, 0), torch.lt(distance, self.window))
    mask = torch.__and__(visible, torch.ge(key_position, 0))
    y = torch.transpose(x, 1, 2)
    for i in range(self.layers):
      layer = torch.format("{}{}.", name, i)
      h = self.norm(y, layer + "input_layernorm")
      a = self.attention(h, layer + "self_attn.", cos, sin, mask, state, after)
      y = y + self.weights[layer + "self_attn_layer_scale.scale"] * a
      h = self.norm(y, layer + "post_attention_layernorm")
      h = torch.gelu(torch.linear(h, self.weights[layer + "mlp.fc1.weight"]))
      h = torch.linear(h, self.weights[layer + "mlp.fc2.weight"])
      y = y + self.weights[layer + "mlp_layer_scale.scale"] * h
    after[0] = position + n
    return torch.transpose(y, 1, 2)

  def norm(self, x: Tensor, name: str) -> Tensor:
    return torch.layer_norm(x, [x.size(2)], self.weights[name + ".weight"], self.weights[name + ".bias"], self.eps)

  def attention(self, x: Tensor, name: str, cos: Tensor, sin: Tensor, mask: Tensor, state: List[Tensor], after: List[Tensor]) -> Tensor:
    n = x.size(1)
    q = self.rotate(self.split(x, name + "q_proj.weight", self.heads), cos, sin)
    k = self.rotate(self.split(x, name + "k_proj.weight", self.key_value_heads), cos, sin)
    v = self.split(x, name + "v_proj.weight", self.key_value_heads)
    kept = self.window - 1
    old_k = torch.zeros([x.size(0), self.key_value_heads, kept, self.head_dim], dtype=6, device=x.device)
    old_v = old_k
    if len(after) < len(state):
      old_k = state[len(after)]
      old_v = state[len(after) + 1]
    k = torch.cat([old_k, k], 2)
    v = torch.cat([old_v, v], 2)
    after.append(torch.clone(k[:, :, n:kept + n]))
    after.append(torch.clone(v[:, :, n:kept + n]))
    if self.heads != self.key_value_heads:
      k = torch.repeat_interleave(k, self.heads // self.key_value_heads, 1)
      v = torch.repeat_interleave(v, self.heads // self.key_value_heads, 1)
    out = torch.scaled_dot_product_attention(q, k, v, mask, 0., False)
    out = torch.reshape(torch.transpose(out, 1, 2), [x.size(0), n, self.heads * self.head_dim])
    return torch.linear(out, self.weights[name + "o_proj.weight"])

  def split(self, x: Tensor, name: str, heads: int) -> Tensor:
    y = torch.linear(x, self.weights[name])
    return torch.transpose(torch.view(y, [x.size(0), x.size(1), heads, self.head_dim]), 1, 2)

  # rotates pairs half a head apart
  def rotate(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    half = self.head_dim // 2
    a = x[:, :, :, 0:half]
    b = x[:, :, :, half:self.head_dim]
    return torch.cat([a * cos - b * sin, b * cos + a * sin], 3)

  # Each kind of codebook quantizes the same input: first the input, then what the codebooks before left over.
  def quantize(self, x: Tensor, kind: str, tables: List[Tensor]) -> List[Tensor]:
    name = torch.format("quantizer.{}_residual_vector_quantizer.input_proj.weight", kind)
    residual = x
    if name in self.weights:
      residual = torch.conv1d(x, self.weights[name], None, [1], [0], [1], 1)
    residual = torch.transpose(residual, 1, 2)
    codes = annotate(List[Tensor], [])
    for table in tables:
      distances = torch.cdist(residual, torch.unsqueeze(table, 0), 2., None)
      code = torch.argmin(torch.squeeze(distances, 0), 1)
      residual = residual - torch.embedding(table, torch.unsqueeze(code, 0))
      codes.append(code)
    return codes

  # the sum of the entries that codebooks first (inclusive) to last (exclusive) name
  def dequantize(self, codes: Tensor, kind: str, first: int, last: int) -> Tensor:
    total = torch.embedding(self.codebooks[first], codes[:, first])
    for i in range(first + 1, last):
      total = total + torch.embedding(self.codebooks[i], codes[:, i])
    x = torch.transpose(total, 1, 2)
    name = torch.format("quantizer.{}_residual_vector_quantizer.output_proj.weight", kind)
    if name in self.weights:
      x = torch.conv1d(x, self.weights[name], None, [1], [0], [1], 1)
    return x
