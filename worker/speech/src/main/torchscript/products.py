# Products with 8-bit matrices w (out, in), a scale per row (out, 1). Each row of x (N, in) is rounded to as many levels by its
# own largest number as 32-bit sums can bear; then nothing is rounded before the scales. The slow, obvious twin of
# src/main/cpu, in doubles, which hold these sums exactly.
def linear8(x: Tensor, w: Tensor, scales: Tensor) -> Tensor:
  levels = float(min(32767, 2147483647 // (127 * torch.size(x, 1))))
  largest = torch.clamp_min(torch.amax(torch.abs(x), [1], True), 1e-30)
  rounded = torch.to(torch.round(x * (torch.full_like(largest, levels) / largest)), 7)
  sums = torch.mm(rounded, torch.t(torch.to(w, 7)))
  return torch.to(sums, 6) * (largest / levels * torch.t(scales))

def add_linear8(y: Tensor, x: Tensor, w: Tensor, scales: Tensor) -> None:
  torch.add_(y, __torch__.products.linear8(x, w, scales))
