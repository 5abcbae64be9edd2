# SilentCipher's networks and transforms (Singh et al., 2024), fp32; looks for a mark may have a lower precision.
#
# Batch normalisation always uses the statistics of the clip itself, over all frequencies and frames.
# So every layer needs the whole plane of the one before, above the band as well: only what follows
# the last layer's statistics is confined to the band.
#
# One plane holds one layer after another. A layer goes over it in blocks of frequencies that stay in
# the cache, adds up its statistics on the way, and writes its outputs over its inputs; the one row
# that the next block still needs is kept aside. A pass is a sequence of calls: begin, steps of some
# blocks each, finish. The caller owns its tensors between calls, and may make steps of other passes in between. Numbers in the
# plane are not normalised yet: the next layer multiplies by scale and adds shift when it reads.
#
# Planes are (1, channels, frequencies, frames).
class Watermark(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  weights : Dict[str, Tensor]
  window : Tensor
  n_fft : int
  hop : int
  band : int
  encoder_layers : int
  carrier_layers : int
  message_layers : int
  winograd : bool
  reduced : int

  # winograd: whether to use NNPACK's convolution where it is there
  # reduced: the type of reduced looks
  def load(
      self, weights: Dict[str, Tensor], window: Tensor, n_fft: int, hop: int, band: int, encoder_layers: int,
      carrier_layers: int, message_layers: int, winograd: bool, reduced: int) -> None:
    self.weights = weights
    self.window = window
    self.n_fft = n_fft
    self.hop = hop
    self.band = band
    self.encoder_layers = encoder_layers
    self.carrier_layers = carrier_layers
    self.message_layers = message_layers
    self.reduced = reduced
    # The question also prepares the library; without it the convolution fails.
    self.winograd = torch._nnpack_available() and window.is_cpu and winograd
    width = self.weights["dec_c.0.conv.weight"].size(1) // 3
    self.fold("dec_c.0.conv.weight", width)
    self.fold("dec_c.0.gate.weight", width)
    for i in range(encoder_layers):
      self.join(torch.format("enc_c.{}.", i))
    for i in range(carrier_layers):
      self.join(torch.format("dec_c.{}.", i))
    for i in range(message_layers):
      layer = torch.format("dec_m.{}.", i)
      self.join(layer)
      for kind in ["weight", "bias"]:
        self.weights[layer + kind + ".reduced"] = torch.to(self.weights[layer + kind], reduced)

  # The reference repeats carrier and message as often as the encoder has channels. Filters over
  # equal channels add up, so one channel with the summed filter does the same.
  def fold(self, name: str, width: int) -> None:
    w = self.weights[name]
    carrier = torch.sum(w[:, width:2 * width], [1], True)
    message = torch.sum(w[:, 2 * width:3 * width], [1], True)
    self.weights[name] = torch.cat([w[:, 0:width], carrier, message], 1)

  # value and gate read the same inputs, so they are one convolution
  def join(self, layer: str) -> None:
    for kind in ["weight", "bias"]:
      value = self.weights.pop(layer + "conv." + kind)
      gate = self.weights.pop(layer + "gate." + kind)
      self.weights[layer + kind] = torch.cat([value, gate], 0)

  # samples (n) to complex (frequencies, frames)
  def spectrum(self, samples: Tensor) -> Tensor:
    n = samples.size(0)
    x = torch.pad(samples, [0, self.n_fft - n % self.n_fft], "constant", 0.)
    return torch.stft(x, self.n_fft, self.hop, self.n_fft, self.window, True, "reflect", False, True, True)

  # rows (1, in, rows + 2·reach, frames) to (1, 2·out, rows, frames), values first
  def convolve(self, layer: str, rows: Tensor, reduced: bool) -> Tensor:
    weight = self.weights[layer + ("weight.reduced" if reduced else "weight")]
    bias = self.weights[layer + ("bias.reduced" if reduced else "bias")]
    reach = weight.size(2) // 2
    if self.winograd and not reduced and weight.size(2) == 3 and weight.size(1) >= 8:
      return torch._nnpack_spatial_convolution(rows, weight, bias, [0, reach], [1, 1])
    # The last switch permits cuDNN to round the inputs to 10 bits (TF32), which conv2d always permits.
    return torch._convolution(rows, weight, bias, [1, 1], [0, reach], [1, 1], False, [0, 0], 1, False, False, True, reduced)

  # What a pass keeps from step to step: the plane, with magnitudes (frequencies, frames) as its first channel; the rows
  # above the next block (1, channels, reach, frames); the rough means, subtracted before summing (1, channels, 1, 1); sums and
  # sums of squares (2, channels); scale and shift of the plane's channels (1, channels, 1, 1). All have the width of the layer
  # with the maximum number of channels.
  def pass_state(self, network: str, layers: int, magnitude: Tensor, reduced: bool) -> List[Tensor]:
    width = 1
    reach = 0
    for i in range(layers):
      weight = self.weights[network + torch.format(".{}.weight", i)]
      width = max(width, max(weight.size(1), weight.size(0) // 2))
      reach = max(reach, weight.size(2) // 2)
    kind = self.reduced if reduced else FLOAT32
    device = magnitude.device
    plane = torch.empty([1, width, magnitude.size(0), magnitude.size(1)], dtype=kind, device=device)
    plane[0, 0] = magnitude
    above = torch.zeros([1, width, reach, magnitude.size(1)], dtype=kind, device=device)
    centre = torch.zeros([1, width, 1, 1], dtype=kind, device=device)
    sums = torch.zeros([2, width], dtype=FLOAT64, device=device)
    scale = torch.ones([1, width, 1, 1], dtype=FLOAT32, device=device)
    shift = torch.zeros([1, width, 1, 1], dtype=FLOAT32, device=device)
    return [plane, above, centre, sums, scale, shift]

  # One step of a layer: the frequencies from start to stop, block after block. Reads the first channels of the plane,
  # normalised by scale and shift, and writes the layer's outputs over them. The last step of a layer, the one that stops
  # at the last frequency, sets scale and shift for the outputs.
  def rows(
      self, layer: str, plane: Tensor, above: Tensor, centre: Tensor, sums: Tensor, scale: Tensor, shift: Tensor,
      start: int, stop: int, height: int, reduced: bool) -> None:
    weight = self.weights[layer + "weight"]
    inputs = weight.size(1)
    outputs = weight.size(0) // 2
    reach = weight.size(2) // 2
    frequencies = plane.size(2)
    frames = plane.size(3)
    factor = torch.to(scale[:, 0:inputs], plane.dtype)
    offset = torch.to(shift[:, 0:inputs], plane.dtype)
    middle = centre[:, 0:outputs]
    edge = above[:, 0:inputs, 0:reach]
    total = sums[0, 0:outputs]
    squares = sums[1, 0:outputs]
    if start == 0:
      torch.zero_(edge)
      torch.zero_(sums)
    first = start
    while first < stop:
      last = min(first + height, stop)
      below = min(last + reach, frequencies)
      rows = torch.empty([1, inputs, last - first + 2 * reach, frames], dtype=plane.dtype, device=plane.device)
      rows[:, :, 0:reach] = edge
      torch.addcmul(offset, plane[:, 0:inputs, first:below], factor, out=rows[:, :, reach:reach + below - first])
      torch.zero_(rows[:, :, reach + below - first:])
      torch.copy_(edge, rows[:, :, last - first:last - first + reach])
      value_gate = self.convolve(layer, rows, reduced)
      value = value_gate[:, 0:outputs]
      gate = torch.sigmoid_(value_gate[:, outputs:])
      # Sums of squares lose digits where the mean is large, so a rough mean is subtracted first.
      if first == 0:
        torch.copy_(middle, torch.neg(torch.mean(value * gate, [0, 2, 3], True)))
      out = torch.addcmul(middle, value, gate, out=plane[:, 0:outputs, first:last])
      torch.add_(total, torch.sum(out, [0, 2, 3], False, dtype=FLOAT32))
      torch.add_(squares, torch.sum(torch.square(out), [0, 2, 3], False, dtype=FLOAT32))
      first = last
    if stop == frequencies:
      mean = total / (frequencies * frames)
      variance = squares / (frequencies * frames) - mean * mean
      factor = self.weights[layer + "bn.weight"] / torch.sqrt(variance + 1.0000000000000001e-05)
      offset = self.weights[layer + "bn.bias"] - mean * factor
      scale[0, 0:outputs, 0, 0] = torch.to(factor, FLOAT32)
      shift[0, 0:outputs, 0, 0] = torch.to(offset, FLOAT32)

  # symbols (message_len) to (band, frames)
  def message(self, symbols: Tensor, frames: int) -> Tensor:
    order = torch.remainder(torch.arange(frames, device=symbols.device), symbols.size(0))
    table = torch.t(self.weights["enc_c.linear.weight"]) + self.weights["enc_c.linear.bias"]
    return torch.t(torch.index_select(table, 0, torch.index_select(symbols, 0, order)))

  # samples (n) of power-normalised sound to its spectrum and the state of a pass through encoder and carrier decoder
  def begin_embed(self, samples: Tensor) -> List[Tensor]:
    spectrum = self.spectrum(samples)
    return [spectrum] + self.pass_state("dec_c", self.carrier_layers, torch.abs(spectrum), False)

  # Between encoder and carrier decoder: magnitudes and message become channels beside the encoder's.
  def join_message(self, spectrum: Tensor, plane: Tensor, scale: Tensor, shift: Tensor, symbols: Tensor) -> None:
    width = self.weights["enc_c." + torch.format("{}.bn.weight", self.encoder_layers - 1)].size(0)
    plane[0, width] = torch.abs(spectrum)
    plane[0, width + 1, 0:self.band] = self.message(symbols, spectrum.size(1))
    torch.zero_(plane[0, width + 1, self.band:])
    torch.fill_(scale[:, width:width + 2], 1)
    torch.zero_(shift[:, width:width + 2])

  # Marked samples (n); ratio is that of clip to mark, as a factor of amplitude.
  def finish_embed(
      self, spectrum: Tensor, plane: Tensor, scale: Tensor, shift: Tensor, samples: int, ratio: float) -> Tensor:
    mark = torch.abs(plane[0, 0, 0:self.band] * scale[0, 0] + shift[0, 0])
    magnitude = torch.abs(spectrum)
    level = torch.sqrt(torch.sum(mark * mark, [0], True) / magnitude.size(0))
    mark = mark / torch.clamp_min(level, 1.0000000000000001e-30) / ratio
    mark = mark * torch.sqrt(torch.mean(magnitude * magnitude))
    carrier = magnitude[0:self.band]
    kept = torch.clamp_min(carrier - mark, 0.) / torch.clamp_min(carrier, 1.0000000000000001e-30)
    torch.mul_(spectrum[0:self.band], kept)
    marked = torch.istft(spectrum, self.n_fft, self.hop, self.n_fft, self.window, True, False, True)
    return torch.contiguous(marked[0:samples])

  # samples (n) of power-normalised sound to the state of a pass through the message decoder
  def begin_look(self, samples: Tensor, reduced: bool) -> List[Tensor]:
    magnitude = torch.abs(self.spectrum(samples)[0:self.band])
    return self.pass_state("dec_m", self.message_layers, magnitude, reduced)

  # logits (message_dim, frames)
  def finish_look(self, plane: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    symbols = self.weights[torch.format("dec_m.{}.bn.weight", self.message_layers - 1)].size(0)
    x = torch.to(plane[:, 0:symbols], FLOAT32) * scale[:, 0:symbols] + shift[:, 0:symbols]
    y = torch.linear(torch.transpose(x, 2, 3), self.weights["dec_m.linear.weight"], self.weights["dec_m.linear.bias"])
    return torch.contiguous(y[0, :, :, 0])
