# The depth decoder: the codes of a frame after the first, one position each. Its KV cache lasts one frame.
class DepthDecoder(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  dtype : int
  codebooks : int
  # Numbers of the first layer's first matrix, and of the one after the last.
  first : int
  end : int
  # Embeddings, one table per codebook but the last, already projected to the decoder's width, with eps tails.
  tables : List[Tensor]
  # Whether the tables had their eps tails when they were added.
  complete : bool
  eps_tail : Tensor
  # See rope.rope_table; by position, where position 1 stands for the first two, which run together. start_rope: those of
  # all slots. rope_rows: by position, as real numbers, for the CPU operators.
  rope : List[Tensor]
  start_rope : Tensor
  rope_rows : List[Tensor]
  start_mask : Tensor
  heads : int
  groups : int
  # Whether the CPU operators for attention are used, from the third position on.
  cpu_attention : bool
  # The KV cache, (2 slots G K, D) per layer, keys first. Views by layer and position: see open_cache.
  slots : int
  caches : List[Tensor]
  # By position: its number, once per slot.
  positions : List[Tensor]
  writes : List[Tensor]
  keys : List[Tensor]
  values : List[Tensor]

  def open(self, dtype: int, codebooks: int) -> None:
    self.dtype = dtype
    self.codebooks = codebooks

  # table: (K V, hidden), projection: (depth hidden, hidden). Projects the table once, in 32 bit; kept in `dtype`.
  # One codebook at a time limits peak memory. `set_layers` fills in the eps tail.
  def set_tables(self, table: Tensor, projection: Tensor, rows: int, dtype: int) -> None:
    width = projection.size(0)
    projected = torch.empty([(self.codebooks - 1) * rows, width + EPS_TAIL], dtype=dtype, device=table.device)
    wide = torch.t(torch.to(projection, FLOAT32))
    for codebook in range(self.codebooks - 1):
      target = torch.narrow(projected, 0, codebook * rows, rows)
      source = torch.to(torch.narrow(table, 0, codebook * rows, rows), FLOAT32)
      torch.copy_(torch.narrow(target, 1, 0, width), torch.mm(source, wide))
      self.tables.append(target)

  # Adds tables that `tables` held before: (rows, width) with eps tails, in `dtype`.
  def add_stored_tables(self, tables: List[Tensor], dtype: int, rows: int, width: int) -> None:
    for table in tables:
      fits = table.dtype == dtype and table.size(0) == rows and table.size(1) == width + EPS_TAIL
      assert fits, "a table of the depth decoder has another type or size"
    self.tables.extend(tables)
    self.complete = True

  # The layers' matrices are the latest ones of `matrices`. The weight of the last norm is folded into the heads.
  def set_layers(
      self, matrices: __torch__.csm.matrices.Matrices, norm: Tensor, frequencies: Tensor, layers: int, heads: int,
      groups: int, eps: float) -> None:
    self.end = matrices.count()
    self.first = self.end - MATRICES_PER_LAYER * layers
    self.eps_tail = __torch__.csm.norm.eps_tail(norm, eps, self.dtype)
    if not self.complete:
      for table in self.tables:
        tail = __torch__.csm.norm.eps_tail(norm, eps, table.dtype)
        torch.copy_(torch.narrow(table, 1, norm.size(0), EPS_TAIL), tail)
    rope = __torch__.csm.rope.rope_table(frequencies, self.codebooks, heads, groups)
    self.rope = [rope[0:2], rope[0:2]]
    for position in range(2, self.codebooks):
      self.rope.append(rope[position:position + 1])
    self.rope_rows = annotate(List[Tensor], [])
    for position in range(self.codebooks):
      self.rope_rows.append(torch.view_as_real(rope[position]).view(1, -1))
    self.heads = heads
    self.groups = groups
    future = torch.triu(torch.ones([2, 2], dtype=BOOL, device=norm.device), 1)
    self.start_mask = __torch__.csm.attention.causal_mask(future, heads // groups, self.dtype)

  # For 32-bit activations only.
  def use_cpu_attention(self) -> None:
    self.cpu_attention = True

  # The next step opens a new cache: a recorded CUDA graph needs a separate one.
  def close_cache(self) -> None:
    self.slots = 0

  # Opens a cache for this number of slots, with views by position: where new keys and values are written, transposed
  # keys and values up to the position. Position 1 stands for the first two, which run together.
  def open_cache(self, slots: int) -> None:
    layers = (self.end - self.first) // MATRICES_PER_LAYER
    groups = self.groups
    dim = self.rope[0].size(2) * 2
    self.slots = slots
    self.start_rope = self.rope[1].repeat(slots, 1, 1)
    self.positions = annotate(List[Tensor], [])
    for position in range(self.codebooks):
      self.positions.append(torch.full([slots], position, dtype=INT64))
    self.caches = annotate(List[Tensor], [])
    self.writes = annotate(List[Tensor], [])
    self.keys = annotate(List[Tensor], [])
    self.values = annotate(List[Tensor], [])
    for layer in range(layers):
      cache = torch.zeros([2, slots, groups, self.codebooks, dim], dtype=self.dtype, device=self.eps_tail.device)
      self.caches.append(cache.view(-1, dim))
      for position in range(self.codebooks):
        new = torch.narrow(cache, 3, 0, 2) if position < 2 else torch.narrow(cache, 3, position, 1)
        self.writes.append(torch.permute(new, [1, 3, 2, 0, 4]))
        known = torch.narrow(cache.view(2, slots * groups, self.codebooks, dim), 2, 0, position + 1)
        self.keys.append(torch.transpose(known[0], 1, 2))
        self.values.append(known[1])

  # x: (B T, width) with eps tails, the inputs up to position `last`; T is 2 for the first call of a frame, then 1.
  # Returns the residual before the last norm: (B, width) with eps tails.
  def depth_step(self, matrices: __torch__.csm.matrices.Matrices, x: Tensor, last: int) -> Tensor:
    slots = self.slots
    groups = self.groups
    steps = 2 if last == 1 else 1
    rope = self.rope[last] if steps == 1 else self.start_rope
    i = self.first
    at = last
    while i < self.end:
      if self.cpu_attention and steps == 1:
        cache = self.caches[at // self.codebooks]
        __torch__.csm.layer.decode_layer(matrices, x, i, self.rope_rows[last], cache, groups, self.positions[last])
      else:
        attn_output = self.depth_attend(matrices, x, i, rope, steps, at)
        __torch__.csm.layer.post_attention(matrices, x, attn_output, i)
      i += MATRICES_PER_LAYER
      at += self.codebooks
    if steps == 2:
      x = x.view(slots, 2, -1)[:, 1]
    return x

  # at: the layer's number times K, plus the position.
  def depth_attend(
      self, matrices: __torch__.csm.matrices.Matrices, x: Tensor, i: int, rope: Tensor, steps: int, at: int) -> Tensor:
    slots = self.slots
    groups = self.groups
    q, kv = __torch__.csm.layer.project(matrices, x, i, rope, self.heads, groups)
    torch.copy_(self.writes[at], kv.view(slots, steps, groups, 2, -1))
    keys = self.keys[at]
    values = self.values[at]
    if steps == 1:
      return __torch__.csm.attention.attend_once(q, keys, values, slots, None)
    k = torch.transpose(keys, 1, 2).view(slots, groups, 2, -1)
    v = values.view(slots, groups, 2, -1)
    return __torch__.csm.attention.attend(q.view(slots, 2, groups, q.size(1), -1), k, v, self.start_mask, False)
