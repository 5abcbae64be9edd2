# SilentCipher's networks and transforms (Singh et al., 2024), fp32; looks for a mark may have a lower precision.
#
# Batch normalisation always uses the statistics of the clip itself, over all frequencies and frames.
# So every layer needs the whole plane of the one before, above the band as well: only what follows
# the last layer's statistics is confined to the band.
#
# One plane holds one layer after another. A layer goes over it in blocks of frequencies that stay in
# the cache, adds up its statistics on the way, and writes its outputs over its inputs; the one row
# that the next block still needs is kept aside. watermark/gated.py computes the blocks. A pass is a sequence of calls: begin, steps of some
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
  nnpack : bool
  reduced : int
  # By network: the maximum number of channels of its layers, and how many frequencies its filters reach to either side.
  width : Dict[str, int]
  reach : Dict[str, int]

  # nnpack: whether to use NNPACK's convolution where it is there
  # reduced: the type of reduced looks
  def load(
      self, weights: Dict[str, Tensor], window: Tensor, n_fft: int, hop: int, band: int, encoder_layers: int,
      carrier_layers: int, message_layers: int, nnpack: bool, reduced: int) -> None:
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
    self.nnpack = torch._nnpack_available() and window.is_cpu and nnpack
    width = self.weights["dec_c.0.conv.weight"].size(1) // 3
    self.fold("dec_c.0.conv.weight", width)
    self.fold("dec_c.0.gate.weight", width)
    self.prepare("enc_c", encoder_layers, False)
    self.prepare("dec_c", carrier_layers, False)
    self.prepare("dec_m", message_layers, True)

  # The reference repeats carrier and message as often as the encoder has channels. Filters over
  # equal channels add up, so one channel with the summed filter does the same.
  def fold(self, name: str, width: int) -> None:
    w = self.weights[name]
    carrier = torch.sum(w[:, width:2 * width], [1], True)
    message = torch.sum(w[:, 2 * width:3 * width], [1], True)
    self.weights[name] = torch.cat([w[:, 0:width], carrier, message], 1)

  # Prepares the layers of a network, and notes how wide they are.
  def prepare(self, network: str, layers: int, looks: bool) -> None:
    width = 1
    reach = 1
    for i in range(layers):
      layer = network + torch.format(".{}.", i)
      weight = self.weights[layer + "conv.weight"]
      width = max(width, max(weight.size(0), weight.size(1)))
      reach = max(reach, weight.size(2) // 2)
      __torch__.watermark.gated.prepare(self.weights, layer, self.reduced, looks)
    self.width[network] = width
    self.reach[network] = reach

  # samples (n) to complex (frequencies, frames)
  def spectrum(self, samples: Tensor) -> Tensor:
    n = samples.size(0)
    x = torch.pad(samples, [0, self.n_fft - n % self.n_fft], "constant", 0.)
    return torch.stft(x, self.n_fft, self.hop, self.n_fft, self.window, True, "reflect", False, True, True)

  # What a pass keeps from step to step: the plane, with magnitudes (frequencies, frames) as its first channel; the rows
  # above the next block (1, channels, reach, frames); the rough means, subtracted before summing (1, channels, 1, 1); sums and
  # sums of squares (2, channels); scale and shift of the plane's channels (1, channels, 1, 1). All have the width of the layer
  # with the maximum number of channels, or more.
  def pass_state(self, network: str, magnitude: Tensor, reduced: bool) -> List[Tensor]:
    frequencies = magnitude.size(0)
    frames = magnitude.size(1)
    width = self.width[network]
    plane = __torch__.watermark.gated.plane(width, frequencies, frames, self.reduced, reduced, magnitude)
    above = __torch__.watermark.gated.plane(width, self.reach[network], frames, self.reduced, reduced, magnitude)
    plane[0, 0] = magnitude
    channels = plane.size(1)
    centre = torch.zeros([1, channels, 1, 1], dtype=plane.dtype, device=plane.device)
    sums = torch.zeros([2, channels], dtype=FLOAT64, device=plane.device)
    scale = torch.ones([1, channels, 1, 1], dtype=FLOAT32, device=plane.device)
    shift = torch.zeros([1, channels, 1, 1], dtype=FLOAT32, device=plane.device)
    return [plane, above, centre, sums, scale, shift]

  # One step of a layer: the frequencies from start to stop. Reads the first channels of the plane, normalised by scale and
  # shift, and writes the layer's outputs over them. The last step of a layer, the one that stops at the last frequency, sets
  # scale and shift for the outputs.
  def rows(
      self, layer: str, plane: Tensor, above: Tensor, centre: Tensor, sums: Tensor, scale: Tensor, shift: Tensor,
      start: int, stop: int, height: int, reduced: bool) -> None:
    if start == 0:
      torch.zero_(above)
      torch.zero_(sums)
    __torch__.watermark.gated.rows(
        self.weights, layer, plane, above, centre, sums, scale, shift, start, stop, height, self.nnpack, reduced)
    positions = plane.size(2) * plane.size(3)
    if stop == plane.size(2):
      factor = self.weights[layer + "bn.weight"]
      outputs = factor.size(0)
      mean = sums[0, 0:outputs] / positions
      variance = sums[1, 0:outputs] / positions - mean * mean
      factor = factor / torch.sqrt(variance + 1.0000000000000001e-05)
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
    return [spectrum] + self.pass_state("dec_c", torch.abs(spectrum), False)

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
    return self.pass_state("dec_m", magnitude, reduced)

  # logits (message_dim, frames)
  def finish_look(self, plane: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    symbols = self.weights[torch.format("dec_m.{}.bn.weight", self.message_layers - 1)].size(0)
    x = torch.to(plane[:, 0:symbols], FLOAT32) * scale[:, 0:symbols] + shift[:, 0:symbols]
    y = torch.linear(torch.transpose(x, 2, 3), self.weights["dec_m.linear.weight"], self.weights["dec_m.linear.bias"])
    return torch.contiguous(y[0, :, :, 0])
