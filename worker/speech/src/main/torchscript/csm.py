# CSM's language model: backbone, depth decoder and sampling, for several slots at once.
#
# Sizes: B running slots, T new positions, S cached positions, H query heads, G key/value heads, D head width,
# K codebooks, V vocabulary. Formulas: RoPE with half-split pairs, RMSNorm, SwiGLU as in transformers'
# modeling_csm.py; frame loop and sampling as in SesameAILabs/csm, models.py.
class Csm(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  dtype : int
  codebooks : int
  vocabulary : int
  usable : int

  # Embedding tables keep the type they are loaded in. The depth decoder's tables, one per codebook but the last,
  # are already projected to its width.
  text_table : Tensor
  audio_table : Tensor
  depth_tables : List[Tensor]
  audio_offsets : Tensor

  # Matrices by number: 0 codebook-0 head, 1 projection, from 2 on the depth heads, then four per layer (QKV,
  # output, gate and up, down), the backbone's layers first. See add_matrix and product.
  matrices : List[Tensor]
  parts : List[Tensor]
  packed : List[__torch__.torch.classes.quantized.LinearPackedParamsBase]
  packed_at : List[int]
  scales : List[Tensor]
  kernels : List[int]
  weight_levels : int

  # Rotary embeddings (positions, heads + 2 groups, D / 2) as complex numbers, in the order of add_attention;
  # for values the factor is 1.
  backbone_first : int
  backbone_norm : Tensor
  backbone_eps_tail : Tensor
  backbone_rope : Tensor
  backbone_heads : int
  backbone_groups : int
  depth_first : int
  depth_eps_tail : Tensor
  depth_rope : List[Tensor]
  depth_start_rope : Tensor
  depth_heads : int
  depth_groups : int

  # The backbone's KV cache: (2, slots, G, positions, D) per layer, keys first; keys and values are views of it.
  caches : List[Tensor]
  keys : List[Tensor]
  values : List[Tensor]

  # Whether the depth decoder uses the CPU operator for attention, from its third position on.
  cpu_attention : bool
  depth_rope_rows : List[Tensor]

  # The depth decoder's KV cache lasts one frame: (2 slots G K, D) per layer, keys first. Views by layer and
  # position: see open_depth.
  depth_slots : int
  depth_caches : List[Tensor]
  depth_writes : List[Tensor]
  depth_keys : List[Tensor]
  depth_values : List[Tensor]

  # Per slot: the next input row of the backbone, and the sampling parameters. live: 1 if the slot is used, else 0.
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
  forced : List[Tensor]
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
    codebook_ids = torch.arange(self.codebooks, dtype=INT64, device=device)
    self.audio_offsets = codebook_ids * self.vocabulary
    # One counter per codebook and entry; the stride is above any vocabulary size.
    entries = torch.arange(self.usable, dtype=INT64, device=device)
    self.noise_counters = torch.unsqueeze(codebook_ids, 1) * 1048576 + torch.unsqueeze(entries, 0) + 1

  # table: (K V, hidden), projection: (depth hidden, hidden). Projects the table once, in 32 bit; kept in `dtype`.
  # One codebook at a time limits peak memory. set_depth fills in the eps tail.
  def set_depth_tables(self, table: Tensor, projection: Tensor, dtype: int) -> None:
    rows = self.vocabulary
    width = projection.size(0)
    projected = torch.empty([(self.codebooks - 1) * rows, width + EPS_TAIL], dtype=dtype, device=table.device)
    wide = torch.t(torch.to(projection, FLOAT32))
    for codebook in range(self.codebooks - 1):
      target = torch.narrow(projected, 0, codebook * rows, rows)
      torch.copy_(torch.narrow(target, 1, 0, width), torch.mm(torch.to(torch.narrow(table, 0, codebook * rows, rows), FLOAT32), wide))
      self.depth_tables.append(target)

  # Maps float32 numbers of a file, from a byte offset that is a multiple of 4.
  def map_table(self, file: str, offset: int, rows: int, width: int) -> Tensor:
    end = offset // 4 + rows * width
    whole = torch.from_file(file, False, end, dtype=FLOAT32)
    return torch.narrow(whole, 0, offset // 4, rows * width).view(rows, width)

  def set_backbone(self, norm: Tensor, frequencies: Tensor, positions: int, heads: int, groups: int, eps: float) -> None:
    self.backbone_norm = self.scaled_norm_weight(norm)
    self.backbone_eps_tail = self.eps_tail(norm, eps, self.dtype)
    self.backbone_rope = self.rope(frequencies, positions, heads, groups)
    self.backbone_heads = heads
    self.backbone_groups = groups

  # The weight of the last norm is folded into the heads.
  def set_depth(self, norm: Tensor, frequencies: Tensor, heads: int, groups: int, eps: float) -> None:
    self.depth_eps_tail = self.eps_tail(norm, eps, self.dtype)
    for table in self.depth_tables:
      torch.copy_(torch.narrow(table, 1, norm.size(0), EPS_TAIL), self.eps_tail(norm, eps, table.dtype))
    rope = self.rope(frequencies, self.codebooks, heads, groups)
    self.depth_rope = [rope[0:2], rope[0:2]]
    for position in range(2, self.codebooks):
      self.depth_rope.append(rope[position:position + 1])
    self.depth_rope_rows = annotate(List[Tensor], [])
    for position in range(self.codebooks):
      self.depth_rope_rows.append(torch.view_as_real(rope[position]).view(1, -1))
    self.depth_heads = heads
    self.depth_groups = groups
    future = torch.triu(torch.ones([2, 2], dtype=BOOL, device=norm.device), 1)
    self.depth_start_mask = self.causal_mask(future, heads // groups)

  def rope(self, frequencies: Tensor, positions: int, heads: int, groups: int) -> Tensor:
    steps = torch.arange(positions, dtype=FLOAT32, device=frequencies.device)
    angles = torch.unsqueeze(torch.unsqueeze(steps, 1) * torch.unsqueeze(frequencies, 0), 1)
    rotated = torch.polar(torch.ones_like(angles), angles).expand(positions, heads // groups + 1, -1)
    kept = torch.polar(torch.ones_like(angles), torch.zeros_like(angles))
    return torch.cat([rotated, kept], 1).repeat(1, groups, 1)

  # RMSNorm is x / sqrt(mean(x^2) + eps) * weight = x / |x, tail| * sqrt(width) weight, where |tail|^2 = width eps.
  # So each row that is normalized is followed by such an eps tail in memory: see append_eps.
  def scaled_norm_weight(self, weight: Tensor) -> Tensor:
    return torch.to(torch.to(weight, FLOAT32) * float(weight.size(0)) ** 0.5, self.dtype)

  # (1, EPS_TAIL), so that rows stay aligned. The second number compensates the rounding of the first.
  def eps_tail(self, weight: Tensor, eps: float, dtype: int) -> Tensor:
    square = float(weight.size(0)) * eps
    first = torch.to(torch.full([1, 1], 0.98 * square ** 0.5, dtype=FLOAT64, device=weight.device), dtype)
    second = torch.to(torch.sqrt(square - torch.square(torch.to(first, FLOAT64))), dtype)
    return torch.cat([first, second, torch.zeros([1, EPS_TAIL - 2], dtype=dtype, device=weight.device)], 1)

  # A copy of x (N, width) whose rows are followed by the eps tail in memory.
  def append_eps(self, x: Tensor, tail: Tensor) -> Tensor:
    return torch.narrow(torch.cat([x, tail.expand(x.size(0), -1)], 1), 1, 0, x.size(1))

  # qkv: (H D + 2 G D, in), changed in place: the norm's weight is folded into it, the attention scale into the
  # queries. Rows are reordered: the queries of a group, its key and its value become neighbours, so that groups of
  # all slots have the same stride. Half-split rotary pairs become neighbours, so that a pair is one complex number.
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
    self.add_norm_matrix(ordered, norm, plan)

  # One head (D, in), its halves interleaved.
  def paired(self, head: Tensor) -> Tensor:
    halves = head.view(2, head.size(0) // 2, -1)
    return torch.reshape(torch.transpose(halves, 0, 1), [head.size(0), -1])

  # w: (out, in), changed in place: the weight of the norm before it is folded into it.
  def add_norm_matrix(self, w: Tensor, norm: Tensor, plan: List[int]) -> None:
    self.add_matrix(torch.mul_(w, norm * float(norm.size(0)) ** 0.5), plan)

  # w: (out, in). plan: the storage, then the kernels for 1 row, for 2 to 15 rows, and for more. The names are those of
  # MatrixStorage and MatrixKernel in Java.
  def add_matrix(self, w: Tensor, plan: List[int]) -> None:
    storage = plan[0]
    # With AVX-512, libtorch's kernel reads beyond the end of a row of another width.
    assert storage != STORAGE_PLAIN_INT8 or w.size(1) % 16 == 0, "plain int8 needs a multiple of 16 inputs"
    self.packed_at.append(len(self.packed))
    scales = w
    if storage == STORAGE_PLAIN:
      # mm takes the transposed view; nothing is copied.
      stored = torch.contiguous(torch.to(w, self.dtype))
      self.matrices.append(torch.t(stored))
      self.parts.append(torch.transpose(stored.view(self.max_parts(stored.size(0)), -1, stored.size(1)), 1, 2))
    elif storage == STORAGE_PACKED_FLOAT16:
      self.packed.append(ops.quantized.linear_prepack_fp16(torch.to(w, FLOAT32), None))
      self.matrices.append(torch.empty([0], dtype=FLOAT32))
    elif storage == STORAGE_PLAIN_FLOAT16:
      self.matrices.append(torch.t(torch.to(w, FLOAT16)))
    else:
      w = torch.to(w, FLOAT32)
      levels = self.weight_levels if storage == STORAGE_PACKED_INT8 else 127
      scales = torch.clamp_min(torch.amax(torch.abs(w), [1]), 1e-30) / float(levels)
      if storage == STORAGE_PACKED_INT8:
        quantized = torch.quantize_per_channel(w, torch.to(scales, FLOAT64), torch.zeros_like(scales, dtype=INT64), 0, QINT8)
        self.packed.append(ops.quantized.linear_prepack(quantized, None))
        self.matrices.append(torch.empty([0], dtype=FLOAT32))
      else:
        self.matrices.append(torch.contiguous(torch.to(torch.round_(w / torch.unsqueeze(scales, 1)), INT8)))
    if storage == STORAGE_PLAIN_INT8:
      self.scales.append(torch.to(scales, BFLOAT16))
    elif storage == STORAGE_CPU_INT8:
      self.scales.append(torch.unsqueeze(scales, 1))
    else:
      self.scales.append(torch.empty([0], dtype=FLOAT32))
    if storage != STORAGE_PLAIN:
      # An existing tensor: a small new one between large temporary ones would fragment the heap.
      self.parts.append(self.matrices[len(self.matrices) - 1])
    self.kernels.extend(plan[1:4])

  # The largest number of equal parts, up to 16, that `rows` can be divided into.
  def max_parts(self, rows: int) -> int:
    largest = 1
    for parts in range(2, 17):
      if rows % parts == 0:
        largest = parts
    return largest

  # Runs one product of `rows` rows by this kernel. back: 1 for the last matrix, 2 for the one before it.
  def try_kernel(self, back: int, kernel: int, rows: int, inputs: int) -> None:
    tried = len(self.packed_at) - back
    for i in range(3):
      self.kernels[3 * tried + i] = kernel
    y = self.product(torch.ones([rows, inputs], dtype=self.dtype, device=self.text_table.device), tried)

  # Removes the last matrix, which was added for a trial.
  def drop_matrix(self) -> None:
    if self.packed_at.pop() < len(self.packed):
      self.packed.pop()
    self.matrices.pop()
    self.parts.pop()
    self.scales.pop()
    for i in range(3):
      self.kernels.pop()

  # For 32-bit activations only.
  def use_cpu_attention(self) -> None:
    self.cpu_attention = True

  # Processors without 8-bit dot products add two products in 16 bit. That saturates unless one side uses 7 bit:
  # (2 * 127 + 1) * 64 * 2 < 2^15. A product of maximum values shows it. The weights give up the bit, because the
  # input has outliers.
  def set_weight_levels(self) -> None:
    self.weight_levels = 127
    x = torch.ones([1, 64], dtype=FLOAT32)
    self.add_matrix(torch.ones([64, 64], dtype=FLOAT32), [STORAGE_PACKED_INT8, KERNEL_PACKED_INT8, KERNEL_PACKED_INT8, KERNEL_PACKED_INT8])
    y = self.product(x, len(self.matrices) - 1)
    self.drop_matrix()
    if float(torch.amax(torch.abs(y - 64.))) > 0.64:
      self.weight_levels = 64

  # Caches for this number of slots and positions; the old contents are kept as far as they fit.
  def reserve(self, slots: int, capacity: int) -> None:
    self.resize(slots, capacity)
    if self.depth_slots > slots:
      self.open_depth(slots)
    self.live = self.resized(self.live, [slots], INT64, 0)
    self.rows = self.resized(self.rows, [slots, self.codebooks + 1], INT64, 0)
    self.positions = self.resized(self.positions, [slots], INT64, 0)
    self.seeds = self.resized(self.seeds, [slots], INT64, 0)
    self.frames = self.resized(self.frames, [slots], INT64, 0)
    self.temperatures = self.resized(self.temperatures, [slots, 1], FLOAT32, 1)
    self.top_k = self.resized(self.top_k, [slots], INT64, 1)

  # One layer at a time, so that only one is held twice.
  def resize(self, slots: int, capacity: int) -> None:
    shape = [2, slots, self.backbone_groups, capacity, self.backbone_rope.size(2) * 2]
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
      size = min(shape[i], old.size(i))
      kept = torch.narrow(kept, i, 0, size)
      old = torch.narrow(old, i, 0, size)
    torch.copy_(kept, old)
    return fresh

  # KV cache of one sequence outside the slots: (2 layers, G, positions, D), the keys of a layer first.
  def new_key_values(self, positions: int) -> Tensor:
    return torch.empty([(self.depth_first - self.backbone_first) // 2, self.backbone_groups, positions, self.backbone_rope.size(2) * 2], dtype=self.dtype, device=self.text_table.device)

  # Bytes of one number in the KV caches.
  def element_bytes(self) -> int:
    return 4 if self.dtype == FLOAT32 else 2

  def copy_key_values(self, source: Tensor, begin: int, end: int) -> Tensor:
    return torch.clone(torch.narrow(source, 2, begin, end - begin), memory_format=0)

  def put_key_values(self, target: Tensor, begin: int, source: Tensor) -> None:
    torch.copy_(torch.narrow(target, 2, begin, source.size(2)), source)

  # The first positions of a slot's KV cache, copied to host memory in one transfer.
  def copy_to_host(self, slot: int, positions: int) -> Tensor:
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

  # The causal mask is added to scores, so a NaN in a future position would survive it: the cache is zeroed.
  def clear(self, slot: int) -> None:
    for layer in range(len(self.keys)):
      torch.zero_(self.keys[layer][slot])
      torch.zero_(self.values[layer][slot])

  # An unused slot is stepped with the others and stays at its first position.
  def leave(self, slot: int) -> None:
    torch.zero_(self.live[slot])
    torch.zero_(self.positions[slot])
    torch.fill_(self.top_k[slot], 1)

  def set_tracing(self, on: bool) -> None:
    self.tracing = on
    self.trace = annotate(List[Tensor], [])

  # Teacher forcing: all slots continue with these codes (K) instead of the sampled ones.
  def force_codes(self, codes: Tensor) -> None:
    self.forced = torch.unbind(torch.clone(codes).view(-1, 1), 0)

  def stop_forcing(self) -> None:
    self.forced = annotate(List[Tensor], [])

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

  # rows: (T, K + 1), the next T positions of one sequence, from position `start` on. Appends to key_values.
  def prefill(self, key_values: Tensor, rows: Tensor, start: int) -> None:
    count = rows.size(0)
    total = start + count
    x = self.embed(rows)
    rope = self.backbone_rope[start:total]
    steps = torch.arange(total, dtype=INT64, device=rows.device)
    future = torch.unsqueeze(steps, 0) > torch.unsqueeze(steps[start:total], 1)
    mask = self.causal_mask(future, self.backbone_heads // self.backbone_groups)
    for layer in range(key_values.size(0) // 2):
      i = self.backbone_first + 4 * layer
      keys = key_values[2 * layer]
      values = key_values[2 * layer + 1]
      q, kv = self.project(x, i, rope, self.backbone_heads, self.backbone_groups)
      k, v = torch.unbind(kv.view(count, self.backbone_groups, 2, -1), 2)
      torch.copy_(torch.narrow(keys, 1, start, count), torch.transpose(k, 0, 1))
      torch.copy_(torch.narrow(values, 1, start, count), torch.transpose(v, 0, 1))
      attn_output = self.attend(q.view(1, count, self.backbone_groups, q.size(1), -1), torch.narrow(torch.unsqueeze(keys, 0), 2, 0, total), torch.narrow(torch.unsqueeze(values, 0), 2, 0, total), mask)
      self.post_attention(x, attn_output, i)

  # Positions before `position` come from key_values; row: (K + 1), which the next step feeds at `position`.
  def join(self, slot: int, key_values: Tensor, row: Tensor, position: int, seed: int, frame: int, temperature: float, top_k: int) -> None:
    # A preempted sequence comes back from host memory in one transfer.
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

  # One frame for each of the first `count` slots. Results of unused slots are ignored; their positions do not advance.
  # max_length: the largest number of positions of these slots, the new one included. max_top_k: their largest top-k.
  # With padded, both may be larger: then the shapes of all tensors follow from these three numbers alone.
  # lengths: positions per slot, if each slot attends separately, else empty.
  # Returns (B, K + 1): the codes, then 1 if all numbers were finite.
  def step(self, count: int, max_length: int, max_top_k: int, padded: bool, lengths: List[int]) -> Tensor:
    rows = self.rows[0:count]
    positions = self.positions[0:count]
    if self.depth_slots != count:
      self.open_depth(count)
    h = self.backbone_step(rows, positions, max_length, padded, lengths)
    noise = [h]
    kth = positions
    if max_top_k > 1:
      top_k = torch.unsqueeze(self.top_k[0:count], 1)
      noise = self.codebook_noise(self.seeds[0:count], self.frames[0:count], top_k)
      kth = top_k - 1
    logits = self.product(h, 0)
    if self.tracing:
      self.trace = [h, logits]
    code = self.sample(logits, noise, 0, kth, max_top_k)
    if len(self.forced) > 0:
      code = self.forced[0].expand(count)
    codes = [code]
    for codebook in range(1, self.codebooks):
      x = torch.to(torch.embedding(self.depth_tables[codebook - 1], code), self.dtype)
      if codebook == 1:
        first = torch.cat([self.product(h, 1), self.depth_eps_tail.expand(count, -1)], 1)
        x = torch.stack([first, x], 1).view(2 * count, -1)
      x = self.depth_step(torch.narrow(x, 1, 0, x.size(1) - EPS_TAIL), codebook)
      logits = self.norm_product(x, codebook + 1)
      if self.tracing:
        self.trace.append(logits)
      code = self.sample(logits, noise, codebook, kth, max_top_k)
      if len(self.forced) > 0:
        code = self.forced[codebook].expand(count)
      codes.append(code)
    frame = torch.stack(codes, 1)
    torch.copy_(torch.narrow(rows, 1, 0, self.codebooks), frame)
    # An assignment would create a tensor in host memory and wait for its copy.
    torch.fill_(torch.narrow(rows, 1, self.codebooks, 1), -1)
    torch.add_(positions, self.live[0:count])
    torch.add_(self.frames[0:count], self.live[0:count])
    finite = torch.isfinite(torch.sum(h, [-1], True)) * torch.isfinite(torch.sum(logits, [-1], True))
    return torch.cat([frame, torch.to(finite, INT64)], 1)

  def backbone_step(self, rows: Tensor, positions: Tensor, max_length: int, padded: bool, lengths: List[int]) -> Tensor:
    count = rows.size(0)
    x = self.embed(rows)
    rope = torch.index_select(self.backbone_rope, 0, positions)
    groups = self.backbone_groups
    capacity = self.keys[0].size(2)
    dim = self.keys[0].size(3)
    # Row indices of the cache viewed as (2 slots G positions, D): the new key and value of each group of each slot.
    slots = self.keys[0].size(0)
    heads = torch.arange(2 * slots * groups, dtype=INT64, device=rows.device).view(2, slots, groups)
    heads = torch.permute(torch.narrow(heads, 1, 0, count), [1, 2, 0])
    where = torch.flatten(heads * capacity + positions.view(-1, 1, 1), 0, 1)
    index = annotate(List[Optional[Tensor]], [where])
    mask = annotate(Optional[Tensor], None)
    if (count > 1 or padded) and len(lengths) == 0:
      steps = torch.arange(max_length, dtype=INT64, device=rows.device)
      future = torch.unsqueeze(steps, 0) > torch.unsqueeze(positions, 1)
      mask = torch.unsqueeze(torch.repeat_interleave(self.causal_mask(future, 1), groups, 0), 1)
    for layer in range(len(self.caches)):
      i = self.backbone_first + 4 * layer
      q, kv = self.project(x, i, rope, self.backbone_heads, groups)
      torch.index_put_(self.caches[layer].view(-1, dim), index, kv)
      keys = self.keys[layer]
      values = self.values[layer]
      if len(lengths) == 0:
        k = torch.as_strided(keys, [count * groups, dim, max_length], [capacity * dim, 1, dim])
        v = torch.as_strided(values, [count * groups, max_length, dim], [capacity * dim, dim, 1])
        attn_output = self.attend_once(q, k, v, count, mask)
      else:
        # Slot by slot, so that the length of one slot cannot change the rounding of another.
        parts = annotate(List[Tensor], [])
        for slot in range(count):
          k = torch.transpose(torch.narrow(keys[slot], 1, 0, lengths[slot]), 1, 2)
          v = torch.narrow(values[slot], 1, 0, lengths[slot])
          parts.append(self.attend_once(torch.narrow(q, 0, slot * groups, groups), k, v, 1, None))
        attn_output = torch.cat(parts, 0)
      self.post_attention(x, attn_output, i)
    return self.norm(x) * self.backbone_norm

  # The next step opens a new cache: a recorded CUDA graph needs a separate one.
  def close_depth(self) -> None:
    self.depth_slots = 0

  # Opens a cache for this number of slots, with views by position: where new keys and values are written, transposed
  # keys and values up to the position. Position 1 stands for the first two, which run together.
  def open_depth(self, slots: int) -> None:
    layers = (len(self.matrices) - self.depth_first) // 4
    groups = self.depth_groups
    dim = self.depth_rope[0].size(2) * 2
    self.depth_slots = slots
    self.depth_start_rope = self.depth_rope[1].repeat(slots, 1, 1)
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

  # x: (B T, width) with eps tails, the inputs up to position `last`; T is 2 for the first call of a frame, then 1.
  # Returns the residual before the last norm: (B, width) with eps tails.
  def depth_step(self, x: Tensor, last: int) -> Tensor:
    slots = self.depth_slots
    groups = self.depth_groups
    steps = 2 if last == 1 else 1
    rope = self.depth_rope[last] if steps == 1 else self.depth_start_rope
    i = self.depth_first
    at = last
    one = self.cpu_attention and steps == 1
    # All depth layers have the same shapes and therefore the same plans.
    whole = one and self.use_cpu_int8(i, 4, slots)
    while i < len(self.matrices):
      if whole:
        m = self.matrices
        s = self.scales
        __torch__.cpu.decoder_layer_int8(x, self.depth_rope_rows[last], self.depth_caches[at // self.codebooks], groups, last, m[i], s[i], m[i + 1], s[i + 1], m[i + 2], s[i + 2], m[i + 3], s[i + 3])
      else:
        if one:
          qkv = torch.contiguous(self.norm_product(x, i))
          attn_output = __torch__.cpu.decode_attention(qkv, self.depth_rope_rows[last], self.depth_caches[at // self.codebooks], groups, last)
        else:
          attn_output = self.depth_attend(x, i, rope, steps, at)
        self.post_attention(x, attn_output, i)
      i += 4
      at += self.codebooks
    if steps == 2:
      x = x.view(slots, 2, -1)[:, 1]
    return x

  # at: the layer's number times K, plus the position.
  def depth_attend(self, x: Tensor, i: int, rope: Tensor, steps: int, at: int) -> Tensor:
    slots = self.depth_slots
    groups = self.depth_groups
    q, kv = self.project(x, i, rope, self.depth_heads, groups)
    torch.copy_(self.depth_writes[at], kv.view(slots, steps, groups, 2, -1))
    keys = self.depth_keys[at]
    values = self.depth_values[at]
    if steps == 1:
      return self.attend_once(q, keys, values, slots, None)
    k = torch.transpose(keys, 1, 2).view(slots, groups, 2, -1)
    v = values.view(slots, groups, 2, -1)
    return self.attend(q.view(slots, 2, groups, q.size(1), -1), k, v, self.depth_start_mask)

  # rows: (N, K + 1). A text row gives its text embedding, an audio row the sum of its codes' embeddings. With eps tails.
  def embed(self, rows: Tensor) -> Tensor:
    text = rows[:, self.codebooks]
    text_rows = torch.embedding(self.text_table, torch.clamp(text, 0))
    spoken = torch.sum(torch.embedding(self.audio_table, rows[:, 0:self.codebooks] + self.audio_offsets), [1])
    return self.append_eps(torch.to(torch.where(torch.unsqueeze(text >= 0, 1), text_rows, spoken), self.dtype), self.backbone_eps_tail)

  # Without the norm's weight and sqrt(width), see scaled_norm_weight. The rows of x have eps tails.
  def norm(self, x: Tensor) -> Tensor:
    rows, width = torch.size(x)
    size = torch.linalg_vector_norm(torch.as_strided(x, [rows, width + EPS_TAIL], torch.stride(x)), 2, [-1], True, dtype=FLOAT32)
    if self.dtype == FLOAT32:
      return x / size
    # Divided in 32 bit and rounded once.
    return torch.div(x, size, out=torch.empty_like(x))

  # The kernel for `rows` rows of matrix i; see product.
  def kernel(self, i: int, rows: int) -> int:
    return self.kernels[3 * i + (0 if rows == 1 else (1 if rows < 16 else 2))]

  # Whether the `count` matrices from i on use the CPU operator for int8.
  def use_cpu_int8(self, i: int, count: int, rows: int) -> bool:
    for at in range(i, i + count):
      if self.kernel(at, rows) != KERNEL_CPU_INT8:
        return False
    return True

  # x (N, in) times matrix i.
  def product(self, x: Tensor, i: int) -> Tensor:
    rows = x.size(0)
    kernel = self.kernel(i, rows)
    if kernel == KERNEL_MM:
      return torch.mm(x, self.matrices[i])
    if kernel == KERNEL_MM_TRANSPOSED:
      return torch.t(torch.mm(torch.t(self.matrices[i]), torch.t(x)))
    if kernel == KERNEL_PACKED_FLOAT16:
      return ops.quantized.linear_dynamic_fp16(x, self.packed[self.packed_at[i]])
    if kernel == KERNEL_PACKED_INT8:
      if rows > 1:
        y, largest = self.quantized_product(x, i)
        return torch.mul_(y, largest)
      step = (float(torch.amax(torch.abs(x))) + 1e-30) / 127.
      return ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32(x, step, 128, self.packed[self.packed_at[i]])
    if kernel == KERNEL_PLAIN_FLOAT16:
      return torch.to(torch.mm(torch.to(x, FLOAT16), self.matrices[i]), FLOAT32)
    if kernel == KERNEL_CPU_INT8:
      return __torch__.cpu.linear_int8(x, self.matrices[i], self.scales[i])
    if kernel == KERNEL_CPU_FLOAT32_ROW:
      return __torch__.cpu.linear_float32_row(x, self.matrices[i])
    if kernel == KERNEL_BMM_PARTS:
      parts = self.parts[i]
      y = torch.bmm(x.expand(parts.size(0), -1, -1), parts)
      return torch.reshape(torch.transpose(y, 0, 1), [rows, -1])
    return torch.to(torch._weight_int8pack_mm(torch.to(x, BFLOAT16), self.matrices[i], self.scales[i]), FLOAT32)

  # KERNEL_PACKED_INT8 quantizes the input too. libtorch uses one range for all rows, so a row would depend on its neighbours;
  # here each row is scaled to -1..1 first. Returns the product and the row maxima (N, 1) it must be multiplied by.
  def quantized_product(self, x: Tensor, i: int) -> Tuple[Tensor, Tensor]:
    largest = torch.clamp_min_(torch.amax(torch.abs(x), [-1], True), 1e-30)
    return (ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32(x / largest, 1. / 127., 128, self.packed[self.packed_at[i]]), largest)

  # Adds y (N, in) times matrix i to x (N, out); fused where the kernel supports it.
  def add_product(self, x: Tensor, y: Tensor, i: int) -> None:
    rows = x.size(0)
    kernel = self.kernel(i, rows)
    if kernel == KERNEL_MM:
      torch.addmm_(x, y, self.matrices[i])
    elif kernel == KERNEL_MM_TRANSPOSED:
      torch.addmm_(torch.t(x), torch.t(self.matrices[i]), torch.t(y))
    elif kernel == KERNEL_PACKED_INT8 and rows > 1:
      product, largest = self.quantized_product(y, i)
      torch.addcmul_(x, product, largest)
    elif kernel == KERNEL_CPU_INT8:
      __torch__.cpu.add_linear_int8(x, y, self.matrices[i], self.scales[i])
    elif kernel == KERNEL_BMM_PARTS and rows == 1:
      parts = self.parts[i]
      torch.baddbmm_(x.view(parts.size(0), 1, -1), y.expand(parts.size(0), -1, -1), parts)
    else:
      torch.add_(x, self.product(y, i))

  # norm(x) times matrix i; fused where the kernel supports it.
  def norm_product(self, x: Tensor, i: int) -> Tensor:
    if self.kernel(i, x.size(0)) == KERNEL_CPU_INT8:
      return __torch__.cpu.norm_linear_int8(x, self.matrices[i], self.scales[i])
    return self.product(self.norm(x), i)

  # Adds silu(gate) * up times matrix i to x; fused where the kernel supports it. gate_up: (N, 2 in).
  def add_silu_mul_product(self, x: Tensor, gate_up: Tensor, i: int) -> None:
    rows, width = torch.size(gate_up)
    if self.kernel(i, rows) == KERNEL_CPU_INT8:
      __torch__.cpu.add_silu_mul_linear_int8(x, gate_up, self.matrices[i], self.scales[i])
    else:
      down, along = torch.stride(gate_up)
      gate = torch.as_strided(gate_up, [rows, width // 2], [down, along], 0)
      up = torch.as_strided(gate_up, [rows, width // 2], [down, along], width // 2 * along)
      self.add_product(x, torch.mul(torch.silu_(gate), up), i)

  # QKV projection with rotary embedding: queries (N G, H / G, D), keys and values (N G, 2, D).
  def project(self, x: Tensor, i: int, rope: Tensor, heads: int, groups: int) -> Tuple[Tensor, Tensor]:
    qkv = torch.contiguous(self.norm_product(x, i))
    if self.dtype == FLOAT32:
      torch.mul_(torch.view_as_complex(qkv.view(x.size(0), heads + 2 * groups, -1, 2)), rope)
    else:
      wide = torch.to(qkv, FLOAT32)
      torch.mul_(torch.view_as_complex(wide.view(x.size(0), heads + 2 * groups, -1, 2)), rope)
      qkv = torch.to(wide, self.dtype)
    # Two views in two calls; split creates more.
    rows, width = torch.size(qkv)
    shared = heads // groups
    dim = width // (heads + 2 * groups)
    stride = width // groups
    q = torch.as_strided(qkv, [rows * groups, shared, dim], [stride, dim, 1], 0)
    return (q, torch.as_strided(qkv, [rows * groups, 2, dim], [stride, dim, 1], shared * dim))

  # Output projection and MLP of a layer, added to the residual x.
  def post_attention(self, x: Tensor, attn_output: Tensor, i: int) -> None:
    if self.use_cpu_int8(i + 1, 3, x.size(0)):
      m = self.matrices
      s = self.scales
      __torch__.cpu.post_attention_int8(x, attn_output, m[i + 1], s[i + 1], m[i + 2], s[i + 2], m[i + 3], s[i + 3])
    else:
      self.add_product(x, attn_output, i + 1)
      self.add_silu_mul_product(x, self.norm_product(x, i + 2), i + 3)

  # Added to scores (T, S): -inf for future positions. Repeated for the query heads that share a key head.
  def causal_mask(self, future: Tensor, repeats: int) -> Tensor:
    mask = torch.masked_fill(torch.zeros_like(future, dtype=self.dtype), future, -inf)
    return mask if repeats == 1 else mask.repeat(repeats, 1)

  # One position per slot. q: (B G, H / G, D), k: (B G, D, S), v: (B G, S, D), mask: (B G, 1, S), added, or None.
  # Query heads that share a key head become rows of the same product. The fused kernel wakes all threads even for
  # one position; on a busy machine a wake-up costs more than the attention itself.
  def attend_once(self, q: Tensor, k: Tensor, v: Tensor, slots: int, mask: Optional[Tensor]) -> Tensor:
    if mask is None:
      scores = torch.bmm(q, k)
    else:
      scores = torch.baddbmm(mask, q, k)
    # Accumulated in 32 bit for every type, and rounded once.
    return torch.bmm(torch.softmax(scores, -1), v).view(slots, -1)

  # Several positions per slot. q: (B, T, G, H / G, D), k and v: (B, G, S, D), mask: (H / G T, S), added.
  def attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    count, steps, groups, shared, dim = torch.size(q)
    rows = torch.reshape(torch.permute(q, [0, 2, 3, 1, 4]), [count, groups, shared * steps, dim])
    attn_output = torch.scaled_dot_product_attention(rows, k, v, mask, 0., False, scale=1.)
    return torch.reshape(torch.permute(attn_output.view(count, groups, shared, steps, dim), [0, 3, 1, 2, 4]), [count * steps, -1])

  # One (B, usable) per codebook. A greedy row (top-k 1) takes the most probable code: its noise is constant.
  def codebook_noise(self, seeds: Tensor, frames: Tensor, top_k: Tensor) -> List[Tensor]:
    return torch.unbind(torch.masked_fill_(self.noise(seeds, frames), torch.unsqueeze(top_k == 1, 2), 1.), 1)

  # Exponential noise (B, K, usable), a function of seed, frame, codebook and entry only: SplitMix64 (Steele, Lea,
  # Flood 2014) of a counter, then -log of its upper 52 bits as a number in (0, 1).
  def noise(self, seeds: Tensor, frames: Tensor) -> Tensor:
    frame_keys = self.mix(self.mix(seeds) + (frames + 1) * -7046029254386353131)
    bits = self.mix(frame_keys.view(-1, 1, 1) + torch.unsqueeze(self.noise_counters, 0) * -7046029254386353131)
    uniform = (torch.to(self.shift(bits, 12), FLOAT64) + 0.5) * 2.220446049250313e-16
    return torch.to(torch.neg(torch.log(uniform)), FLOAT32)

  def mix(self, x: Tensor) -> Tensor:
    x = torch.bitwise_xor(x, self.shift(x, 30)) * -4658895280553007687
    x = torch.bitwise_xor(x, self.shift(x, 27)) * -7723592293110705685
    return torch.bitwise_xor(x, self.shift(x, 31))

  # Logical right shift, 0 < by < 63: libtorch's is arithmetic.
  def shift(self, x: Tensor, by: int) -> Tensor:
    return torch.bitwise_and(torch.bitwise_right_shift(x, by), (1 << (64 - by)) - 1)

  # Samples one code per slot from logits (B, V). Ids that the codec cannot decode are excluded. The argmax of
  # probability / exponential noise is distributed as the probabilities.
  def sample(self, logits: Tensor, noise: List[Tensor], codebook: int, kth: Tensor, max_top_k: int) -> Tensor:
    usable = torch.narrow(logits, 1, 0, self.usable)
    if max_top_k == 1:
      return torch.argmax(usable, -1)
    x = torch.to(usable, FLOAT32)
    x = (x - torch.amax(x, [-1], True)) / self.temperatures[0:x.size(0)]
    best, ids = torch.topk(x, max_top_k, -1, True, True)
    torch.masked_fill_(x, x < torch.gather(best, 1, kth), -inf)
    return torch.argmax(torch.softmax(x, -1) / noise[codebook], -1)
