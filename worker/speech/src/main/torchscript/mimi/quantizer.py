# Residual vector quantization: the semantic codebooks and the acoustic ones quantize the same input.
class Quantizer(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  # The first ones are semantic.
  codebooks : List[Tensor]
  semantic : int
  # All codebooks in one table, and where each begins.
  entries : Tensor
  entry_offsets : Tensor
  # Semantic, acoustic; empty if codebooks have the width of hidden states.
  input_projections : List[Tensor]
  # Both side by side; empty likewise.
  output_projection : List[Tensor]

  def load(self, weights: Dict[str, Tensor], codebooks: int, semantic: int) -> None:
    self.semantic = semantic
    tables = annotate(List[Tensor], [])
    for i in range(codebooks):
      name = torch.format("quantizer.semantic_residual_vector_quantizer.layers.{}.codebook.", i)
      if i >= semantic:
        name = torch.format("quantizer.acoustic_residual_vector_quantizer.layers.{}.codebook.", i - semantic)
      usage = torch.clamp(weights[name + "cluster_usage"], 1.0000000000000001e-05)
      tables.append(weights[name + "embed_sum"] / torch.unsqueeze(usage, 1))
    all = torch.stack(tables, 0)
    self.codebooks = torch.unbind(all, 0)
    self.entries = torch.flatten(all, 0, 1)
    self.entry_offsets = torch.arange(codebooks, dtype=INT64, device=all.device) * all.size(1)
    outputs = annotate(List[Tensor], [])
    for kind in ["semantic", "acoustic"]:
      name = torch.format("quantizer.{}_residual_vector_quantizer.", kind)
      if name + "input_proj.weight" in weights:
        self.input_projections.append(torch.squeeze(weights[name + "input_proj.weight"], 2))
        outputs.append(torch.squeeze(weights[name + "output_proj.weight"], 2))
    if len(outputs) > 0:
      self.output_projection = [torch.cat(outputs, 1)]

  # x (frames, 1, width) to codes, one (frames) per codebook. Each codebook quantizes what the ones before it left.
  def quantize(self, x: Tensor) -> List[Tensor]:
    codes = annotate(List[Tensor], [])
    residual = torch.transpose(x, 0, 1)
    for i in range(len(self.codebooks)):
      if i == 0 or i == self.semantic:
        residual = torch.transpose(x, 0, 1)
        if len(self.input_projections) > 0:
          residual = torch.linear(residual, self.input_projections[min(i, 1)])
      table = self.codebooks[i]
      distances = torch.cdist(residual, torch.unsqueeze(table, 0), 2., None)
      code = torch.argmin(torch.squeeze(distances, 0), 1)
      residual = residual - torch.embedding(table, torch.unsqueeze(code, 0))
      codes.append(code)
    return codes

  # Codes (clips, codebooks, n) to the sums of their entries: (n, clips, width).
  def dequantize(self, codes: Tensor) -> Tensor:
    named = torch.embedding(self.entries, torch.permute(codes, [2, 0, 1]) + self.entry_offsets)
    semantic = torch.sum(named[:, :, 0:self.semantic], [2])
    acoustic = torch.sum(named[:, :, self.semantic:named.size(2)], [2])
    if len(self.output_projection) == 0:
      return semantic + acoustic
    return torch.linear(torch.cat([semantic, acoustic], 2), self.output_projection[0])
