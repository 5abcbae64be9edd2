# SilentCipher's networks and transforms (Singh et al., 2024), fp32.
#
# Batch normalisation always uses the statistics of the clip itself, over all frequencies and frames.
# So every layer needs the whole plane of the one before, above the band as well: only what follows
# the last layer's statistics is confined to the band.
#
# One plane holds one layer after another. A layer goes over it in blocks of frequencies that stay in
# the cache, adds up its statistics on the way, and writes its outputs over its inputs; the one row
# that the next block still needs is kept aside. What lies in the plane is not yet normalised: the
# next layer multiplies by scale and adds shift when it reads.
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
  block : int
  winograd : bool

  # block: positions of a plane, frequencies times frames, that a layer works on at once
  # winograd: whether to use NNPACK's convolution where it is there
  def load(
      self, weights: Dict[str, Tensor], window: Tensor, n_fft: int, hop: int, band: int, encoder_layers: int,
      carrier_layers: int, message_layers: int, block: int, winograd: bool) -> None:
    self.weights = weights
    self.window = window
    self.n_fft = n_fft
    self.hop = hop
    self.band = band
    self.encoder_layers = encoder_layers
    self.carrier_layers = carrier_layers
    self.message_layers = message_layers
    self.block = block
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
      self.join(torch.format("dec_m.{}.", i))

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
  def convolve(self, layer: str, rows: Tensor) -> Tensor:
    weight = self.weights[layer + "weight"]
    bias = self.weights[layer + "bias"]
    reach = weight.size(2) // 2
    if self.winograd and weight.size(2) == 3 and weight.size(1) >= 8:
      return torch._nnpack_spatial_convolution(rows, weight, bias, [0, reach], [1, 1])
    # The last switch keeps cuDNN from rounding the inputs to 10 bits (TF32), which conv2d would let it do.
    return torch._convolution(rows, weight, bias, [1, 1], [0, reach], [1, 1], False, [0, 0], 1, False, False, True, False)

  # Reads the first channels of the plane, normalised by scale and shift (1, in, 1, 1), and writes
  # the layer's outputs over them. Returns scale and shift (1, out, 1, 1) of the outputs.
  def gated(self, layer: str, plane: Tensor, scale: Tensor, shift: Tensor) -> Tuple[Tensor, Tensor]:
    weight = self.weights[layer + "weight"]
    inputs = weight.size(1)
    outputs = weight.size(0) // 2
    reach = weight.size(2) // 2
    frequencies = plane.size(2)
    frames = plane.size(3)
    height = max(self.block // frames // 6, 1) * 6
    above = torch.zeros([1, inputs, reach, frames], dtype=FLOAT32, device=plane.device)
    centre = torch.zeros([1, outputs, 1, 1], dtype=FLOAT32, device=plane.device)
    total = torch.zeros([outputs], dtype=FLOAT64, device=plane.device)
    squares = torch.zeros([outputs], dtype=FLOAT64, device=plane.device)
    start = 0
    while start < frequencies:
      stop = min(start + height, frequencies)
      below = min(stop + reach, frequencies)
      rows = torch.empty([1, inputs, stop - start + 2 * reach, frames], dtype=FLOAT32, device=plane.device)
      rows[:, :, 0:reach] = above
      inside = rows[:, :, reach:reach + below - start]
      torch.add_(torch.mul(plane[:, 0:inputs, start:below], scale, out=inside), shift)
      rows[:, :, reach + below - start:] = torch.zeros([1, 1, 1, 1], dtype=FLOAT32, device=plane.device)
      above = torch.clone(rows[:, :, stop - start:stop - start + reach])
      value_gate = self.convolve(layer, rows)
      value = value_gate[:, 0:outputs]
      gate = torch.sigmoid_(value_gate[:, outputs:])
      # Sums of squares lose digits where the mean is large, so a rough mean is taken off first.
      if start == 0:
        centre = torch.neg(torch.mean(value * gate, [0, 2, 3], True))
      out = torch.addcmul(centre, value, gate, out=plane[:, 0:outputs, start:stop])
      total = total + torch.sum(out, [0, 2, 3])
      squares = squares + torch.sum(torch.square(out), [0, 2, 3])
      start = stop
    mean = total / (frequencies * frames)
    variance = squares / (frequencies * frames) - mean * mean
    factor = self.weights[layer + "bn.weight"] / torch.sqrt(variance + 1.0000000000000001e-05)
    offset = self.weights[layer + "bn.bias"] - mean * factor
    return torch.view(torch.to(factor, FLOAT32), [1, -1, 1, 1]), torch.view(torch.to(offset, FLOAT32), [1, -1, 1, 1])

  # symbols (message_len) to (band, frames)
  def message(self, symbols: Tensor, frames: int) -> Tensor:
    order = torch.remainder(torch.arange(frames, device=symbols.device), symbols.size(0))
    table = torch.t(self.weights["enc_c.linear.weight"]) + self.weights["enc_c.linear.bias"]
    return torch.t(torch.index_select(table, 0, torch.index_select(symbols, 0, order)))

  # Of the largest number of channels of a layer.
  def plane(self, network: str, layers: int, magnitude: Tensor) -> Tensor:
    width = 1
    for i in range(layers):
      weight = self.weights[network + torch.format(".{}.weight", i)]
      width = max(width, max(weight.size(1), weight.size(0) // 2))
    return torch.empty([1, width, magnitude.size(0), magnitude.size(1)], dtype=FLOAT32, device=magnitude.device)

  # the shape of the mark (band, frames) for magnitudes (frequencies, frames), not yet scaled
  def mark(self, magnitude: Tensor, symbols: Tensor) -> Tensor:
    plane = self.plane("dec_c", self.carrier_layers, magnitude)
    one = torch.ones([1, 1, 1, 1], dtype=FLOAT32, device=plane.device)
    zero = torch.zeros([1, 1, 1, 1], dtype=FLOAT32, device=plane.device)
    scale = one
    shift = zero
    plane[0, 0] = magnitude
    for i in range(self.encoder_layers):
      scale, shift = self.gated(torch.format("enc_c.{}.", i), plane, scale, shift)
    width = scale.size(1)
    plane[0, width] = magnitude
    plane[0, width + 1, 0:self.band] = self.message(symbols, magnitude.size(1))
    plane[0, width + 1, self.band:] = zero[0, 0]
    scale = torch.cat([scale, one, one], 1)
    shift = torch.cat([shift, zero, zero], 1)
    for i in range(self.carrier_layers):
      scale, shift = self.gated(torch.format("dec_c.{}.", i), plane, scale, shift)
    return torch.abs(plane[0, 0, 0:self.band] * scale[0, 0] + shift[0, 0])

  # samples (n) of power-normalised sound, symbols (message_len) to marked samples (n); ratio is
  # that of clip to mark, as a factor of amplitude
  def embed(self, samples: Tensor, symbols: Tensor, ratio: float) -> Tensor:
    spectrum = self.spectrum(samples)
    magnitude = torch.abs(spectrum)
    mark = self.mark(magnitude, symbols)
    level = torch.sqrt(torch.sum(mark * mark, [0], True) / magnitude.size(0))
    mark = mark / torch.clamp_min(level, 1.0000000000000001e-30) / ratio
    mark = mark * torch.sqrt(torch.mean(magnitude * magnitude))
    carrier = magnitude[0:self.band]
    kept = torch.clamp_min(carrier - mark, 0.) / torch.clamp_min(carrier, 1.0000000000000001e-30)
    torch.mul_(spectrum[0:self.band], kept)
    marked = torch.istft(spectrum, self.n_fft, self.hop, self.n_fft, self.window, True, False, True)
    return torch.contiguous(marked[0:samples.size(0)])

  # samples (n) of power-normalised sound to logits (message_dim, frames)
  def logits(self, samples: Tensor) -> Tensor:
    magnitude = torch.abs(self.spectrum(samples)[0:self.band])
    plane = self.plane("dec_m", self.message_layers, magnitude)
    scale = torch.ones([1, 1, 1, 1], dtype=FLOAT32, device=plane.device)
    shift = torch.zeros([1, 1, 1, 1], dtype=FLOAT32, device=plane.device)
    plane[0, 0] = magnitude
    for i in range(self.message_layers):
      scale, shift = self.gated(torch.format("dec_m.{}.", i), plane, scale, shift)
    x = plane[:, 0:scale.size(1)] * scale + shift
    y = torch.linear(torch.transpose(x, 2, 3), self.weights["dec_m.linear.weight"], self.weights["dec_m.linear.bias"])
    return torch.contiguous(y[0, :, :, 0])
