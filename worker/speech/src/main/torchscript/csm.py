# CSM's language model for several slots at once. Its parts are in csm/; this is what Java calls, and the frame loop.
#
# Sizes: B running slots, T new positions, S cached positions, H query heads, G key/value heads, D head width,
# K codebooks, V vocabulary, N rows of any kind. Formulas: RoPE with half-split pairs, RMSNorm, SwiGLU as in transformers'
# modeling_csm.py; frame loop and sampling as in SesameAILabs/csm, models.py.
class Csm(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  # The type of activations and KV caches.
  dtype : int
  codebooks : int
  vocabulary : int
  # Codes that the codec decodes; the vocabulary has more.
  usable : int
  # By number: 0 the head of codebook 0, 1 the projection to the depth decoder, from 2 on the heads of the other codebooks,
  # then the layers of the backbone, then those of the depth decoder, see layer.py.
  matrices : __torch__.csm.matrices.Matrices
  backbone : __torch__.csm.backbone.Backbone
  depth : __torch__.csm.depth.DepthDecoder
  sampler : __torch__.csm.sampler.Sampler

  # Per slot: 1 if it is used, else 0; the next input row of the backbone, and its position; the sampling parameters.
  live : Tensor
  rows : Tensor
  positions : Tensor
  seeds : Tensor
  frames : Tensor
  temperatures : Tensor
  top_k : Tensor

  tracing : bool
  forced : List[Tensor]
  trace : List[Tensor]

  def set_sizes(self, dtype: int, codebooks: int, vocabulary: int, usable: int) -> None:
    self.dtype = dtype
    self.codebooks = codebooks
    self.vocabulary = vocabulary
    self.usable = usable
    self.matrices.open(dtype)
    self.backbone.open(dtype, codebooks)
    self.depth.open(dtype, codebooks)

  # w: text table, audio table.
  def set_tables(self, w: List[Tensor]) -> None:
    self.backbone.set_tables(w[0], w[1], self.vocabulary)
    self.sampler.open(self.codebooks, self.usable, w[0])

  def set_depth_tables(self, table: Tensor, projection: Tensor, dtype: int) -> None:
    self.depth.set_tables(table, projection, self.vocabulary, dtype)

  # Maps float32 numbers of a file, from a byte offset that is a multiple of 4.
  def map_table(self, file: str, offset: int, rows: int, width: int) -> Tensor:
    end = offset // 4 + rows * width
    whole = torch.from_file(file, False, end, dtype=FLOAT32)
    return torch.narrow(whole, 0, offset // 4, rows * width).view(rows, width)

  # Maps a file as numbers of one type. Pages that nothing writes to are shared with other processes.
  def map_file(self, file: str, count: int, dtype: int) -> Tensor:
    return torch.from_file(file, False, count, dtype=dtype)

  # `count` numbers of a mapped file, from a number on.
  def mapped(self, whole: Tensor, begin: int, count: int, shape: List[int]) -> Tensor:
    return torch.narrow(whole, 0, begin, count).view(shape)

  def type_of(self, x: Tensor) -> int:
    return x.dtype

  # The text table, the audio table, then the depth decoder's tables.
  def stored_tables(self) -> List[Tensor]:
    return [self.backbone.text_table, self.backbone.audio_table] + self.depth.tables

  def add_stored_depth_tables(self, tables: List[Tensor], dtype: int, rows: int, width: int) -> None:
    self.depth.add_stored_tables(tables, dtype, rows, width)

  def stored_matrix(self, i: int, transposed: bool) -> List[Tensor]:
    return self.matrices.stored(i, transposed)

  def add_stored_matrix(self, parts: List[Tensor], transposed: bool, outputs: int, inputs: int, plan: List[int]) -> None:
    self.matrices.add_stored(parts, transposed, outputs, inputs, plan)

  # After the backbone's matrices have been added.
  def set_backbone(
      self, norm: Tensor, frequencies: Tensor, positions: int, layers: int, heads: int, groups: int, eps: float) -> None:
    self.backbone.set_layers(self.matrices, norm, frequencies, positions, layers, heads, groups, eps)

  # After the depth decoder's matrices have been added.
  def set_depth(self, norm: Tensor, frequencies: Tensor, layers: int, heads: int, groups: int, eps: float) -> None:
    self.depth.set_layers(self.matrices, norm, frequencies, layers, heads, groups, eps)

  # qkv: (H D + 2 G D, in), changed in place: the weight of the norm before it is folded into it.
  def add_attention(self, qkv: Tensor, norm: Tensor, heads: int, groups: int, plan: List[int]) -> None:
    self.matrices.add_norm_matrix(__torch__.csm.layer.order_qkv(qkv, heads, groups), norm, plan)

  def add_norm_matrix(self, w: Tensor, norm: Tensor, plan: List[int]) -> None:
    self.matrices.add_norm_matrix(w, norm, plan)

  def add_matrix(self, w: Tensor, plan: List[int]) -> None:
    self.matrices.add_matrix(w, plan)

  def set_packed_qmax(self) -> None:
    self.matrices.set_packed_qmax()

  def use_cpu_attention(self) -> None:
    self.backbone.use_cpu_attention()
    self.depth.use_cpu_attention()

  # A prompt's attention as plain products, without a fused kernel.
  def store_scores(self) -> None:
    self.backbone.store_scores()

  # For this number of slots and positions; the old contents are kept as far as they fit.
  def reserve(self, slots: int, capacity: int) -> None:
    self.backbone.resize(slots, capacity)
    if self.depth.slots > slots:
      self.depth.open_cache(slots)
    self.live = self.by_slot(self.live, [slots], INT64, 0)
    self.rows = self.by_slot(self.rows, [slots, self.codebooks + 1], INT64, 0)
    self.positions = self.by_slot(self.positions, [slots], INT64, 0)
    self.seeds = self.by_slot(self.seeds, [slots], INT64, 0)
    self.frames = self.by_slot(self.frames, [slots], INT64, 0)
    self.temperatures = self.by_slot(self.temperatures, [slots, 1], FLOAT32, 1)
    self.top_k = self.by_slot(self.top_k, [slots], INT64, 1)

  def by_slot(self, old: Tensor, shape: List[int], dtype: int, fill: int) -> Tensor:
    return __torch__.csm.caches.resized(old, shape, dtype, fill, self.backbone.text_table)

  def new_key_values(self, positions: int) -> Tensor:
    return self.backbone.new_key_values(positions)

  def copy_key_values(self, source: Tensor, begin: int, end: int) -> Tensor:
    return torch.clone(torch.narrow(source, 2, begin, end - begin), memory_format=CONTIGUOUS_FORMAT)

  def put_key_values(self, target: Tensor, begin: int, source: Tensor) -> None:
    torch.copy_(torch.narrow(target, 2, begin, source.size(2)), source)

  def copy_to_host(self, slot: int, positions: int) -> Tensor:
    return self.backbone.copy_to_host(slot, positions)

  # Positions before `position` come from key_values; row: (K + 1), which the next step feeds at `position`.
  def join(
      self, slot: int, key_values: Tensor, row: Tensor, position: int, seed: int, frame: int, temperature: float,
      top_k: int) -> None:
    self.backbone.join(slot, key_values, position)
    torch.fill_(self.live[slot], 1)
    torch.copy_(self.rows[slot], row)
    torch.fill_(self.positions[slot], position)
    torch.fill_(self.seeds[slot], seed)
    torch.fill_(self.frames[slot], frame)
    torch.fill_(self.temperatures[slot], temperature)
    torch.fill_(self.top_k[slot], top_k)

  def move(self, source: int, target: int, positions: int) -> None:
    self.backbone.move(source, target, positions)
    for state in [self.live, self.rows, self.positions, self.seeds, self.frames, self.temperatures, self.top_k]:
      torch.copy_(state[target], state[source])

  def clear(self, slot: int) -> None:
    self.backbone.clear(slot)

  # An unused slot is stepped with the others and stays at its first position.
  def leave(self, slot: int) -> None:
    torch.zero_(self.live[slot])
    torch.zero_(self.positions[slot])
    torch.fill_(self.top_k[slot], 1)

  def close_depth(self) -> None:
    self.depth.close_cache()

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

  def prefill(self, key_values: Tensor, rows: Tensor, start: int) -> None:
    self.backbone.prefill_rows(self.matrices, key_values, rows, start)

  # One frame for each of the first `count` slots. Results of unused slots are ignored; their positions do not advance.
  # max_length: the largest number of positions of these slots, the new one included. max_top_k: their largest top-k.
  # With padded, both may be larger: then the shapes of all tensors follow from these three numbers alone.
  # lengths: positions per slot, if each slot attends separately, else empty.
  # Returns (B, K + 1): the codes, then 1 if all numbers were finite.
  def step(self, count: int, max_length: int, max_top_k: int, padded: bool, lengths: List[int]) -> Tensor:
    rows = self.rows[0:count]
    positions = self.positions[0:count]
    if self.depth.slots != count:
      self.depth.open_cache(count)
    h = self.backbone.backbone_step(self.matrices, rows, self.positions, max_length, padded, lengths)
    # Greedy sampling reads neither noise nor kth; these values have the types only.
    noise = [h]
    kth = positions
    if max_top_k > 1:
      top_k = torch.unsqueeze(self.top_k[0:count], 1)
      noise = self.sampler.codebook_noise(self.seeds[0:count], self.frames[0:count], top_k)
      kth = top_k - 1
    logits = self.matrices.product(h, 0)
    if self.tracing:
      self.trace = [h, logits]
    code = self.sampler.sample(logits, self.temperatures, noise, 0, kth, max_top_k)
    if len(self.forced) > 0:
      code = self.forced[0].expand(count)
    codes = [code]
    for codebook in range(1, self.codebooks):
      x = torch.to(torch.embedding(self.depth.tables[codebook - 1], code), self.dtype)
      if codebook == 1:
        first = torch.cat([self.matrices.product(h, 1), self.depth.eps_tail.expand(count, -1)], 1)
        x = torch.stack([first, x], 1).view(2 * count, -1)
      # Narrowed by the eps tail, which stays behind each row in memory: see norm.py.
      x = self.depth.depth_step(self.matrices, torch.narrow(x, 1, 0, x.size(1) - EPS_TAIL), codebook)
      logits = self.matrices.norm_product(x, codebook + 1)
      if self.tracing:
        self.trace.append(logits)
      code = self.sampler.sample(logits, self.temperatures, noise, codebook, kth, max_top_k)
      if len(self.forced) > 0:
        code = self.forced[codebook].expand(count)
      codes.append(code)
    frame = torch.stack(codes, 1)
    torch.copy_(torch.narrow(rows, 1, 0, self.codebooks), frame)
    # An assignment would create a tensor in host memory and wait for its copy.
    torch.fill_(torch.narrow(rows, 1, self.codebooks, 1), NO_TEXT)
    torch.add_(positions, self.live[0:count])
    torch.add_(self.frames[0:count], self.live[0:count])
    # In half precision a sum of finite numbers may be too large.
    finite = torch.isfinite(torch.sum(h, [-1], True, dtype=FLOAT32))
    finite = finite * torch.isfinite(torch.sum(logits, [-1], True, dtype=FLOAT32))
    return torch.cat([frame, torch.to(finite, INT64)], 1)
