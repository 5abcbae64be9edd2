# The slow reference of the watermark program: every layer over the whole plane, as the formulas stand.
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

  def load(self, weights: Dict[str, Tensor], window: Tensor, n_fft: int, hop: int, band: int, encoder_layers: int, carrier_layers: int, message_layers: int, winograd: bool, reduced: int) -> None:
    self.weights = weights
    self.window = window
    self.n_fft = n_fft
    self.hop = hop
    self.band = band
    self.encoder_layers = encoder_layers
    self.carrier_layers = carrier_layers
    self.message_layers = message_layers

  # samples (n) to complex (frequencies, frames)
  def spectrum(self, samples: Tensor) -> Tensor:
    n = samples.size(0)
    x = torch.pad(samples, [0, self.n_fft - n % self.n_fft], "constant", 0.)
    return torch.stft(x, self.n_fft, self.hop, self.n_fft, self.window, True, "reflect", False, True, True)

  def gated(self, layer: str, x: Tensor) -> Tensor:
    weight = self.weights[layer + "conv.weight"]
    bias = self.weights[layer + "conv.bias"]
    gate_weight = self.weights[layer + "gate.weight"]
    gate_bias = self.weights[layer + "gate.bias"]
    reach = weight.size(2) // 2
    value = torch.conv2d(x, weight, bias, [1, 1], [reach, reach], [1, 1], 1)
    gate = torch.conv2d(x, gate_weight, gate_bias, [1, 1], [reach, reach], [1, 1], 1)
    out = torch.mul_(value, torch.sigmoid_(gate))
    variance, mean = torch.var_mean(out, [0, 2, 3], correction=0, keepdim=True)
    scale = torch.view(self.weights[layer + "bn.weight"], [1, -1, 1, 1]) / torch.sqrt(variance + 1.0000000000000001e-05)
    shift = torch.view(self.weights[layer + "bn.bias"], [1, -1, 1, 1]) - mean * scale
    return torch.add_(torch.mul_(out, scale), shift)

  # symbols (message_len) to a plane of one channel, silent above the band
  def message(self, symbols: Tensor, frequencies: int, frames: int) -> Tensor:
    turn = torch.remainder(torch.arange(frames, device=symbols.device), symbols.size(0))
    table = torch.t(self.weights["enc_c.linear.weight"]) + self.weights["enc_c.linear.bias"]
    rows = torch.index_select(table, 0, torch.index_select(symbols, 0, turn))
    plane = torch.pad(torch.t(rows), [0, 0, 0, frequencies - self.band], "constant", 0.)
    return torch.view(plane, [1, 1, frequencies, frames])

  # the shape of the mark for a magnitude plane (1, 1, frequencies, frames), not yet scaled
  def mark(self, carrier: Tensor, symbols: Tensor) -> Tensor:
    x = carrier
    for i in range(self.encoder_layers):
      x = self.gated(torch.format("enc_c.{}.", i), x)
    message = self.message(symbols, carrier.size(2), carrier.size(3))
    width = x.size(1)
    x = torch.cat([x, carrier.repeat([1, width, 1, 1]), message.repeat([1, width, 1, 1])], 1)
    for i in range(self.carrier_layers):
      x = self.gated(torch.format("dec_c.{}.", i), x)
    mark = torch.abs(x[0, 0])
    mark[self.band:] = torch.zeros([1, 1], dtype=6, device=mark.device)
    return mark

  # samples (n) of power-normalised sound, symbols (message_len) to marked samples (n); ratio is
  # that of clip to mark, as a factor of amplitude
  def embed(self, samples: Tensor, symbols: Tensor, ratio: float) -> Tensor:
    spectrum = self.spectrum(samples)
    magnitude = torch.abs(spectrum)
    mark = self.mark(torch.unsqueeze(torch.unsqueeze(magnitude, 0), 0), symbols)
    level = torch.sqrt(torch.mean(mark * mark, [0], True))
    mark = mark / torch.clamp_min(level, 1.0000000000000001e-30) / ratio
    mark = mark * torch.sqrt(torch.mean(magnitude * magnitude))
    kept = torch.clamp_min(magnitude - mark, 0.) / torch.clamp_min(magnitude, 1.0000000000000001e-30)
    marked = torch.istft(spectrum * kept, self.n_fft, self.hop, self.n_fft, self.window, True, False, True)
    return torch.contiguous(marked[0:samples.size(0)])

  # samples (n) of power-normalised sound to logits (message_dim, frames)
  def logits(self, samples: Tensor) -> Tensor:
    magnitude = torch.abs(self.spectrum(samples))[0:self.band]
    x = torch.unsqueeze(torch.unsqueeze(magnitude, 0), 0)
    for i in range(self.message_layers):
      x = self.gated(torch.format("dec_m.{}.", i), x)
    y = torch.linear(torch.transpose(x, 2, 3), self.weights["dec_m.linear.weight"], self.weights["dec_m.linear.bias"])
    return torch.contiguous(y[0, :, :, 0])
