# RMSNorm is x / sqrt(mean(x^2) + eps) * weight = x / |x, tail| * sqrt(width) weight, where |tail|^2 = width eps.
# So each row that is normalized is followed by such an eps tail in memory: see append_eps.

# x: (N, width), with eps tails. The weight and sqrt(width) are left out, see scaled_norm_weight.
def norm(x: Tensor) -> Tensor:
  rows, width = torch.size(x)
  x_eps = torch.as_strided(x, [rows, width + EPS_TAIL], torch.stride(x))
  size = torch.linalg_vector_norm(x_eps, 2, [-1], True, dtype=FLOAT32)
  if x.dtype == FLOAT32:
    return x / size
  # Divided in 32 bit and rounded once.
  return torch.div(x, size, out=torch.empty_like(x))

def scaled_norm_weight(weight: Tensor, dtype: int) -> Tensor:
  return torch.to(torch.to(weight, FLOAT32) * float(weight.size(0)) ** 0.5, dtype)

# (1, EPS_TAIL), so that rows stay aligned. The second number compensates the rounding of the first.
def eps_tail(weight: Tensor, eps: float, dtype: int) -> Tensor:
  square = float(weight.size(0)) * eps
  first = torch.to(torch.full([1, 1], 0.98 * square ** 0.5, dtype=FLOAT64, device=weight.device), dtype)
  second = torch.to(torch.sqrt(square - torch.square(torch.to(first, FLOAT64))), dtype)
  return torch.cat([first, second, torch.zeros([1, EPS_TAIL - 2], dtype=dtype, device=weight.device)], 1)

# A copy of x (N, width) whose rows are followed by the eps tail in memory.
def append_eps(x: Tensor, tail: Tensor) -> Tensor:
  return torch.narrow(torch.cat([x, tail.expand(x.size(0), -1)], 1), 1, 0, x.size(1))
