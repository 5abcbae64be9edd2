# Lets a test call the products of csm/matrices.py by themselves.
class Products(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  matrices : __torch__.csm.matrices.Matrices

  def open(self) -> None:
    self.matrices.open(FLOAT32)
    self.matrices.set_packed_qmax()

  def add_matrix(self, w: Tensor, plan: List[int]) -> None:
    self.matrices.add_matrix(w, plan)

  def add_norm_matrix(self, w: Tensor, norm: Tensor, plan: List[int]) -> None:
    self.matrices.add_norm_matrix(w, norm, plan)

  def drop_matrix(self) -> None:
    self.matrices.drop_matrix()

  def product(self, x: Tensor, i: int) -> Tensor:
    return self.matrices.product(x, i)

  def norm_product(self, x: Tensor, i: int) -> Tensor:
    return self.matrices.norm_product(x, i)

  def add_product(self, x: Tensor, y: Tensor, i: int) -> None:
    self.matrices.add_product(x, y, i)

  def add_silu_mul_product(self, x: Tensor, gate_up: Tensor, i: int) -> None:
    self.matrices.add_silu_mul_product(x, gate_up, i)
