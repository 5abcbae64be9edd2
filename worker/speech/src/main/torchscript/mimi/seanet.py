# SEANet: samples to hidden states and back (arXiv:2410.00037, section 3.3.1).
class Seanet(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  # The decoder's first, then the encoder's.
  convolutions : __torch__.mimi.convolutions.Convolutions
  ratios : List[int]
  decoder_tails : List[int]
  encoder_tails : List[int]

  def load(self, weights: Dict[str, Tensor], ratios: List[int]) -> None:
    self.ratios = ratios
    self.add_decoder(weights)
    self.add_encoder(weights)

  def add_decoder(self, weights: Dict[str, Tensor]) -> None:
    self.convolutions.add_conv(weights, "decoder.layers.0.conv", 1)
    layer = 2
    for ratio in self.ratios:
      self.convolutions.add_upconv(weights, torch.format("decoder.layers.{}.conv", layer), ratio)
      self.convolutions.add_conv(weights, torch.format("decoder.layers.{}.block.1.conv", layer + 1), 1)
      self.convolutions.add_conv(weights, torch.format("decoder.layers.{}.block.3.conv", layer + 1), 1)
      layer = layer + 3
    self.convolutions.add_conv(weights, torch.format("decoder.layers.{}.conv", layer), 1)
    self.decoder_tails = self.convolutions.tail_sizes(0)

  def add_encoder(self, weights: Dict[str, Tensor]) -> None:
    first = self.convolutions.count()
    self.convolutions.add_conv(weights, "encoder.layers.0.conv", 1)
    layer = 1
    for i in range(len(self.ratios)):
      ratio = self.ratios[len(self.ratios) - 1 - i]
      self.convolutions.add_conv(weights, torch.format("encoder.layers.{}.block.1.conv", layer), 1)
      self.convolutions.add_conv(weights, torch.format("encoder.layers.{}.block.3.conv", layer), 1)
      self.convolutions.add_conv(weights, torch.format("encoder.layers.{}.conv", layer + 2), ratio)
      layer = layer + 3
    self.convolutions.add_conv(weights, torch.format("encoder.layers.{}.conv", layer + 1), 1)
    self.encoder_tails = self.convolutions.tail_sizes(first)

  def seanet_encoder(self, x: Tensor, tails: List[Tensor]) -> Tensor:
    first = len(self.decoder_tails)
    x = self.convolutions.conv(x, first, tails[0])
    at = 1
    for i in range(len(self.ratios)):
      x = self.residual_block(x, first + at, tails[at])
      x = self.convolutions.conv(torch.elu_(x), first + at + 2, tails[at + 2])
      at = at + 3
    return self.convolutions.conv(torch.elu_(x), first + at, tails[at])

  def seanet_decoder(self, x: Tensor, tails: List[Tensor]) -> Tensor:
    x = self.convolutions.conv(x, 0, tails[0])
    at = 1
    for ratio in self.ratios:
      x = self.convolutions.conv(torch.elu_(x), at, tails[at])
      x = torch.permute(torch.view(x, [x.size(0), x.size(1), ratio, -1]), [0, 2, 1, 3])
      x = torch.flatten(x, 0, 1)
      x = self.residual_block(x, at + 1, tails[at + 1])
      at = at + 3
    return self.convolutions.conv(torch.elu_(x), at, tails[at])

  # Its second convolution spans one input and has no tail.
  def residual_block(self, x: Tensor, at: int, tail: Tensor) -> Tensor:
    y = self.convolutions.conv(torch.elu(x), at, tail)
    return torch.add_(self.convolutions.conv(torch.elu_(y), at + 1, tail), x)
