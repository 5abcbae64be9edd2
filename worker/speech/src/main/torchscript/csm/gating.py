# What a gate does to numbers.

# w (2 width, in): gates, then up projections, of rows whose numbers have mean square 1 / in. Returns the mean squares (width) that
# are expected of silu(gate) * up, if gates and up projections are normally distributed and independent.
def mean_squares(w: Tensor) -> Tensor:
  variances = torch.square(torch.linalg_vector_norm(torch.to(w, FLOAT32), 2, [1])) / float(w.size(1))
  gate, up = torch.chunk(variances, 2, 0)
  # The middles of slices of the normal distribution that are equally probable.
  slices = 64
  probabilities = (torch.arange(slices, dtype=FLOAT32, device=w.device) + 0.5) / float(slices)
  normal = torch.erfinv(2. * probabilities - 1.) * 2. ** 0.5
  opened = torch.silu(torch.sqrt(torch.unsqueeze(gate, 1)) * normal)
  return torch.mean(opened * opened, [1]) * up
