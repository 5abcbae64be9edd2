# CSM's language model: backbone, depth decoder and sampling, for several slots at once.
#
# Names of sizes: B slots that run, T new positions, S cached positions, H query heads, G key/value heads,
# D head width, K codebooks, V vocabulary. Formulas: RoPE with half-split pairs, RMSNorm, SwiGLU as in
# transformers' modeling_csm.py; frame loop and sampling as in SesameAILabs/csm, models.py.
class Csm(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  dtype : int
  codebooks : int
  vocabulary : int
  usable : int

  text_table : Tensor
  audio_table : Tensor
  depth_table : Tensor
  audio_offsets : Tensor
  codebook0_head : Tensor
  projection : Tensor
  depth_heads : Tensor

  # Six per layer: norm, q+k+v, output, norm, gate+up, down; see add_layer.
  backbone : List[Tensor]
  backbone_norm : Tensor
  backbone_cos : Tensor
  backbone_sin : Tensor
  backbone_heads : int
  backbone_groups : int
  backbone_eps : float
  depth : List[Tensor]
  depth_norm : Tensor
  depth_cos : Tensor
  depth_sin : Tensor
  depth_query_heads : int
  depth_groups : int
  depth_eps : float

  # Caches are (slots, G, positions, D), one of each per layer.
  keys : List[Tensor]
  values : List[Tensor]
  depth_keys : List[Tensor]
  depth_values : List[Tensor]

  # What each slot is about to feed to the backbone, and how it samples.
  rows : Tensor
  positions : Tensor
  seeds : Tensor
  frames : Tensor
  temperatures : Tensor
  top_k : Tensor

  noise_counters : Tensor
  depth_start_mask : Tensor
  tracing : bool
  trace : List[Tensor]

  def set_sizes(self, dtype: int, codebooks: int, vocabulary: int, usable: int) -> None:
    self.dtype = dtype
    self.codebooks = codebooks
    self.vocabulary = vocabulary
    self.usable = usable

  # w: text table, audio table, depth decoder's audio table, codebook-0 head, projection, depth heads.
  def set_tables(self, w: List[Tensor]) -> None:
    self.text_table = torch.to(w[0], self.dtype)
    self.audio_table = torch.to(w[1], self.dtype)
    self.depth_table = torch.to(w[2], self.dtype)
    self.codebook0_head = torch.to(w[3], self.dtype)
    self.projection = torch.to(w[4], self.dtype)
    self.depth_heads = torch.to(w[5], self.dtype)
    device = w[0].device
    books = torch.arange(self.codebooks, dtype=4, device=device)
    self.audio_offsets = books * self.vocabulary
    # One counter per codebook and entry; the stride leaves room for any vocabulary.
    entries = torch.arange(self.usable, dtype=4, device=device)
    self.noise_counters = torch.unsqueeze(books, 1) * 1048576 + torch.unsqueeze(entries, 0) + 1
    self.depth_start_mask = torch.tril(torch.ones([2, 2], dtype=11, device=device))

  def set_backbone(self, norm: Tensor, frequencies: Tensor, positions: int, heads: int, groups: int, eps: float) -> None:
    self.backbone_norm = torch.to(norm, self.dtype)
    angles = self.angles(frequencies, positions)
    self.backbone_cos = torch.cos(angles)
    self.backbone_sin = torch.sin(angles)
    self.backbone_heads = heads
    self.backbone_groups = groups
    self.backbone_eps = eps

  def set_depth(self, norm: Tensor, frequencies: Tensor, heads: int, groups: int, eps: float) -> None:
    self.depth_norm = torch.to(norm, self.dtype)
    angles = self.angles(frequencies, self.codebooks)
    self.depth_cos = torch.cos(angles)
    self.depth_sin = torch.sin(angles)
    self.depth_query_heads = heads
    self.depth_groups = groups
    self.depth_eps = eps

  def angles(self, frequencies: Tensor, positions: int) -> Tensor:
    steps = torch.arange(positions, dtype=6, device=frequencies.device)
    return torch.unsqueeze(steps, 1) * torch.unsqueeze(frequencies, 0)

  # w: input norm, q, k, v, output, post-attention norm, gate, up, down. Products of one input are joined.
  def add_layer(self, to_depth: bool, w: List[Tensor]) -> None:
    joined = [torch.to(w[0], self.dtype), torch.to(torch.cat([w[1], w[2], w[3]], 0), self.dtype), torch.to(w[4], self.dtype), torch.to(w[5], self.dtype), torch.to(torch.cat([w[6], w[7]], 0), self.dtype), torch.to(w[8], self.dtype)]
    if to_depth:
      self.depth.extend(joined)
    else:
      self.backbone.extend(joined)

  # Caches for this many slots of this many positions; what the old ones hold is kept as far as it fits.
  def reserve(self, slots: int, capacity: int, layers: int, depth_layers: int) -> None:
    depth_dim = self.depth_cos.size(1) * 2
    dim = self.backbone_cos.size(1) * 2
    self.resize(self.keys, layers, slots, self.backbone_groups, capacity, dim)
    self.resize(self.values, layers, slots, self.backbone_groups, capacity, dim)
    self.resize(self.depth_keys, depth_layers, slots, self.depth_groups, self.codebooks, depth_dim)
    self.resize(self.depth_values, depth_layers, slots, self.depth_groups, self.codebooks, depth_dim)
    self.rows = self.resized(self.rows, [slots, self.codebooks + 1], 4)
    self.positions = self.resized(self.positions, [slots], 4)
    self.seeds = self.resized(self.seeds, [slots], 4)
    self.frames = self.resized(self.frames, [slots], 4)
    self.temperatures = self.resized(self.temperatures, [slots, 1], 6)
    self.top_k = self.resized(self.top_k, [slots], 4)

  # One layer after the other, so that only one is held twice.
  def resize(self, caches: List[Tensor], layers: int, slots: int, groups: int, capacity: int, dim: int) -> None:
    for i in range(layers):
      if i < len(caches):
        caches[i] = self.resized(caches[i], [slots, groups, capacity, dim], self.dtype)
      else:
        caches.append(torch.zeros([slots, groups, capacity, dim], dtype=self.dtype, device=self.text_table.device))

  def resized(self, old: Tensor, shape: List[int], dtype: int) -> Tensor:
    fresh = torch.zeros(shape, dtype=dtype, device=self.text_table.device)
    if old.numel() == 0:
      return fresh
    kept = fresh
    for i in range(len(shape)):
      least = min(shape[i], old.size(i))
      kept = torch.narrow(kept, i, 0, least)
      old = torch.narrow(old, i, 0, least)
    torch.copy_(kept, old)
    return fresh

  # Keys and values of one sequence outside the slots: (2 layers, G, positions, D), keys of a layer first.
  def new_key_values(self, layers: int, positions: int) -> Tensor:
    return torch.empty([2 * layers, self.backbone_groups, positions, self.backbone_cos.size(1) * 2], dtype=self.dtype, device=self.text_table.device)

  def copy_key_values(self, source: Tensor, begin: int, end: int) -> Tensor:
    return torch.clone(torch.narrow(source, 2, begin, end - begin), memory_format=0)

  def put_key_values(self, target: Tensor, begin: int, source: Tensor) -> None:
    torch.copy_(torch.narrow(target, 2, begin, source.size(2)), source)

  # The first so many positions of a slot, in the host's memory.
  def take(self, slot: int, positions: int) -> Tensor:
    parts = annotate(List[Tensor], [])
    for layer in range(len(self.keys)):
      parts.append(torch.cpu(torch.narrow(self.keys[layer][slot], 1, 0, positions)))
      parts.append(torch.cpu(torch.narrow(self.values[layer][slot], 1, 0, positions)))
    return torch.stack(parts, 0)

  def move(self, source: int, target: int, positions: int) -> None:
    for layer in range(len(self.keys)):
      self.move_positions(self.keys[layer], source, target, positions)
      self.move_positions(self.values[layer], source, target, positions)
    for state in [self.rows, self.positions, self.seeds, self.frames, self.temperatures, self.top_k]:
      torch.copy_(state[target], state[source])

  def move_positions(self, cache: Tensor, source: int, target: int, positions: int) -> None:
    torch.copy_(torch.narrow(cache[target], 1, 0, positions), torch.narrow(cache[source], 1, 0, positions))

  # A slot that is stepped along with the others although no one uses it stays at its first position.
  def leave(self, slot: int) -> None:
    self.positions[slot] = 0
    self.top_k[slot] = 1

  def set_tracing(self, on: bool) -> None:
    self.tracing = on
    self.trace = annotate(List[Tensor], [])

  # Last hidden state (B, hidden), codebook-0 logits (B, V), depth logits (B, K - 1, V) of the latest frame.
  def traced(self) -> List[Tensor]:
    return self.trace

  # rows: (T, K + 1), the next T positions of one sequence, from position start on; key_values has room for them.
  def prefill(self, key_values: Tensor, rows: Tensor, start: int) -> None:
    count = rows.size(0)
    total = start + count
    x = torch.unsqueeze(self.embed(rows), 0)
    cos = self.backbone_cos[start:total].view(1, count, 1, -1)
    sin = self.backbone_sin[start:total].view(1, count, 1, -1)
    steps = torch.arange(total, dtype=4, device=rows.device)
    mask = (torch.unsqueeze(steps, 0) <= torch.unsqueeze(steps[start:total], 1)).view(1, 1, count, total)
    all = annotate(List[int], [])
    for layer in range(key_values.size(0) // 2):
      keys = torch.unsqueeze(key_values[2 * layer], 0)
      values = torch.unsqueeze(key_values[2 * layer + 1], 0)
      x = self.block(x, self.backbone, layer, self.backbone_heads, self.backbone_groups, self.backbone_eps, cos, sin, keys, values, start, None, total, mask, all)

  # Positions before `position` come from key_values; row: (K + 1), which the next step feeds at `position`.
  def join(self, slot: int, key_values: Tensor, row: Tensor, position: int, seed: int, frame: int, temperature: float, top_k: int) -> None:
    for layer in range(len(self.keys)):
      torch.copy_(torch.narrow(self.keys[layer][slot], 1, 0, position), torch.narrow(key_values[2 * layer], 1, 0, position))
      torch.copy_(torch.narrow(self.values[layer][slot], 1, 0, position), torch.narrow(key_values[2 * layer + 1], 1, 0, position))
    self.rows[slot] = row
    self.positions[slot] = position
    self.seeds[slot] = seed
    self.frames[slot] = frame
    self.temperatures[slot] = temperature
    self.top_k[slot] = top_k

  # One frame for each of the first `running` of the first `count` slots; what the others yield is no one's.
  # longest: positions of the longest of them, the new one included; widest: their largest top-k.
  # lengths: positions of each of them if each is to be attended to by itself, else empty.
  # Returns (B, K + 1): the codes, then 1 if all numbers were finite.
  def step(self, count: int, running: int, longest: int, widest: int, lengths: List[int]) -> Tensor:
    rows = self.rows[0:count]
    positions = self.positions[0:count]
    h = self.backbone_step(rows, positions, longest, lengths)
    noise = self.noise(self.seeds[0:count], self.frames[0:count]) if widest > 1 else h
    logits = torch.linear(h, self.codebook0_head)
    if self.tracing:
      self.trace = [h, logits]
    code = self.choose(logits, noise, 0, count, widest)
    codes = [code]
    x = torch.stack([h, torch.embedding(self.depth_table, code)], 1)
    for book in range(1, self.codebooks):
      if book > 1:
        x = torch.unsqueeze(torch.embedding(self.depth_table, code + (book - 1) * self.vocabulary), 1)
      g = self.depth_step(torch.linear(x, self.projection), book)
      logits = torch.mm(g, self.depth_heads[book - 1])
      if self.tracing:
        self.trace.append(logits)
      code = self.choose(logits, noise, book, count, widest)
      codes.append(code)
    frame = torch.stack(codes, 1)
    rows[:, 0:self.codebooks] = frame
    rows[:, self.codebooks] = -1
    torch.add_(self.positions[0:running], 1)
    torch.add_(self.frames[0:running], 1)
    finite = torch.isfinite(torch.sum(h, [-1], True)) * torch.isfinite(torch.sum(logits, [-1], True))
    return torch.cat([frame, torch.to(finite, 4)], 1)

  def backbone_step(self, rows: Tensor, positions: Tensor, longest: int, lengths: List[int]) -> Tensor:
    count = rows.size(0)
    x = torch.unsqueeze(self.embed(rows), 1)
    cos = torch.embedding(self.backbone_cos, positions).view(count, 1, 1, -1)
    sin = torch.embedding(self.backbone_sin, positions).view(count, 1, 1, -1)
    mask = annotate(Optional[Tensor], None)
    if count > 1:
      steps = torch.arange(longest, dtype=4, device=rows.device)
      mask = (torch.unsqueeze(steps, 0) <= torch.unsqueeze(positions, 1)).view(count, 1, 1, longest)
    for layer in range(len(self.keys)):
      keys = self.keys[layer][0:count]
      values = self.values[layer][0:count]
      x = self.block(x, self.backbone, layer, self.backbone_heads, self.backbone_groups, self.backbone_eps, cos, sin, keys, values, longest - 1, positions if count > 1 else None, longest, mask, lengths)
    return self.norm(x[:, 0], self.backbone_norm, self.backbone_eps)

  # x: (B, T, width), the inputs up to position `last`; T is 2 for the first call of a frame, then 1.
  def depth_step(self, x: Tensor, last: int) -> Tensor:
    start = last + 1 - x.size(1)
    cos = self.depth_cos[start:last + 1].view(1, x.size(1), 1, -1)
    sin = self.depth_sin[start:last + 1].view(1, x.size(1), 1, -1)
    mask = annotate(Optional[Tensor], None)
    if x.size(1) > 1:
      mask = self.depth_start_mask.view(1, 1, 2, 2)
    all = annotate(List[int], [])
    for layer in range(len(self.depth_keys)):
      keys = self.depth_keys[layer][0:x.size(0)]
      values = self.depth_values[layer][0:x.size(0)]
      x = self.block(x, self.depth, layer, self.depth_query_heads, self.depth_groups, self.depth_eps, cos, sin, keys, values, start, None, last + 1, mask, all)
    return self.norm(x[:, -1], self.depth_norm, self.depth_eps)

  # rows: (N, K + 1). Text rows are their text embedding, audio rows the sum of their codes' embeddings.
  def embed(self, rows: Tensor) -> Tensor:
    text = rows[:, self.codebooks]
    written = torch.embedding(self.text_table, torch.clamp(text, 0))
    heard = torch.sum(torch.embedding(self.audio_table, rows[:, 0:self.codebooks] + self.audio_offsets), [1])
    return torch.where(torch.unsqueeze(text >= 0, 1), written, heard)

  def norm(self, x: Tensor, weight: Tensor, eps: float) -> Tensor:
    wide = torch.to(x, 6)
    return torch.to(wide * torch.rsqrt(torch.mean(wide * wide, [-1], True) + eps), self.dtype) * weight

  # One transformer layer over x (B, T, width). New keys and values go into the caches at `start`, or at
  # each slot's own position where `positions` is given; the first `total` cached positions are attended, or
  # of each slot as many as `lengths` says where it is not empty.
  def block(self, x: Tensor, w: List[Tensor], layer: int, heads: int, groups: int, eps: float, cos: Tensor, sin: Tensor, keys: Tensor, values: Tensor, start: int, positions: Optional[Tensor], total: int, mask: Optional[Tensor], lengths: List[int]) -> Tensor:
    i = layer * 6
    count = x.size(0)
    steps = x.size(1)
    dim = keys.size(3)
    qkv = torch.linear(self.norm(x, w[i], eps), w[i + 1]).view(count, steps, heads + 2 * groups, dim)
    qk = torch.to(self.rotate(torch.to(qkv[:, :, 0:heads + groups], 6), cos, sin), self.dtype)
    k = qk[:, :, heads:heads + groups]
    v = qkv[:, :, heads + groups:heads + 2 * groups]
    if positions is not None:
      slots = torch.arange(count, dtype=4, device=x.device).view(-1, 1)
      each = torch.arange(groups, dtype=4, device=x.device).view(1, -1)
      where = annotate(List[Optional[Tensor]], [slots, each, positions.view(-1, 1)])
      torch.index_put_(keys, where, k[:, 0])
      torch.index_put_(values, where, v[:, 0])
    else:
      torch.copy_(torch.narrow(keys, 2, start, steps), torch.transpose(k, 1, 2))
      torch.copy_(torch.narrow(values, 2, start, steps), torch.transpose(v, 1, 2))
    if len(lengths) > 0:
      heard = self.attend_each(qk[:, :, 0:heads], keys, values, lengths)
    else:
      heard = self.attend(qk[:, :, 0:heads], torch.narrow(keys, 2, 0, total), torch.narrow(values, 2, 0, total), mask)
    x = x + torch.linear(heard, w[i + 2])
    gate, up = torch.chunk(torch.linear(self.norm(x, w[i + 3], eps), w[i + 4]), 2, -1)
    return x + torch.linear(torch.silu(gate) * up, w[i + 5])

  def rotate(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a, b = torch.chunk(x, 2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)

  # Slot by slot, so that the length of one cannot change how another is rounded.
  def attend_each(self, q: Tensor, keys: Tensor, values: Tensor, lengths: List[int]) -> Tensor:
    heard = annotate(List[Tensor], [])
    for i in range(len(lengths)):
      heard.append(self.attend(q[i:i + 1], torch.narrow(keys[i:i + 1], 2, 0, lengths[i]), torch.narrow(values[i:i + 1], 2, 0, lengths[i]), None))
    return torch.cat(heard, 0)

  # q: (B, T, H, D), k and v: (B, G, S, D), mask: (B, 1, T, S) or None for all. Query heads that share a key
  # head become further rows of the same product, so that keys and values are never copied out.
  def attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Optional[Tensor]) -> Tensor:
    count, steps, heads, dim = torch.size(q)
    groups = k.size(1)
    shared = heads // groups
    q = torch.permute(q.view(count, steps, groups, shared, dim), [0, 2, 3, 1, 4]).reshape(count, groups, shared * steps, dim)
    if mask is not None:
      total = k.size(2)
      mask = mask.expand(count, shared, steps, total).reshape(count, 1, shared * steps, total)
    if steps == 1:
      heard = self.attend_once(q, k, v, mask)
    else:
      heard = torch.scaled_dot_product_attention(q, k, v, mask)
    return torch.permute(heard.view(count, groups, shared, steps, dim), [0, 3, 1, 2, 4]).reshape(count, steps, heads * dim)

  # The fused kernel wakes the whole thread team even for one position; on a busy machine each wake-up costs
  # more than the attention itself.
  def attend_once(self, q: Tensor, k: Tensor, v: Tensor, mask: Optional[Tensor]) -> Tensor:
    scores = torch.matmul(q, torch.transpose(k, 2, 3)) * (float(q.size(3)) ** -0.5)
    if mask is not None:
      scores = torch.masked_fill(scores, torch.logical_not(mask), -inf)
    return torch.matmul(torch.to(torch.softmax(scores, -1, 6), self.dtype), v)

  # Exponential noise (B, K, usable), a function of seed, frame, codebook and entry alone: SplitMix64
  # (Steele, Lea, Flood 2014) at a counter, then -log of its upper 52 bits read as a number in (0, 1).
  def noise(self, seeds: Tensor, frames: Tensor) -> Tensor:
    frame_keys = self.mix(self.mix(seeds) + (frames + 1) * -7046029254386353131)
    bits = self.mix(frame_keys.view(-1, 1, 1) + torch.unsqueeze(self.noise_counters, 0) * -7046029254386353131)
    uniform = (torch.to(self.shift(bits, 12), 7) + 0.5) * 2.220446049250313e-16
    return torch.to(torch.neg(torch.log(uniform)), 6)

  def mix(self, x: Tensor) -> Tensor:
    x = torch.bitwise_xor(x, self.shift(x, 30)) * -4658895280553007687
    x = torch.bitwise_xor(x, self.shift(x, 27)) * -7723592293110705685
    return torch.bitwise_xor(x, self.shift(x, 31))

  # Logical right shift, 0 < by < 63: torch's own carries the sign.
  def shift(self, x: Tensor, by: int) -> Tensor:
    return torch.bitwise_and(torch.bitwise_right_shift(x, by), (1 << (64 - by)) - 1)

  # One code per slot from logits (B, V). Ids the codec cannot decode are out of the draw. The draw is the
  # largest of probability / exponential noise, which has the distribution of the probabilities.
  def choose(self, logits: Tensor, noise: Tensor, book: int, count: int, widest: int) -> Tensor:
    x = torch.to(logits, 6)[:, 0:self.usable]
    if widest == 1:
      return torch.argmax(x, -1)
    top_k = torch.unsqueeze(self.top_k[0:count], 1)
    x = (x - torch.amax(x, [-1], True)) / self.temperatures[0:count]
    best, ids = torch.topk(x, widest, -1, True, True)
    x = torch.masked_fill(x, x < torch.gather(best, 1, top_k - 1), -inf)
    draw = torch.softmax(x, -1) / torch.where(top_k == 1, torch.ones_like(x), noise[:, book])
    return torch.argmax(draw, -1)
