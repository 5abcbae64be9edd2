# Causal convolutions by number. Activations are (time, clips, channels).
class Convolutions(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  taps : List[Tensor]
  # Strides of inputs that a kernel spans.
  spans : List[int]
  # Numbers in one stride of inputs.
  widths : List[int]
  biases : List[Tensor]
  strides : List[int]
  thin : List[bool]

  def count(self) -> int:
    return len(self.taps)

  # Sizes of the tails, from number `first` on; see conv.
  def tail_sizes(self, first: int) -> List[int]:
    return [(self.spans[i] - 1) * self.widths[i] for i in range(first, len(self.spans))]

  def add_conv(self, weights: Dict[str, Tensor], name: str, stride: int) -> None:
    self.add_taps(weights[name + ".weight"], weights[name + ".bias"], stride)

  # Weight (out, in, kernel) becomes (spans, stride in, out): one matrix for each stride of inputs
  # that the kernel spans, oldest first.
  def add_taps(self, weight: Tensor, bias: Tensor, stride: int) -> None:
    spans = weight.size(2) // stride
    taps = torch.reshape(torch.permute(weight, [2, 1, 0]), [spans, stride * weight.size(1), weight.size(0)])
    self.add_products(taps, bias, stride)

  # A transposed convolution whose kernel is twice its stride is a convolution over two inputs that
  # gives a stride of outputs at once. Weight (in, out, 2 stride) becomes (2, in, stride out).
  def add_upconv(self, weights: Dict[str, Tensor], name: str, stride: int) -> None:
    weight = weights[name + ".weight"]
    halves = torch.permute(torch.view(weight, [weight.size(0), weight.size(1), 2, stride]), [2, 0, 3, 1])
    taps = torch.reshape(torch.flip(halves, [0]), [2, weight.size(0), -1])
    self.add_products(taps, torch.repeat(weights[name + ".bias"], [stride]), 1)

  # A convolution with few outputs has many positions and hardly any weights: one product for each
  # span, added up, saves copying the windows. All others are one product over windows.
  def add_products(self, taps: Tensor, bias: Tensor, stride: int) -> None:
    self.spans.append(taps.size(0))
    self.widths.append(taps.size(1))
    self.strides.append(stride)
    self.biases.append(bias)
    thin = taps.size(0) > 1 and taps.size(1) >= 48 and taps.size(2) < 128
    self.thin.append(thin)
    if thin:
      self.taps.append(taps)
    else:
      matrix = torch.contiguous(torch.t(torch.flatten(taps, 0, 1)))
      self.taps.append(__torch__.mimi.linear.arrange(matrix))

  # tail: the inputs that the convolution still needs, kept from call to call.
  def conv(self, x: Tensor, at: int, tail: Tensor) -> Tensor:
    stride = self.strides[at]
    look_back = (self.spans[at] - 1) * stride
    if look_back > 0:
      x = __torch__.mimi.convolutions.join(x, tail, look_back)
    return self.products(x, at)

  # Zeros complete the last stride of a clip; only its last pass is not a multiple of the stride.
  def products(self, x: Tensor, at: int) -> Tensor:
    taps = self.taps[at]
    stride = self.strides[at]
    clips = x.size(1)
    if stride > 1:
      missing = (stride - x.size(0) % stride) % stride
      if missing > 0:
        x = torch.pad(x, [0, 0, 0, 0, 0, missing], "constant", 0.)
      x = torch.permute(torch.view(x, [-1, stride, clips, x.size(2)]), [0, 2, 1, 3])
    spans = self.spans[at]
    width = self.widths[at]
    n = x.size(0) - spans + 1
    rows = torch.reshape(x, [-1, width])
    if self.thin[at]:
      y = torch.addmm(self.biases[at], rows[0:n * clips], taps[0])
      for i in range(1, spans):
        torch.addmm_(y, rows[i * clips:(i + n) * clips], taps[i])
      return torch.view(y, [n, clips, -1])
    if spans > 1:
      windows = torch.as_strided(rows, [n, clips, spans, width], [clips * width, width, clips * width, 1])
      rows = torch.reshape(windows, [-1, spans * width])
    return torch.view(__torch__.mimi.linear.product(rows, taps, self.biases[at]), [n, clips, -1])

# The inputs to look back at, zeros at first, and then x. Keeps those that the next call looks back at in the tail.
def join(x: Tensor, tail: Tensor, look_back: int) -> Tensor:
  before = torch.transpose(torch.view(tail, [x.size(1), look_back, x.size(2)]), 0, 1)
  joined = torch.cat([before, x], 0)
  torch.copy_(before, joined[x.size(0):x.size(0) + look_back])
  return joined
