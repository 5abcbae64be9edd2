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

  # Tables are only looked up, so they stay in the type they were handed over in. Those of the depth decoder,
  # one of each codebook but the last, are projected to its width already.
  text_table : Tensor
  audio_table : Tensor
  depth_tables : List[Tensor]
  audio_offsets : Tensor

  # Every matrix has a number: 0 codebook-0 head, 1 projection, from 2 on the depth heads, then four per
  # layer (q+k+v, output, gate+up, down), the backbone's first. See add_matrix and product.
  matrices : List[Tensor]
  parts : List[Tensor]
  packed : List[__torch__.torch.classes.quantized.LinearPackedParamsBase]
  packed_at : List[int]
  scales : List[Tensor]
  kernels : List[int]
  weight_levels : int

  # Rotations (positions, heads + 2 groups, D / 2) as complex numbers, in the order of add_attention; values
  # are turned by 1.
  backbone_first : int
  backbone_norm : Tensor
  backbone_tail : Tensor
  backbone_turns : Tensor
  backbone_heads : int
  backbone_groups : int
  depth_first : int
  depth_tail : Tensor
  depth_turns : List[Tensor]
  depth_start_turns : Tensor
  depth_heads : int
  depth_groups : int

  # Backbone caches are (2, slots, G, positions, D), keys first, one of each layer; keys and values are views.
  caches : List[Tensor]
  keys : List[Tensor]
  values : List[Tensor]

  # Whether the depth decoder attends by an operator of our own, which it does from its third position on.
  own_attention : bool
  depth_rows : List[Tensor]

  # The depth decoder's cache lasts one frame, (2 slots G K, D) a layer, keys first. Views of it, by layer and
  # position: see open_depth.
  depth_slots : int
  depth_caches : List[Tensor]
  depth_writes : List[Tensor]
  depth_keys : List[Tensor]
  depth_values : List[Tensor]

  # What each slot is about to feed to the backbone, and how it samples; live: 1 if it is used, else 0.
  live : Tensor
  rows : Tensor
  positions : Tensor
  seeds : Tensor
  frames : Tensor
  temperatures : Tensor
  top_k : Tensor

  noise_counters : Tensor
  depth_start_mask : Tensor
  tracing : bool
  led : List[Tensor]
  trace : List[Tensor]

  def set_sizes(self, dtype: int, codebooks: int, vocabulary: int, usable: int, backbone_first: int, depth_first: int) -> None:
    self.dtype = dtype
    self.codebooks = codebooks
    self.vocabulary = vocabulary
    self.usable = usable
    self.backbone_first = backbone_first
    self.depth_first = depth_first

  # w: text table, audio table.
  def set_tables(self, w: List[Tensor]) -> None:
    self.text_table = w[0]
    self.audio_table = w[1]
    device = w[0].device
    books = torch.arange(self.codebooks, dtype=4, device=device)
    self.audio_offsets = books * self.vocabulary
    # One counter per codebook and entry; the stride leaves room for any vocabulary.
    entries = torch.arange(self.usable, dtype=4, device=device)
    self.noise_counters = torch.unsqueeze(books, 1) * 1048576 + torch.unsqueeze(entries, 0) + 1

  # table: (K V, hidden), projection: (depth hidden, hidden). The depth decoder sees no row of its table but
  # projected; computed here in 32 bit, kept in `dtype`. One codebook after the other, so that little is held twice.
  # set_depth fills in the tail.
  def set_depth_tables(self, table: Tensor, projection: Tensor, dtype: int) -> None:
    rows = self.vocabulary
    width = projection.size(0)
    projected = torch.empty([(self.codebooks - 1) * rows, width + 8], dtype=dtype, device=table.device)
    wide = torch.t(torch.to(projection, 6))
    for book in range(self.codebooks - 1):
      target = torch.narrow(projected, 0, book * rows, rows)
      torch.copy_(torch.narrow(target, 1, 0, width), torch.mm(torch.to(torch.narrow(table, 0, book * rows, rows), 6), wide))
      self.depth_tables.append(target)

  # Numbers of 32 bit from a byte offset of a file on, which has to be a multiple of 4.
  def map_table(self, file: str, offset: int, rows: int, width: int) -> Tensor:
    end = offset // 4 + rows * width
    whole = torch.from_file(file, False, end, dtype=6)
    return torch.narrow(whole, 0, offset // 4, rows * width).view(rows, width)

  def set_backbone(self, norm: Tensor, frequencies: Tensor, positions: int, heads: int, groups: int, eps: float) -> None:
    self.backbone_norm = self.gain(norm)
    self.backbone_tail = self.tail(norm, eps, self.dtype)
    self.backbone_turns = self.turns(frequencies, positions, heads, groups)
    self.backbone_heads = heads
    self.backbone_groups = groups

  # The heads have taken up the last norm's weight.
  def set_depth(self, norm: Tensor, frequencies: Tensor, heads: int, groups: int, eps: float) -> None:
    self.depth_tail = self.tail(norm, eps, self.dtype)
    for table in self.depth_tables:
      torch.copy_(torch.narrow(table, 1, norm.size(0), 8), self.tail(norm, eps, table.dtype))
    turns = self.turns(frequencies, self.codebooks, heads, groups)
    self.depth_turns = [turns[0:2], turns[0:2]]
    for position in range(2, self.codebooks):
      self.depth_turns.append(turns[position:position + 1])
    self.depth_rows = annotate(List[Tensor], [])
    for position in range(self.codebooks):
      self.depth_rows.append(torch.view_as_real(turns[position]).view(1, -1))
    self.depth_heads = heads
    self.depth_groups = groups
    ahead = torch.triu(torch.ones([2, 2], dtype=11, device=norm.device), 1)
    self.depth_start_mask = self.hidden(ahead, heads // groups)

  def turns(self, frequencies: Tensor, positions: int, heads: int, groups: int) -> Tensor:
    steps = torch.arange(positions, dtype=6, device=frequencies.device)
    angles = torch.unsqueeze(torch.unsqueeze(steps, 1) * torch.unsqueeze(frequencies, 0), 1)
    turned = torch.polar(torch.ones_like(angles), angles).expand(positions, heads // groups + 1, -1)
    kept = torch.polar(torch.ones_like(angles), torch.zeros_like(angles))
    return torch.cat([turned, kept], 1).repeat(1, groups, 1)

  # A norm is x / sqrt(mean(x^2) + eps) * weight = x / |x, tail| * sqrt(width) weight, where |tail|^2 = width eps.
  # So each row of what is to be normed lies before such a tail: see tailed.
  def gain(self, weight: Tensor) -> Tensor:
    return torch.to(torch.to(weight, 6) * float(weight.size(0)) ** 0.5, self.dtype)

  # (1, 8), so that rows stay aligned. The second number makes up for the rounding of the first.
  def tail(self, weight: Tensor, eps: float, dtype: int) -> Tensor:
    square = float(weight.size(0)) * eps
    first = torch.to(torch.full([1, 1], 0.98 * square ** 0.5, dtype=7, device=weight.device), dtype)
    second = torch.to(torch.sqrt(square - torch.square(torch.to(first, 7))), dtype)
    return torch.cat([first, second, torch.zeros([1, 6], dtype=dtype, device=weight.device)], 1)

  # A copy of x (N, width) whose rows are followed by the tail in memory.
  def tailed(self, x: Tensor, tail: Tensor) -> Tensor:
    return torch.narrow(torch.cat([x, tail.expand(x.size(0), -1)], 1), 1, 0, x.size(1))

  # qkv: (H D + 2 G D, in), changed in place: it takes up the weight of the norm before it, its queries the
  # scale of the attention. A group's queries, its key and its value become neighbours, so that what belongs to
  # one group of one slot is at the same distance from the next everywhere. Half-split rotary pairs become
  # neighbours too, so that a pair is one complex number.
  def add_attention(self, qkv: Tensor, norm: Tensor, heads: int, groups: int, plan: List[int]) -> None:
    dim = qkv.size(0) // (heads + 2 * groups)
    shared = heads // groups
    torch.mul_(torch.narrow(qkv, 0, 0, heads * dim), float(dim) ** -0.5)
    ordered = torch.empty_like(qkv)
    old = qkv.view(heads + 2 * groups, dim, -1)
    new = ordered.view(heads + 2 * groups, dim, -1)
    at = 0
    for group in range(groups):
      for head in range(group * shared, (group + 1) * shared):
        torch.copy_(new[at], self.paired(old[head]))
        at += 1
      torch.copy_(new[at], self.paired(old[heads + group]))
      torch.copy_(new[at + 1], old[heads + groups + group])
      at += 2
    self.add_normed(ordered, norm, plan)

  # One head (D, in), its halves alternating.
  def paired(self, head: Tensor) -> Tensor:
    halves = head.view(2, head.size(0) // 2, -1)
    return torch.reshape(torch.transpose(halves, 0, 1), [head.size(0), -1])

  # w: (out, in), changed in place: it takes up the weight of the norm before it.
  def add_normed(self, w: Tensor, norm: Tensor, plan: List[int]) -> None:
    self.add_matrix(torch.mul_(w, norm * float(norm.size(0)) ** 0.5), plan)

  # w: (out, in). plan: how to store it, then the kernel for one row, for 2 to 15, and for more; see product.
  # Stored: 0 as it is, 1 packed in 16 bit, 2 packed in 8 bit, 3 plain in 16 bit, 4 and 5 plain in 8 bit.
  def add_matrix(self, w: Tensor, plan: List[int]) -> None:
    storage = plan[0]
    self.packed_at.append(len(self.packed))
    scales = w
    if storage == 0:
      # mm wants the transposed view; the memory stays as it is.
      stored = torch.contiguous(torch.to(w, self.dtype))
      self.matrices.append(torch.t(stored))
      self.parts.append(torch.transpose(stored.view(self.most_parts(stored.size(0)), -1, stored.size(1)), 1, 2))
    elif storage == 1:
      self.packed.append(ops.quantized.linear_prepack_fp16(torch.to(w, 6), None))
      self.matrices.append(torch.empty([0], dtype=6))
    elif storage == 3:
      self.matrices.append(torch.t(torch.to(w, 5)))
    else:
      w = torch.to(w, 6)
      levels = self.weight_levels if storage == 2 else 127
      scales = torch.clamp_min(torch.amax(torch.abs(w), [1]), 1e-30) / float(levels)
      if storage == 2:
        quantised = torch.quantize_per_channel(w, torch.to(scales, 7), torch.zeros_like(scales, dtype=4), 0, 12)
        self.packed.append(ops.quantized.linear_prepack(quantised, None))
        self.matrices.append(torch.empty([0], dtype=6))
      else:
        self.matrices.append(torch.contiguous(torch.to(torch.round_(w / torch.unsqueeze(scales, 1)), 1)))
    if storage == 4:
      self.scales.append(torch.to(scales, 15))
    elif storage == 5:
      self.scales.append(torch.unsqueeze(scales, 1))
    else:
      self.scales.append(torch.empty([0], dtype=6))
    if storage != 0:
      # Nothing new: the smallest thing that is kept among large ones to be freed leaves a hole in the heap.
      self.parts.append(self.matrices[len(self.matrices) - 1])
    self.kernels.extend(plan[1:4])

  # Of how many parts of the same size up to 16 so many rows can consist.
  def most_parts(self, rows: int) -> int:
    most = 1
    for parts in range(2, 17):
      if rows % parts == 0:
        most = parts
    return most

  # One product of so many rows with this kernel by the last matrix, if `back` is 1, or one before it.
  def try_kernel(self, back: int, kernel: int, rows: int, inputs: int) -> None:
    tried = len(self.packed_at) - back
    for i in range(3):
      self.kernels[3 * tried + i] = kernel
    y = self.product(torch.ones([rows, inputs], dtype=self.dtype, device=self.text_table.device), tried)

  # Takes back the last matrix, which was only tried.
  def drop_matrix(self) -> None:
    if self.packed_at.pop() < len(self.packed):
      self.packed.pop()
    self.matrices.pop()
    self.parts.pop()
    self.scales.pop()
    for i in range(3):
      self.kernels.pop()

  # For activations of 32 bit only.
  def use_own_attention(self) -> None:
    self.own_attention = True

  # Processors without 8-bit dot products add two products in 16 bit, which clips unless one side keeps to
  # 7 bit: (2 * 127 + 1) * 64 * 2 < 2^15. All-largest numbers show it. The weights do, since the input's outliers
  # need its levels more.
  def set_weight_levels(self) -> None:
    self.weight_levels = 127
    x = torch.ones([1, 64], dtype=6)
    self.add_matrix(torch.ones([64, 64], dtype=6), [2, 3, 3, 3])
    y = self.product(x, len(self.matrices) - 1)
    self.drop_matrix()
    if float(torch.amax(torch.abs(y - 64.))) > 0.64:
      self.weight_levels = 64

  # Caches for this many slots of this many positions; what the old ones hold is kept as far as it fits.
  def reserve(self, slots: int, capacity: int) -> None:
    self.resize(slots, capacity)
    if self.depth_slots > slots:
      self.open_depth(slots)
    self.live = self.resized(self.live, [slots], 4, 0)
    self.rows = self.resized(self.rows, [slots, self.codebooks + 1], 4, 0)
    self.positions = self.resized(self.positions, [slots], 4, 0)
    self.seeds = self.resized(self.seeds, [slots], 4, 0)
    self.frames = self.resized(self.frames, [slots], 4, 0)
    self.temperatures = self.resized(self.temperatures, [slots, 1], 6, 1)
    self.top_k = self.resized(self.top_k, [slots], 4, 1)

  # One layer after the other, so that only one is held twice.
  def resize(self, slots: int, capacity: int) -> None:
    shape = [2, slots, self.backbone_groups, capacity, self.backbone_turns.size(2) * 2]
    for i in range((self.depth_first - self.backbone_first) // 4):
      if i == len(self.caches):
        self.caches.append(torch.empty([0]))
        self.keys.append(self.caches[i])
        self.values.append(self.caches[i])
      self.caches[i] = self.resized(self.caches[i], shape, self.dtype, 0)
      self.keys[i] = self.caches[i][0]
      self.values[i] = self.caches[i][1]

  def resized(self, old: Tensor, shape: List[int], dtype: int, fill: int) -> Tensor:
    fresh = torch.full(shape, fill, dtype=dtype, device=self.text_table.device)
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
  def new_key_values(self, positions: int) -> Tensor:
    return torch.empty([(self.depth_first - self.backbone_first) // 2, self.backbone_groups, positions, self.backbone_turns.size(2) * 2], dtype=self.dtype, device=self.text_table.device)

  # Of one number in the caches.
  def element_bytes(self) -> int:
    return 4 if self.dtype == 6 else 2

  def copy_key_values(self, source: Tensor, begin: int, end: int) -> Tensor:
    return torch.clone(torch.narrow(source, 2, begin, end - begin), memory_format=0)

  def put_key_values(self, target: Tensor, begin: int, source: Tensor) -> None:
    torch.copy_(torch.narrow(target, 2, begin, source.size(2)), source)

  # The first so many positions of a slot, in the host's memory; fetched in one piece.
  def take(self, slot: int, positions: int) -> Tensor:
    parts = annotate(List[Tensor], [])
    for layer in range(len(self.keys)):
      parts.append(torch.narrow(self.keys[layer][slot], 1, 0, positions))
      parts.append(torch.narrow(self.values[layer][slot], 1, 0, positions))
    return torch.cpu(torch.stack(parts, 0))

  def move(self, source: int, target: int, positions: int) -> None:
    for layer in range(len(self.keys)):
      self.move_positions(self.keys[layer], source, target, positions)
      self.move_positions(self.values[layer], source, target, positions)
    for state in [self.live, self.rows, self.positions, self.seeds, self.frames, self.temperatures, self.top_k]:
      torch.copy_(state[target], state[source])

  def move_positions(self, cache: Tensor, source: int, target: int, positions: int) -> None:
    torch.copy_(torch.narrow(cache[target], 1, 0, positions), torch.narrow(cache[source], 1, 0, positions))

  # Whatever is ahead of a position is masked by adding to its score, which makes no number of what is none.
  def clear(self, slot: int) -> None:
    for layer in range(len(self.keys)):
      torch.zero_(self.keys[layer][slot])
      torch.zero_(self.values[layer][slot])

  # A slot that is stepped along with the others although no one uses it stays at its first position.
  def leave(self, slot: int) -> None:
    torch.zero_(self.live[slot])
    torch.zero_(self.positions[slot])
    torch.fill_(self.top_k[slot], 1)

  def set_tracing(self, on: bool) -> None:
    self.tracing = on
    self.trace = annotate(List[Tensor], [])

  # codes: (K), which all slots go on with from now on whatever they choose.
  def lead(self, codes: Tensor) -> None:
    self.led = torch.unbind(torch.clone(codes).view(-1, 1), 0)

  def lead_no_more(self) -> None:
    self.led = annotate(List[Tensor], [])

  # Last hidden state (B, hidden), codebook-0 logits (B, V), depth logits (B, K - 1, V) of the latest frame.
  def traced(self) -> List[Tensor]:
    return self.trace

  # 1 if all slots of the latest frame have the same numbers.
  def traced_rows_are_equal(self) -> int:
    equal = 1
    for numbers in self.trace:
      if not torch.equal(numbers, numbers[0:1].expand_as(numbers)):
        equal = 0
    return equal

  # rows: (T, K + 1), the next T positions of one sequence, from position start on; key_values has room for them.
  def prefill(self, key_values: Tensor, rows: Tensor, start: int) -> None:
    count = rows.size(0)
    total = start + count
    x = self.embed(rows)
    turns = self.backbone_turns[start:total]
    steps = torch.arange(total, dtype=4, device=rows.device)
    ahead = torch.unsqueeze(steps, 0) > torch.unsqueeze(steps[start:total], 1)
    mask = self.hidden(ahead, self.backbone_heads // self.backbone_groups)
    for layer in range(key_values.size(0) // 2):
      i = self.backbone_first + 4 * layer
      keys = key_values[2 * layer]
      values = key_values[2 * layer + 1]
      q, kv = self.project(x, i, turns, self.backbone_heads, self.backbone_groups)
      k, v = torch.unbind(kv.view(count, self.backbone_groups, 2, -1), 2)
      torch.copy_(torch.narrow(keys, 1, start, count), torch.transpose(k, 0, 1))
      torch.copy_(torch.narrow(values, 1, start, count), torch.transpose(v, 0, 1))
      heard = self.attend(q.view(1, count, self.backbone_groups, q.size(1), -1), torch.narrow(torch.unsqueeze(keys, 0), 2, 0, total), torch.narrow(torch.unsqueeze(values, 0), 2, 0, total), mask)
      self.finish(x, heard, i)

  # Positions before `position` come from key_values; row: (K + 1), which the next step feeds at `position`.
  def join(self, slot: int, key_values: Tensor, row: Tensor, position: int, seed: int, frame: int, temperature: float, top_k: int) -> None:
    # What was parked comes back from the host in one piece.
    known = torch.to(key_values, self.text_table.device, self.dtype)
    for layer in range(len(self.keys)):
      torch.copy_(torch.narrow(self.keys[layer][slot], 1, 0, position), torch.narrow(known[2 * layer], 1, 0, position))
      torch.copy_(torch.narrow(self.values[layer][slot], 1, 0, position), torch.narrow(known[2 * layer + 1], 1, 0, position))
    torch.fill_(self.live[slot], 1)
    torch.copy_(self.rows[slot], row)
    torch.fill_(self.positions[slot], position)
    torch.fill_(self.seeds[slot], seed)
    torch.fill_(self.frames[slot], frame)
    torch.fill_(self.temperatures[slot], temperature)
    torch.fill_(self.top_k[slot], top_k)

  # One frame for each of the first `count` slots; what those not in use yield is no one's, and they stay where
  # they are. longest: as many positions as the longest of them has, the new one included; widest: their largest
  # top-k. With padded, both may be more: then the shapes of all tensors follow from these three numbers alone.
  # lengths: positions of each of them if each is to be attended to by itself, else empty.
  # Returns (B, K + 1): the codes, then 1 if all numbers were finite.
  def step(self, count: int, longest: int, widest: int, padded: bool, lengths: List[int]) -> Tensor:
    rows = self.rows[0:count]
    positions = self.positions[0:count]
    if self.depth_slots != count:
      self.open_depth(count)
    h = self.backbone_step(rows, positions, longest, padded, lengths)
    noise = [h]
    kth = positions
    if widest > 1:
      top_k = torch.unsqueeze(self.top_k[0:count], 1)
      noise = self.noise_of_books(self.seeds[0:count], self.frames[0:count], top_k)
      kth = top_k - 1
    logits = self.product(h, 0)
    if self.tracing:
      self.trace = [h, logits]
    code = self.choose(logits, noise, 0, kth, widest)
    if len(self.led) > 0:
      code = self.led[0].expand(count)
    codes = [code]
    for book in range(1, self.codebooks):
      x = torch.to(torch.embedding(self.depth_tables[book - 1], code), self.dtype)
      if book == 1:
        first = torch.cat([self.product(h, 1), self.depth_tail.expand(count, -1)], 1)
        x = torch.stack([first, x], 1).view(2 * count, -1)
      x = self.depth_step(torch.narrow(x, 1, 0, x.size(1) - 8), book)
      logits = self.normed_product(x, book + 1)
      if self.tracing:
        self.trace.append(logits)
      code = self.choose(logits, noise, book, kth, widest)
      if len(self.led) > 0:
        code = self.led[book].expand(count)
      codes.append(code)
    frame = torch.stack(codes, 1)
    torch.copy_(torch.narrow(rows, 1, 0, self.codebooks), frame)
    # Assigning a number would make a tensor of it in the host's memory and wait for its copy.
    torch.fill_(torch.narrow(rows, 1, self.codebooks, 1), -1)
    torch.add_(positions, self.live[0:count])
    torch.add_(self.frames[0:count], self.live[0:count])
    finite = torch.isfinite(torch.sum(h, [-1], True)) * torch.isfinite(torch.sum(logits, [-1], True))
    return torch.cat([frame, torch.to(finite, 4)], 1)

  def backbone_step(self, rows: Tensor, positions: Tensor, longest: int, padded: bool, lengths: List[int]) -> Tensor:
    count = rows.size(0)
    x = self.embed(rows)
    turns = torch.index_select(self.backbone_turns, 0, positions)
    groups = self.backbone_groups
    capacity = self.keys[0].size(2)
    dim = self.keys[0].size(3)
    # Rows of a cache seen as (2 slots G positions, D): of each group of each slot its new key and its new value.
    slots = self.keys[0].size(0)
    heads = torch.arange(2 * slots * groups, dtype=4, device=rows.device).view(2, slots, groups)
    heads = torch.permute(torch.narrow(heads, 1, 0, count), [1, 2, 0])
    where = torch.flatten(heads * capacity + positions.view(-1, 1, 1), 0, 1)
    index = annotate(List[Optional[Tensor]], [where])
    mask = annotate(Optional[Tensor], None)
    if (count > 1 or padded) and len(lengths) == 0:
      steps = torch.arange(longest, dtype=4, device=rows.device)
      ahead = torch.unsqueeze(steps, 0) > torch.unsqueeze(positions, 1)
      mask = torch.unsqueeze(torch.repeat_interleave(self.hidden(ahead, 1), groups, 0), 1)
    for layer in range(len(self.caches)):
      i = self.backbone_first + 4 * layer
      q, kv = self.project(x, i, turns, self.backbone_heads, groups)
      torch.index_put_(self.caches[layer].view(-1, dim), index, kv)
      keys = self.keys[layer]
      values = self.values[layer]
      if len(lengths) == 0:
        k = torch.as_strided(keys, [count * groups, dim, longest], [capacity * dim, 1, dim])
        v = torch.as_strided(values, [count * groups, longest, dim], [capacity * dim, dim, 1])
        heard = self.attend_once(q, k, v, count, mask)
      else:
        # Slot by slot, so that the length of one cannot change how another is rounded.
        parts = annotate(List[Tensor], [])
        for slot in range(count):
          k = torch.transpose(torch.narrow(keys[slot], 1, 0, lengths[slot]), 1, 2)
          v = torch.narrow(values[slot], 1, 0, lengths[slot])
          parts.append(self.attend_once(torch.narrow(q, 0, slot * groups, groups), k, v, 1, None))
        heard = torch.cat(parts, 0)
      self.finish(x, heard, i)
    return self.norm(x) * self.backbone_norm

  # The next step opens a fresh one: a recorded step needs one of its own.
  def close_depth(self) -> None:
    self.depth_slots = 0

  # Views of a fresh cache for this many slots: what is written at a position, transposed keys and values up
  # to it. Position 1 stands for the first two, which are run together.
  def open_depth(self, slots: int) -> None:
    layers = (len(self.matrices) - self.depth_first) // 4
    groups = self.depth_groups
    dim = self.depth_turns[0].size(2) * 2
    self.depth_slots = slots
    self.depth_start_turns = self.depth_turns[1].repeat(slots, 1, 1)
    self.depth_caches = annotate(List[Tensor], [])
    self.depth_writes = annotate(List[Tensor], [])
    self.depth_keys = annotate(List[Tensor], [])
    self.depth_values = annotate(List[Tensor], [])
    for layer in range(layers):
      cache = torch.zeros([2, slots, groups, self.codebooks, dim], dtype=self.dtype, device=self.text_table.device)
      self.depth_caches.append(cache.view(-1, dim))
      for position in range(self.codebooks):
        new = torch.narrow(cache, 3, 0, 2) if position < 2 else torch.narrow(cache, 3, position, 1)
        self.depth_writes.append(torch.permute(new, [1, 3, 2, 0, 4]))
        known = torch.narrow(cache.view(2, slots * groups, self.codebooks, dim), 2, 0, position + 1)
        self.depth_keys.append(torch.transpose(known[0], 1, 2))
        self.depth_values.append(known[1])

  # x: (B T, width), tailed, the inputs up to position `last`; T is 2 for the first call of a frame, then 1. Returns what is
  # to be normed for the head: (B, width), tailed.
  def depth_step(self, x: Tensor, last: int) -> Tensor:
    slots = self.depth_slots
    groups = self.depth_groups
    steps = 2 if last == 1 else 1
    turns = self.depth_turns[last] if steps == 1 else self.depth_start_turns
    i = self.depth_first
    at = last
    one = self.own_attention and steps == 1
    # All of its layers have the same shapes and so the same plans.
    whole = one and self.are_own(i, 4, slots)
    while i < len(self.matrices):
      if whole:
        m = self.matrices
        s = self.scales
        __torch__.cpu.layer8(x, self.depth_rows[last], self.depth_caches[at // self.codebooks], groups, last, m[i], s[i], m[i + 1], s[i + 1], m[i + 2], s[i + 2], m[i + 3], s[i + 3])
      else:
        if one:
          qkv = torch.contiguous(self.normed_product(x, i))
          heard = __torch__.cpu.attend(qkv, self.depth_rows[last], self.depth_caches[at // self.codebooks], groups, last)
        else:
          heard = self.depth_attend(x, i, turns, steps, at)
        self.finish(x, heard, i)
      i += 4
      at += self.codebooks
    if steps == 2:
      x = x.view(slots, 2, -1)[:, 1]
    return x

  # at: the number of the layer times the codebooks, plus the position.
  def depth_attend(self, x: Tensor, i: int, turns: Tensor, steps: int, at: int) -> Tensor:
    slots = self.depth_slots
    groups = self.depth_groups
    q, kv = self.project(x, i, turns, self.depth_heads, groups)
    torch.copy_(self.depth_writes[at], kv.view(slots, steps, groups, 2, -1))
    keys = self.depth_keys[at]
    values = self.depth_values[at]
    if steps == 1:
      return self.attend_once(q, keys, values, slots, None)
    k = torch.transpose(keys, 1, 2).view(slots, groups, 2, -1)
    v = values.view(slots, groups, 2, -1)
    return self.attend(q.view(slots, 2, groups, q.size(1), -1), k, v, self.depth_start_mask)

  # rows: (N, K + 1). Text rows are their text embedding, audio rows the sum of their codes' embeddings. Tailed.
  def embed(self, rows: Tensor) -> Tensor:
    text = rows[:, self.codebooks]
    written = torch.embedding(self.text_table, torch.clamp(text, 0))
    heard = torch.sum(torch.embedding(self.audio_table, rows[:, 0:self.codebooks] + self.audio_offsets), [1])
    return self.tailed(torch.to(torch.where(torch.unsqueeze(text >= 0, 1), written, heard), self.dtype), self.backbone_tail)

  # Without the norm's weight and without sqrt(width): see gain. The rows of x have a tail.
  def norm(self, x: Tensor) -> Tensor:
    rows, width = torch.size(x)
    size = torch.linalg_vector_norm(torch.as_strided(x, [rows, width + 8], torch.stride(x)), 2, [-1], True, dtype=6)
    if self.dtype == 6:
      return x / size
    # Divided in 32 bit and rounded in one go.
    return torch.div(x, size, out=torch.empty_like(x))

  # By which so many rows are multiplied with matrix i; see product.
  def kernel(self, i: int, rows: int) -> int:
    return self.kernels[3 * i + (0 if rows == 1 else (1 if rows < 16 else 2))]

  # Whether so many matrices from i on are multiplied by with our own operator for 8 bit.
  def are_own(self, i: int, count: int, rows: int) -> bool:
    for at in range(i, i + count):
      if self.kernel(at, rows) != 7:
        return False
    return True

  # x (N, in) times matrix i. Kernels: 0 plain, 1 plain with the sides exchanged, which some libraries do
  # faster for a few rows and which gives a transposed view, 2 packed in 16 bit, 3 packed in 8 bit, 4 plain in
  # 16 bit, 5 plain in 8 bit, 6 plain in parts side by side: some libraries spread one row's product over
  # threads badly, 7 plain in 8 bit by an operator of our own, 8 one plain row of 32 bit by another.
  def product(self, x: Tensor, i: int) -> Tensor:
    rows = x.size(0)
    kernel = self.kernel(i, rows)
    if kernel == 0:
      return torch.mm(x, self.matrices[i])
    if kernel == 1:
      return torch.t(torch.mm(torch.t(self.matrices[i]), torch.t(x)))
    if kernel == 2:
      return ops.quantized.linear_dynamic_fp16(x, self.packed[self.packed_at[i]])
    if kernel == 3:
      if rows > 1:
        y, largest = self.quantised_product(x, i)
        return torch.mul_(y, largest)
      step = (float(torch.amax(torch.abs(x))) + 1e-30) / 127.
      return ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32(x, step, 128, self.packed[self.packed_at[i]])
    if kernel == 4:
      return torch.to(torch.mm(torch.to(x, 5), self.matrices[i]), 6)
    if kernel == 7:
      return __torch__.cpu.linear8(x, self.matrices[i], self.scales[i])
    if kernel == 8:
      return __torch__.cpu.linear32_row(x, self.matrices[i])
    if kernel == 6:
      parts = self.parts[i]
      y = torch.bmm(x.expand(parts.size(0), -1, -1), parts)
      return torch.reshape(torch.transpose(y, 0, 1), [rows, -1])
    return torch.to(torch._weight_int8pack_mm(torch.to(x, 15), self.matrices[i], self.scales[i]), 6)

  # For kernel 3 the input is rounded too. torch's own way takes one range for all rows, so that neighbours would
  # change a row; here each row is brought to the range -1..1 first. Returns what is to be multiplied by (N, 1).
  def quantised_product(self, x: Tensor, i: int) -> Tuple[Tensor, Tensor]:
    largest = torch.clamp_min_(torch.amax(torch.abs(x), [-1], True), 1e-30)
    return (ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32(x / largest, 1. / 127., 128, self.packed[self.packed_at[i]]), largest)

  # Adds y (N, in) times matrix i to x (N, out), in one go where the kernel can.
  def add_product(self, x: Tensor, y: Tensor, i: int) -> None:
    rows = x.size(0)
    kernel = self.kernel(i, rows)
    if kernel == 0:
      torch.addmm_(x, y, self.matrices[i])
    elif kernel == 1:
      torch.addmm_(torch.t(x), torch.t(self.matrices[i]), torch.t(y))
    elif kernel == 3 and rows > 1:
      product, largest = self.quantised_product(y, i)
      torch.addcmul_(x, product, largest)
    elif kernel == 7:
      __torch__.cpu.add_linear8(x, y, self.matrices[i], self.scales[i])
    elif kernel == 6 and rows == 1:
      parts = self.parts[i]
      torch.baddbmm_(x.view(parts.size(0), 1, -1), y.expand(parts.size(0), -1, -1), parts)
    else:
      torch.add_(x, self.product(y, i))

  # norm(x) times matrix i, in one go where the kernel can.
  def normed_product(self, x: Tensor, i: int) -> Tensor:
    if self.kernel(i, x.size(0)) == 7:
      return __torch__.cpu.normed_linear8(x, self.matrices[i], self.scales[i])
    return self.product(self.norm(x), i)

  # Adds silu(gate) * up times matrix i to x, in one go where the kernel can; both: (N, 2 in), gate and up.
  def add_gated_product(self, x: Tensor, both: Tensor, i: int) -> None:
    rows, width = torch.size(both)
    if self.kernel(i, rows) == 7:
      __torch__.cpu.add_gated_linear8(x, both, self.matrices[i], self.scales[i])
    else:
      down, along = torch.stride(both)
      gate = torch.as_strided(both, [rows, width // 2], [down, along], 0)
      up = torch.as_strided(both, [rows, width // 2], [down, along], width // 2 * along)
      self.add_product(x, torch.mul(torch.silu_(gate), up), i)

  # The first half of a layer's attention, turned: queries (N G, H / G, D), keys with values (N G, 2, D).
  def project(self, x: Tensor, i: int, turns: Tensor, heads: int, groups: int) -> Tuple[Tensor, Tensor]:
    qkv = torch.contiguous(self.normed_product(x, i))
    if self.dtype == 6:
      torch.mul_(torch.view_as_complex(qkv.view(x.size(0), heads + 2 * groups, -1, 2)), turns)
    else:
      wide = torch.to(qkv, 6)
      torch.mul_(torch.view_as_complex(wide.view(x.size(0), heads + 2 * groups, -1, 2)), turns)
      qkv = torch.to(wide, self.dtype)
    # Two views in two calls; of split's kind every call makes several.
    rows, width = torch.size(qkv)
    shared = heads // groups
    dim = width // (heads + 2 * groups)
    apart = width // groups
    q = torch.as_strided(qkv, [rows * groups, shared, dim], [apart, dim, 1], 0)
    return (q, torch.as_strided(qkv, [rows * groups, 2, dim], [apart, dim, 1], shared * dim))

  # The rest of a layer, onto x itself.
  def finish(self, x: Tensor, heard: Tensor, i: int) -> None:
    if self.are_own(i + 1, 3, x.size(0)):
      m = self.matrices
      s = self.scales
      __torch__.cpu.finish8(x, heard, m[i + 1], s[i + 1], m[i + 2], s[i + 2], m[i + 3], s[i + 3])
    else:
      self.add_product(x, heard, i + 1)
      self.add_gated_product(x, self.normed_product(x, i + 2), i + 3)

  # What is added to scores (T, S) so that nothing ahead is heard, repeated for the heads that share a key.
  def hidden(self, ahead: Tensor, repeats: int) -> Tensor:
    mask = torch.masked_fill(torch.zeros_like(ahead, dtype=self.dtype), ahead, -inf)
    return mask if repeats == 1 else mask.repeat(repeats, 1)

  # One position per slot. q: (B G, H / G, D), k: (B G, D, S), v: (B G, S, D), mask: (B G, 1, S), added, or None.
  # Query heads that share a key head become rows of the same product. The fused kernel wakes the whole thread
  # team even for one position; on a busy machine each wake-up costs more than the attention itself.
  def attend_once(self, q: Tensor, k: Tensor, v: Tensor, slots: int, mask: Optional[Tensor]) -> Tensor:
    if mask is None:
      scores = torch.bmm(q, k)
    else:
      scores = torch.baddbmm(mask, q, k)
    # Summed in 32 bit whatever the type, and rounded once.
    return torch.bmm(torch.softmax(scores, -1), v).view(slots, -1)

  # Several positions per slot. q: (B, T, G, H / G, D), k and v: (B, G, S, D), mask: (H / G T, S), added.
  def attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    count, steps, groups, shared, dim = torch.size(q)
    rows = torch.reshape(torch.permute(q, [0, 2, 3, 1, 4]), [count, groups, shared * steps, dim])
    heard = torch.scaled_dot_product_attention(rows, k, v, mask, 0., False, scale=1.)
    return torch.reshape(torch.permute(heard.view(count, groups, shared, steps, dim), [0, 3, 1, 2, 4]), [count * steps, -1])

  # One (B, usable) for each codebook. A greedy row, of top-k 1 in (B, 1), takes the most probable code: its
  # noise is the same everywhere.
  def noise_of_books(self, seeds: Tensor, frames: Tensor, top_k: Tensor) -> List[Tensor]:
    return torch.unbind(torch.masked_fill_(self.noise(seeds, frames), torch.unsqueeze(top_k == 1, 2), 1.), 1)

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
  def choose(self, logits: Tensor, noise: List[Tensor], book: int, kth: Tensor, widest: int) -> Tensor:
    usable = torch.narrow(logits, 1, 0, self.usable)
    if widest == 1:
      return torch.argmax(usable, -1)
    x = torch.to(usable, 6)
    x = (x - torch.amax(x, [-1], True)) / self.temperatures[0:x.size(0)]
    best, ids = torch.topk(x, widest, -1, True, True)
    torch.masked_fill_(x, x < torch.gather(best, 1, kth), -inf)
    return torch.argmax(torch.softmax(x, -1) / noise[book], -1)
