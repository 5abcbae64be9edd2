# Products with weights that have been arranged for the processor.

# On a CPU, products with few rows spend most of their time on rearranging weights, unless that has been done before. Small
# weights are not worth the longer call.
def arrange(weight: Tensor) -> Tensor:
  if weight.is_cpu and torch.numel(weight) >= 65536:
    return ops.mkldnn._reorder_linear_weight(weight, 16)
  return weight

# x: (.., in), weight: (out, in).
def product(x: Tensor, weight: Tensor, bias: Optional[Tensor]) -> Tensor:
  if weight.is_mkldnn:
    return ops.mkldnn._linear_pointwise(x, weight, bias, "none", annotate(List[Optional[number]], []), "")
  return torch.linear(x, weight, bias)
