# The Mimi codec (arXiv:2410.00037, section 3.3), fp32. Its parts are in mimi/. Every layer is causal, so clips are
# processed in passes that hand their state on. Memory is bounded for any length, and streaming is the same
# computation with shorter passes.
#
# Activations are (time, clips, channels): the window of a layer is contiguous, so that every convolution is a few matrix
# products without copies. Several clips add rows.
#
# The state of a clip is three tensors:
#   counters  positions passed through the transformer, and where in `past` the next one goes
#   tails     the inputs that convolutions still need, one row; the decoder's end with that of the upsampling
#   past      KV cache, (2 layers, 1, heads, capacity, head size); newest last, and moved to the
#             front when it is full. The first window - 1 positions are zeros at first
class Mimi(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  seanet : __torch__.mimi.seanet.Seanet
  transformer : __torch__.mimi.transformer.Transformer
  resampling : __torch__.mimi.resampling.Resampling
  quantizer : __torch__.mimi.quantizer.Quantizer
  decoder_tails : List[int]
  frame_samples : int
  pass_frames : int
  # Whether attention is computed for all clips at once: few launches, for a GPU. Else clip by clip, over what each has:
  # less work, for a CPU.
  together : bool

  def load(
      self, weights: Dict[str, Tensor], frequencies: Tensor, ratios: List[int], layers: int, heads: int,
      key_value_heads: int, head_dim: int, window: int, semantic: int, codebooks: int, upsample_groups: int, eps: float,
      frame_samples: int, pass_frames: int, together: bool) -> None:
    self.together = together
    self.frame_samples = frame_samples
    self.pass_frames = pass_frames
    self.seanet.load(weights, ratios)
    self.transformer.load(
        weights, frequencies, layers, heads, key_value_heads, head_dim, window, eps, FRAME_STRIDE * pass_frames)
    self.resampling.load(weights, upsample_groups)
    self.quantizer.load(weights, codebooks, semantic)
    self.decoder_tails = self.seanet.decoder_tails + [self.resampling.tail]

  # Samples (1, 1, n) to codes (codebooks, frames), `frames` of them in a pass.
  def encode(self, samples: Tensor, frames: int) -> Tensor:
    state = self.begin(self.seanet.encoder_tails)
    tails = torch.split_with_sizes(state[1], self.seanet.encoder_tails, 1)
    hidden = annotate(List[Tensor], [])
    n = samples.size(2)
    step = min(frames, self.pass_frames) * self.frame_samples
    start = 0
    while start < n:
      x = torch.view(samples[:, :, start:min(start + step, n)], [-1, 1, 1])
      x = self.seanet.seanet_encoder(x, tails)
      hidden.append(self.transformer.run_layers(x, self.transformer.layers, state, self.together))
      start = start + step
    return torch.stack(self.quantizer.quantize(self.resampling.downsample(torch.cat(hidden, 0))), 0)

  # Codes (1, codebooks, frames) to samples (1, n), `frames` of them in a pass.
  def decode(self, codes: Tensor, frames: int) -> Tensor:
    return self.decode_streams(codes, self.open_stream(), frames)

  # The state of a clip of which nothing has been decoded.
  def open_stream(self) -> List[Tensor]:
    return self.begin(self.decoder_tails)

  def begin(self, tails: List[int]) -> List[Tensor]:
    t = self.transformer
    device = t.frequencies.device
    past = [2 * t.layers, 1, t.key_value_heads, t.window - 1 + FRAME_STRIDE * self.pass_frames, t.head_dim]
    return [
        torch.tensor([0, t.window - 1], dtype=INT64),
        torch.zeros([1, sum(tails)], dtype=FLOAT32, device=device),
        torch.zeros(past, dtype=FLOAT32, device=device)]

  def reset_stream(self, state: List[Tensor]) -> None:
    fresh = self.begin(self.decoder_tails)
    for i in range(len(fresh)):
      torch.copy_(state[i], fresh[i])

  # Codes (clips, codebooks, n) to samples (clips, m), `frames` of them in a pass. `states` has the
  # state of the first clip, then that of the next, and is advanced in place.
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
    x = self.resampling.upsample(self.quantizer.dequantize(codes), tails[len(tails) - 1])
    x = self.transformer.run_layers(x, 0, states, self.together)
    x = self.seanet.seanet_decoder(x, tails)
    if clips > 1:
      for i in range(clips):
        torch.copy_(states[3 * i + 1], rows[i:i + 1])
    return torch.transpose(torch.squeeze(x, 2), 0, 1)
