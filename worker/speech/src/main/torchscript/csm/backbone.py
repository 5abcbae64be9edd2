# The backbone: input embeddings, transformer layers and their KV caches.
class Backbone(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  dtype : int
  codebooks : int
  # Number of the first layer's first matrix.
  first : int
  layers : int
  # Embedding tables keep the type they are loaded in.
  text_table : Tensor
  audio_table : Tensor
  audio_offsets : Tensor
  norm_weight : Tensor
  eps_tail : Tensor
  # See rope.rope_table.
  rope : Tensor
  heads : int
  groups : int
  # Whether the CPU operators for attention are used. They attend slot by slot, independent of the lengths of the others.
  cpu_attention : bool
  # Whether a prompt's attention is left to a fused kernel, see attention.attend.
  fused : bool
  # By layer: (2, slots, G, positions, D), keys first; keys and values are views of it.
  caches : List[Tensor]
  keys : List[Tensor]
  values : List[Tensor]

  def open(self, dtype: int, codebooks: int) -> None:
    self.dtype = dtype
    self.codebooks = codebooks
    self.fused = True

  # audio: (K V, hidden).
  def set_tables(self, text: Tensor, audio: Tensor, vocabulary: int) -> None:
    self.text_table = text
    self.audio_table = audio
    self.audio_offsets = torch.arange(self.codebooks, dtype=INT64, device=text.device) * vocabulary

  # The layers' matrices are the latest ones of `matrices`.
  def set_layers(
      self, matrices: __torch__.csm.matrices.Matrices, norm: Tensor, frequencies: Tensor, positions: int, layers: int,
      heads: int, groups: int, eps: float) -> None:
    self.first = matrices.count() - MATRICES_PER_LAYER * layers
    self.layers = layers
    self.norm_weight = __torch__.csm.norm.scaled_norm_weight(norm, self.dtype)
    self.eps_tail = __torch__.csm.norm.eps_tail(norm, eps, self.dtype)
    self.rope = __torch__.csm.rope.rope_table(frequencies, positions, heads, groups)
    self.heads = heads
    self.groups = groups

  # For 32-bit activations only.
  def use_cpu_attention(self) -> None:
    self.cpu_attention = True

  def store_scores(self) -> None:
    self.fused = False

  # Caches for this number of slots and positions; the old contents are kept as far as they fit. One layer at a time, so
  # that only one is held twice.
  def resize(self, slots: int, capacity: int) -> None:
    shape = [2, slots, self.groups, capacity, self.rope.size(2) * 2]
    for i in range(self.layers):
      if i == len(self.caches):
        self.caches.append(torch.empty([0]))
        self.keys.append(self.caches[i])
        self.values.append(self.caches[i])
      self.caches[i] = __torch__.csm.caches.resized(self.caches[i], shape, self.dtype, 0, self.text_table)
      self.keys[i] = self.caches[i][0]
      self.values[i] = self.caches[i][1]

  # KV cache of one sequence outside the slots: (2 layers, G, positions, D), the keys of a layer first.
  def new_key_values(self, positions: int) -> Tensor:
    shape = [2 * self.layers, self.groups, positions, self.rope.size(2) * 2]
    return torch.empty(shape, dtype=self.dtype, device=self.text_table.device)

  # Fills the first positions of a slot's cache from that of a sequence.
  def join(self, slot: int, key_values: Tensor, positions: int) -> None:
    # A preempted sequence comes back from host memory in one transfer.
    known = torch.to(key_values, self.text_table.device, self.dtype)
    for layer in range(len(self.keys)):
      torch.copy_(torch.narrow(self.keys[layer][slot], 1, 0, positions), torch.narrow(known[2 * layer], 1, 0, positions))
      torch.copy_(torch.narrow(self.values[layer][slot], 1, 0, positions), torch.narrow(known[2 * layer + 1], 1, 0, positions))

  # The first positions of a slot's cache, copied to host memory in one transfer.
  def copy_to_host(self, slot: int, positions: int) -> Tensor:
    parts = annotate(List[Tensor], [])
    for layer in range(len(self.keys)):
      parts.append(torch.narrow(self.keys[layer][slot], 1, 0, positions))
      parts.append(torch.narrow(self.values[layer][slot], 1, 0, positions))
    return torch.cpu(torch.stack(parts, 0))

  def move(self, source: int, target: int, positions: int) -> None:
    for layer in range(len(self.keys)):
      __torch__.csm.caches.move_positions(self.keys[layer], source, target, positions)
      __torch__.csm.caches.move_positions(self.values[layer], source, target, positions)

  # The causal mask is added to scores, so a NaN in a future position would survive it: the cache is zeroed.
  def clear(self, slot: int) -> None:
    for layer in range(len(self.keys)):
      torch.zero_(self.keys[layer][slot])
      torch.zero_(self.values[layer][slot])

  # rows: (N, K + 1). A text row gives its text embedding, an audio row the sum of its codes' embeddings. With eps tails.
  def embed(self, rows: Tensor) -> Tensor:
    text = rows[:, self.codebooks]
    text_rows = torch.embedding(self.text_table, torch.clamp(text, 0))
    spoken = torch.sum(torch.embedding(self.audio_table, rows[:, 0:self.codebooks] + self.audio_offsets), [1])
    x = torch.to(torch.where(torch.unsqueeze(text >= 0, 1), text_rows, spoken), self.dtype)
    return __torch__.csm.norm.append_eps(x, self.eps_tail)

  # rows: (T, K + 1), the next T positions of one sequence, from position `start` on. Appends to key_values.
  def prefill_rows(
      self, matrices: __torch__.csm.matrices.Matrices, key_values: Tensor, rows: Tensor, start: int) -> None:
    count = rows.size(0)
    total = start + count
    groups = self.groups
    x = self.embed(rows)
    rope = self.rope[start:total]
    steps = torch.arange(total, dtype=INT64, device=rows.device)
    future = torch.unsqueeze(steps, 0) > torch.unsqueeze(steps[start:total], 1)
    mask = __torch__.csm.attention.causal_mask(future, self.heads // groups, self.dtype)
    for layer in range(key_values.size(0) // 2):
      i = self.first + MATRICES_PER_LAYER * layer
      keys = key_values[2 * layer]
      values = key_values[2 * layer + 1]
      q, kv = __torch__.csm.layer.project(matrices, x, i, rope, self.heads, groups)
      k, v = torch.unbind(kv.view(count, groups, 2, -1), 2)
      torch.copy_(torch.narrow(keys, 1, start, count), torch.transpose(k, 0, 1))
      torch.copy_(torch.narrow(values, 1, start, count), torch.transpose(v, 0, 1))
      q = q.view(1, count, groups, q.size(1), -1)
      k = torch.narrow(torch.unsqueeze(keys, 0), 2, 0, total)
      v = torch.narrow(torch.unsqueeze(values, 0), 2, 0, total)
      attn_output = __torch__.csm.attention.attend(q, k, v, mask, self.fused)
      __torch__.csm.layer.post_attention(matrices, x, attn_output, i)

  # The next position of each slot: rows (B, K + 1) to hidden states (B, hidden). positions: of all slots, these are the
  # first. See Csm.step.
  def backbone_step(
      self, matrices: __torch__.csm.matrices.Matrices, rows: Tensor, positions: Tensor, max_length: int, padded: bool,
      lengths: List[int]) -> Tensor:
    x = self.embed(rows)
    if self.cpu_attention:
      self.backbone_decode(matrices, x, positions)
    else:
      self.backbone_attend(matrices, x, positions[0:x.size(0)], max_length, padded, lengths)
    return __torch__.csm.norm.norm(x) * self.norm_weight

  # All layers with the CPU operators, added to x.
  def backbone_decode(self, matrices: __torch__.csm.matrices.Matrices, x: Tensor, positions: Tensor) -> None:
    count = x.size(0)
    rope = torch.view_as_real(torch.index_select(self.rope, 0, positions[0:count])).view(count, -1)
    for layer in range(len(self.caches)):
      cache = self.caches[layer].view(-1, self.caches[layer].size(4))
      __torch__.csm.layer.decode_layer(
          matrices, x, self.first + MATRICES_PER_LAYER * layer, rope, cache, self.groups, positions)

  # All layers, added to x.
  def backbone_attend(
      self, matrices: __torch__.csm.matrices.Matrices, x: Tensor, positions: Tensor, max_length: int, padded: bool,
      lengths: List[int]) -> None:
    count = x.size(0)
    rope = torch.index_select(self.rope, 0, positions)
    groups = self.groups
    capacity = self.keys[0].size(2)
    dim = self.keys[0].size(3)
    # Row indices of the cache viewed as (2 slots G positions, D): the new key and value of each group of each slot.
    slots = self.keys[0].size(0)
    heads = torch.arange(2 * slots * groups, dtype=INT64, device=x.device).view(2, slots, groups)
    heads = torch.permute(torch.narrow(heads, 1, 0, count), [1, 2, 0])
    where = torch.flatten(heads * capacity + positions.view(-1, 1, 1), 0, 1)
    index = annotate(List[Optional[Tensor]], [where])
    mask = annotate(Optional[Tensor], None)
    if (count > 1 or padded) and len(lengths) == 0:
      steps = torch.arange(max_length, dtype=INT64, device=x.device)
      future = torch.unsqueeze(steps, 0) > torch.unsqueeze(positions, 1)
      by_slot = __torch__.csm.attention.causal_mask(future, 1, self.dtype)
      mask = torch.unsqueeze(torch.repeat_interleave(by_slot, groups, 0), 1)
    for layer in range(len(self.caches)):
      i = self.first + MATRICES_PER_LAYER * layer
      q, kv = __torch__.csm.layer.project(matrices, x, i, rope, self.heads, groups)
      torch.index_put_(self.caches[layer].view(-1, dim), index, kv)
      keys = self.keys[layer]
      values = self.values[layer]
      if len(lengths) == 0:
        k = torch.as_strided(keys, [count * groups, dim, max_length], [capacity * dim, 1, dim])
        v = torch.as_strided(values, [count * groups, max_length, dim], [capacity * dim, dim, 1])
        attn_output = __torch__.csm.attention.attend_once(q, k, v, count, mask)
      else:
        # Slot by slot, so that the length of one slot cannot change the rounding of another.
        parts = annotate(List[Tensor], [])
        for slot in range(count):
          k = torch.transpose(torch.narrow(keys[slot], 1, 0, lengths[slot]), 1, 2)
          v = torch.narrow(values[slot], 1, 0, lengths[slot])
          own = torch.narrow(q, 0, slot * groups, groups)
          parts.append(__torch__.csm.attention.attend_once(own, k, v, 1, None))
        attn_output = torch.cat(parts, 0)
      __torch__.csm.layer.post_attention(matrices, x, attn_output, i)
