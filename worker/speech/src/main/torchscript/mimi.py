# The Mimi codec (arXiv:2410.00037, section 3.3), fp32. Every layer is causal, so clips are processed
# in passes that hand their state on. Memory is bounded whatever the length, and streaming is the same
# computation with shorter passes.
#
# Activations are (time, clips, channels): the window of a layer is contiguous, so that every
# convolution is a few matrix products without copies. Several clips add rows.
#
# The state of a clip is three tensors:
#   counters  positions passed through the transformer, and how many of them `past` holds
#   tails     the inputs that convolutions still need, one row
#   past      KV cache, (2 layers, 1, heads, capacity, head size); newest last, and moved to the
#             front when it is full
class Mimi(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  taps : List[Tensor]
  spans : List[int]
  widths : List[int]
  biases : List[Tensor]
  strides : List[int]
  thin : List[bool]
  blocks : List[Tensor]
  decoder_tails : List[int]
  encoder_tails : List[int]
  upsampling : Tensor
  codebooks : List[Tensor]
  entries : Tensor
  entry_offsets : Tensor
  input_projections : List[Tensor]
  output_projection : List[Tensor]
  frequencies : Tensor
  band : Tensor
  ratios : List[int]
  layers : int
  heads : int
  key_value_heads : int
  head_dim : int
  window : int
  semantic : int
  frame_samples : int
  pass_frames : int
  eps : float

  def load(self, weights: Dict[str, Tensor], frequencies: Tensor, ratios: List[int], layers: int, heads: int, key_value_heads: int, head_dim: int, window: int, semantic: int, codebooks: int, upsample_groups: int, eps: float, frame_samples: int, pass_frames: int) -> None:
    self.frequencies = frequencies
    self.ratios = ratios
    self.layers = layers
    self.heads = heads
    self.key_value_heads = key_value_heads
    self.head_dim = head_dim
    self.window = window
    self.semantic = semantic
    self.eps = eps
    self.frame_samples = frame_samples
    self.pass_frames = pass_frames
    self.add_decoder(weights)
    self.add_encoder(weights)
    self.add_layers(weights, "decoder_transformer.layers.")
    self.add_layers(weights, "encoder_transformer.layers.")
    self.set_upsampling(weights["upsample.conv.weight"], upsample_groups)
    self.decoder_tails.append((self.upsampling.size(0) - 1) * weights["upsample.conv.weight"].size(0))
    self.set_codebooks(weights, codebooks)
    # A query sees itself and the window - 1 positions before it.
    n = 2 * pass_frames
    ones = torch.ones([n, n + window - 1], dtype=FLOAT32, device=frequencies.device)
    visible = torch.tril(torch.triu(ones, 0), window - 1)
    self.band = torch.log(visible)

  def add_decoder(self, weights: Dict[str, Tensor]) -> None:
    self.add_conv(weights, "decoder.layers.0.conv", 1)
    layer = 2
    for ratio in self.ratios:
      self.add_upconv(weights, torch.format("decoder.layers.{}.conv", layer), ratio)
      self.add_conv(weights, torch.format("decoder.layers.{}.block.1.conv", layer + 1), 1)
      self.add_conv(weights, torch.format("decoder.layers.{}.block.3.conv", layer + 1), 1)
      layer = layer + 3
    self.add_conv(weights, torch.format("decoder.layers.{}.conv", layer), 1)
    self.decoder_tails = self.tail_sizes(0)

  def tail_sizes(self, first: int) -> List[int]:
    return [(self.spans[i] - 1) * self.widths[i] for i in range(first, len(self.spans))]

  def add_encoder(self, weights: Dict[str, Tensor]) -> None:
    first = len(self.taps)
    self.add_conv(weights, "encoder.layers.0.conv", 1)
    layer = 1
    for i in range(len(self.ratios)):
      self.add_conv(weights, torch.format("encoder.layers.{}.block.1.conv", layer), 1)
      self.add_conv(weights, torch.format("encoder.layers.{}.block.3.conv", layer), 1)
      self.add_conv(weights, torch.format("encoder.layers.{}.conv", layer + 2), self.ratios[len(self.ratios) - 1 - i])
      layer = layer + 3
    self.add_conv(weights, torch.format("encoder.layers.{}.conv", layer + 1), 1)
    self.encoder_tails = self.tail_sizes(first)
    weight = weights["downsample.conv.weight"]
    self.add_taps(weight, torch.zeros([weight.size(0)], dtype=FLOAT32, device=weight.device), 2)

  def add_conv(self, weights: Dict[str, Tensor], name: str, stride: int) -> None:
    self.add_taps(weights[name + ".weight"], weights[name + ".bias"], stride)

  # Weight (out, in, kernel) becomes (spans, stride in, out): one matrix for each stride of inputs
  # that the kernel spans, oldest first.
  def add_taps(self, weight: Tensor, bias: Tensor, stride: int) -> None:
    spans = weight.size(2) // stride
    taps = torch.reshape(torch.permute(weight, [2, 1, 0]), [spans, stride * weight.size(1), weight.size(0)])
    self.add_products(taps, bias, stride)

  # A transposed convolution whose kernel is twice its stride is a convolution over two inputs that
  # gives a stride of outputs at once. Weight (in, out, 2 stride) becomes (2, in, stride out).
  def add_upconv(self, weights: Dict[str, Tensor], name: str, stride: int) -> None:
    weight = weights[name + ".weight"]
    halves = torch.permute(torch.view(weight, [weight.size(0), weight.size(1), 2, stride]), [2, 0, 3, 1])
    taps = torch.reshape(torch.flip(halves, [0]), [2, weight.size(0), -1])
    self.add_products(taps, torch.repeat(weights[name + ".bias"], [stride]), 1)

  # A convolution with few outputs has many positions and hardly any weights: one product for each
  # span, added up, saves copying the windows. All others are one product over windows.
  def add_products(self, taps: Tensor, bias: Tensor, stride: int) -> None:
    self.spans.append(taps.size(0))
    self.widths.append(taps.size(1))
    self.strides.append(stride)
    self.biases.append(bias)
    thin = taps.size(0) > 1 and taps.size(1) >= 48 and taps.size(2) < 128
    self.thin.append(thin)
    if thin:
      self.taps.append(taps)
    else:
      self.taps.append(self.arrange(torch.contiguous(torch.t(torch.flatten(taps, 0, 1)))))

  # On a CPU, products with few rows spend most of their time on rearranging weights, unless that
  # has been done before. Small weights are not worth the longer call.
  def arrange(self, weight: Tensor) -> Tensor:
    if weight.is_cpu and torch.numel(weight) >= 65536:
      return ops.mkldnn._reorder_linear_weight(weight, 16)
    return weight

  def product(self, x: Tensor, weight: Tensor, bias: Optional[Tensor]) -> Tensor:
    if weight.is_mkldnn:
      return ops.mkldnn._linear_pointwise(x, weight, bias, "none", annotate(List[Optional[number]], []), "")
    return torch.linear(x, weight, bias)

  # Per layer: norm, norm's bias, query-key-value, output, norm, norm's bias, up, down. The scales
  # of the two branches are part of their last matrices.
  def add_layers(self, weights: Dict[str, Tensor], name: str) -> None:
    for i in range(self.layers):
      layer = torch.format("{}{}.", name, i)
      attention = layer + "self_attn."
      q = self.pairs(weights[attention + "q_proj.weight"])
      k = self.pairs(weights[attention + "k_proj.weight"])
      self.blocks.append(weights[layer + "input_layernorm.weight"])
      self.blocks.append(weights[layer + "input_layernorm.bias"])
      self.blocks.append(self.arrange(torch.cat([q, k, weights[attention + "v_proj.weight"]], 0)))
      self.blocks.append(self.arrange(torch.unsqueeze(weights[layer + "self_attn_layer_scale.scale"], 1) * weights[attention + "o_proj.weight"]))
      self.blocks.append(weights[layer + "post_attention_layernorm.weight"])
      self.blocks.append(weights[layer + "post_attention_layernorm.bias"])
      self.blocks.append(self.arrange(weights[layer + "mlp.fc1.weight"]))
      self.blocks.append(self.arrange(torch.unsqueeze(weights[layer + "mlp_layer_scale.scale"], 1) * weights[layer + "mlp.fc2.weight"]))

  # The rotary embedding rotates pairs half a head apart. With the pair side by side it is a complex product.
  def pairs(self, weight: Tensor) -> Tensor:
    halves = torch.view(weight, [-1, 2, self.head_dim // 2, weight.size(1)])
    return torch.reshape(torch.transpose(halves, 1, 2), [-1, weight.size(1)])

  # Weight (in, out per group, kernel) becomes (spans of 2 taps, oldest first, 2, 1, groups, in per group, out per group).
  def set_upsampling(self, weight: Tensor, groups: int) -> None:
    parts = torch.view(weight, [groups, weight.size(0) // groups, weight.size(1), weight.size(2) // 2, 2])
    spans = torch.flip(torch.permute(parts, [3, 4, 0, 1, 2]), [0])
    self.upsampling = torch.contiguous(torch.unsqueeze(spans, 2))

  def set_codebooks(self, weights: Dict[str, Tensor], codebooks: int) -> None:
    tables = annotate(List[Tensor], [])
    for i in range(codebooks):
      name = torch.format("quantizer.semantic_residual_vector_quantizer.layers.{}.codebook.", i)
      if i >= self.semantic:
        name = torch.format("quantizer.acoustic_residual_vector_quantizer.layers.{}.codebook.", i - self.semantic)
      usage = torch.clamp(weights[name + "cluster_usage"], 1.0000000000000001e-05)
      tables.append(weights[name + "embed_sum"] / torch.unsqueeze(usage, 1))
    all = torch.stack(tables, 0)
    self.codebooks = torch.unbind(all, 0)
    self.entries = torch.flatten(all, 0, 1)
    self.entry_offsets = torch.arange(codebooks, dtype=INT64, device=all.device) * all.size(1)
    outputs = annotate(List[Tensor], [])
    for kind in ["semantic", "acoustic"]:
      name = torch.format("quantizer.{}_residual_vector_quantizer.", kind)
      if name + "input_proj.weight" in weights:
        self.input_projections.append(torch.squeeze(weights[name + "input_proj.weight"], 2))
        outputs.append(torch.squeeze(weights[name + "output_proj.weight"], 2))
    if len(outputs) > 0:
      self.output_projection = [torch.cat(outputs, 1)]

  # samples (1, 1, n) to codes (codebooks, frames), `frames` of them in a pass
  def encode(self, samples: Tensor, frames: int) -> Tensor:
    state = self.begin(self.encoder_tails)
    tails = torch.split_with_sizes(state[1], self.encoder_tails, 1)
    hidden = annotate(List[Tensor], [])
    n = samples.size(2)
    step = min(frames, self.pass_frames) * self.frame_samples
    start = 0
    while start < n:
      x = torch.view(samples[:, :, start:min(start + step, n)], [-1, 1, 1])
      x = self.seanet_encoder(x, tails)
      hidden.append(self.transformer(x, self.layers, state))
      start = start + step
    return torch.stack(self.quantize(self.downsample(torch.cat(hidden, 0))), 0)

  # codes (1, codebooks, frames) to samples (1, n), `frames` of them in a pass
  def decode(self, codes: Tensor, frames: int) -> Tensor:
    return self.decode_streams(codes, self.open_stream(), frames)

  # the state of a clip of which nothing has been decoded
  def open_stream(self) -> List[Tensor]:
    return self.begin(self.decoder_tails)

  def begin(self, tails: List[int]) -> List[Tensor]:
    capacity = self.window - 1 + 2 * self.pass_frames
    device = self.frequencies.device
    return [torch.zeros([2], dtype=INT64), torch.zeros([1, sum(tails)], dtype=FLOAT32, device=device), torch.empty([2 * self.layers, 1, self.key_value_heads, capacity, self.head_dim], dtype=FLOAT32, device=device)]

  def reset_stream(self, state: List[Tensor]) -> None:
    torch.zero_(state[0])
    torch.zero_(state[1])

  # codes (clips, codebooks, n) to samples (clips, m), `frames` of them in a pass; `states` has the
  # state of the first clip, then that of the next, and is advanced in place
  def decode_streams(self, codes: Tensor, states: List[Tensor], frames: int) -> Tensor:
    n = codes.size(2)
    step = min(frames, self.pass_frames)
    if n <= step:
      return self.decode_pass(codes, states)
    samples = annotate(List[Tensor], [])
    start = 0
    while start < n:
      samples.append(self.decode_pass(codes[:, :, start:min(start + step, n)], states))
      start = start + step
    return torch.cat(samples, 1)

  def decode_pass(self, codes: Tensor, states: List[Tensor]) -> Tensor:
    clips = codes.size(0)
    rows = states[1]
    if clips > 1:
      rows = torch.cat([states[3 * i + 1] for i in range(clips)], 0)
    tails = torch.split_with_sizes(rows, self.decoder_tails, 1)
    x = self.upsample(self.dequantize(codes), tails[len(tails) - 1])
    x = self.transformer(x, 0, states)
    x = self.seanet_decoder(x, tails)
    if clips > 1:
      for i in range(clips):
        torch.copy_(states[3 * i + 1], rows[i:i + 1])
    return torch.transpose(torch.squeeze(x, 2), 0, 1)

  def seanet_encoder(self, x: Tensor, tails: List[Tensor]) -> Tensor:
    first = len(self.decoder_tails) - 1
    x = self.conv(x, first, tails[0])
    at = 1
    for i in range(len(self.ratios)):
      x = self.residual_block(x, first + at, tails[at])
      x = self.conv(torch.elu_(x), first + at + 2, tails[at + 2])
      at = at + 3
    return self.conv(torch.elu_(x), first + at, tails[at])

  def seanet_decoder(self, x: Tensor, tails: List[Tensor]) -> Tensor:
    x = self.conv(x, 0, tails[0])
    at = 1
    for ratio in self.ratios:
      x = self.conv(torch.elu_(x), at, tails[at])
      x = torch.permute(torch.view(x, [x.size(0), x.size(1), ratio, -1]), [0, 2, 1, 3])
      x = torch.flatten(x, 0, 1)
      x = self.residual_block(x, at + 1, tails[at + 1])
      at = at + 3
    return self.conv(torch.elu_(x), at, tails[at])

  def residual_block(self, x: Tensor, at: int, tail: Tensor) -> Tensor:
    y = self.conv(torch.elu(x), at, tail)
    return torch.add_(self.conv(torch.elu_(y), at + 1, tail), x)

  def conv(self, x: Tensor, at: int, tail: Tensor) -> Tensor:
    stride = self.strides[at]
    look_back = (self.spans[at] - 1) * stride
    if look_back > 0:
      x = self.join(x, tail, look_back)
    return self.products(x, at)

  # the inputs to look back at, zeros at first, and then x; keeps those the next call looks back at
  def join(self, x: Tensor, tail: Tensor, look_back: int) -> Tensor:
    before = torch.transpose(torch.view(tail, [x.size(1), look_back, x.size(2)]), 0, 1)
    joined = torch.cat([before, x], 0)
    torch.copy_(before, joined[x.size(0):x.size(0) + look_back])
    return joined

  # Zeros complete the last stride of a clip; only its last pass is not a multiple of the stride.
  def products(self, x: Tensor, at: int) -> Tensor:
    taps = self.taps[at]
    stride = self.strides[at]
    clips = x.size(1)
    if stride > 1:
      missing = (stride - x.size(0) % stride) % stride
      if missing > 0:
        x = torch.pad(x, [0, 0, 0, 0, 0, missing], "constant", 0.)
      x = torch.permute(torch.view(x, [-1, stride, clips, x.size(2)]), [0, 2, 1, 3])
    spans = self.spans[at]
    width = self.widths[at]
    n = x.size(0) - spans + 1
    rows = torch.reshape(x, [-1, width])
    if self.thin[at]:
      y = torch.addmm(self.biases[at], rows[0:n * clips], taps[0])
      for i in range(1, spans):
        torch.addmm_(y, rows[i * clips:(i + n) * clips], taps[i])
      return torch.view(y, [n, clips, -1])
    if spans > 1:
      windows = torch.as_strided(rows, [n, clips, spans, width], [clips * width, width, clips * width, 1])
      rows = torch.reshape(windows, [-1, spans * width])
    return torch.view(self.product(rows, taps, self.biases[at]), [n, clips, -1])

  def upsample(self, x: Tensor, tail: Tensor) -> Tensor:
    spans = self.upsampling.size(0)
    n = x.size(0)
    clips = x.size(1)
    if spans > 1:
      x = self.join(x, tail, spans - 1)
    rows = torch.view(x, [x.size(0), 1, clips, self.upsampling.size(3), -1, 1])
    y = rows[0:n] * self.upsampling[0]
    for i in range(1, spans):
      y = y + rows[i:i + n] * self.upsampling[i]
    return torch.reshape(torch.sum(y, [4]), [2 * n, clips, -1])

  # Not streamed: runs once over all positions of a clip. Repeats its outermost inputs as padding.
  def downsample(self, x: Tensor) -> Tensor:
    at = len(self.taps) - 1
    n = x.size(0)
    look_back = 2 * (self.spans[at] - 1)
    before = torch.expand(x[0:1], [look_back, -1, -1])
    return self.products(torch.cat([before, x, x[n - n % 2:n]], 0), at)

  # `first` is the index of the first layer
  def transformer(self, x: Tensor, first: int, states: List[Tensor]) -> Tensor:
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
      h = torch.view(self.product(h, self.blocks[at + 2], None), [n, clips, -1, self.head_dim // 2, 2])
      qk = torch.view_as_complex(h[:, :, 0:rotated]) * rope
      qk = torch.permute(torch.flatten(torch.view_as_real(qk), 3, 4), [1, 2, 0, 3])
      v = torch.permute(torch.flatten(h[:, :, rotated:h.size(2)], 3, 4), [1, 2, 0, 3])
      attn_outputs = annotate(List[Tensor], [])
      for j in range(clips):
        torch.copy_(slots[j][2 * i], qk[j:j + 1, self.heads:rotated])
        torch.copy_(slots[j][2 * i + 1], v[j:j + 1])
        attn_outputs.append(self.attention(qk[j:j + 1, 0:self.heads], visible[j][2 * i], visible[j][2 * i + 1], masks[j]))
      h = torch.reshape(torch.permute(torch.cat(attn_outputs, 0), [2, 0, 1, 3]), [n * clips, -1])
      y = y + self.product(h, self.blocks[at + 3], None)
      h = torch.layer_norm(y, [width], self.blocks[at + 4], self.blocks[at + 5], self.eps)
      h = torch.gelu(self.product(h, self.blocks[at + 6], None))
      y = torch.add_(y, self.product(h, self.blocks[at + 7], None))
    return torch.view(y, [n, clips, width])

  # Reserves n positions in the KV cache, moving older ones to the front if needed. Returns the first of them.
  def reserve(self, past: Tensor, filled: int, n: int) -> int:
    if filled + n <= past.size(3):
      return filled
    kept = self.window - 1
    torch.copy_(past[:, :, :, 0:kept], torch.clone(past[:, :, :, filled - kept:filled]))
    return kept

  # rotation of each pair, as complex numbers (n, clips, 1, head size / 2)
  def rope(self, positions: List[int], n: int) -> Tensor:
    device = self.frequencies.device
    position = torch.unsqueeze(torch.arange(n, dtype=INT64, device=device), 1) + torch.tensor(positions, dtype=INT64, device=device)
    angles = torch.view(position, [n, -1, 1, 1]) * self.frequencies
    return torch.polar(torch.ones_like(angles), angles)

  def attention(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    if self.heads != self.key_value_heads:
      k = torch.repeat_interleave(k, self.heads // self.key_value_heads, 1)
      v = torch.repeat_interleave(v, self.heads // self.key_value_heads, 1)
    return torch.scaled_dot_product_attention(q, k, v, mask, 0., False)

  # x (frames, 1, width). Each kind of codebook quantizes the same input: first the input, then what
  # the codebooks before left over.
  def quantize(self, x: Tensor) -> List[Tensor]:
    codes = annotate(List[Tensor], [])
    residual = torch.transpose(x, 0, 1)
    for i in range(len(self.codebooks)):
      if i == 0 or i == self.semantic:
        residual = torch.transpose(x, 0, 1)
        if len(self.input_projections) > 0:
          residual = torch.linear(residual, self.input_projections[min(i, 1)])
      table = self.codebooks[i]
      distances = torch.cdist(residual, torch.unsqueeze(table, 0), 2., None)
      code = torch.argmin(torch.squeeze(distances, 0), 1)
      residual = residual - torch.embedding(table, torch.unsqueeze(code, 0))
      codes.append(code)
    return codes

  # the sum of the entries that codes (clips, codebooks, n) name: (n, clips, width)
  def dequantize(self, codes: Tensor) -> Tensor:
    named = torch.embedding(self.entries, torch.permute(codes, [2, 0, 1]) + self.entry_offsets)
    semantic = torch.sum(named[:, :, 0:self.semantic], [2])
    acoustic = torch.sum(named[:, :, self.semantic:named.size(2)], [2])
    if len(self.output_projection) == 0:
      return semantic + acoustic
    return torch.linear(torch.cat([semantic, acoustic], 2), self.output_projection[0])
