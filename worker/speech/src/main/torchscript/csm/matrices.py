# The matrices of the model by number, each with a storage and the kernels that multiply by it. The names of storages and
# kernels are those of MatrixStorage and MatrixKernel in Java.
class Matrices(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  # The type of activations.
  dtype : int
  # By number: the numbers as `storage` says, and the scales that are apart from them; empty where `packed` has them.
  weights : List[Tensor]
  scales : List[Tensor]
  packed : List[__torch__.torch.classes.quantized.LinearPackedParamsBase]
  packed_at : List[int]
  # Per matrix the kernels for 1 row, for a few rows, and for MANY_ROWS or more.
  kernels : List[int]
  # The quantized value of a row's maximum, for STORAGE_PACKED_INT8.
  packed_qmax : int
  # What the latest matrix of gates and up projections makes of a normalized row: the mean squares, for STORAGE_CPU_INT4.
  gated_squares : Tensor

  def open(self, dtype: int) -> None:
    self.dtype = dtype

  def count(self) -> int:
    return len(self.weights)

  # w: (out, in). plan: the storage, then the kernels, as in `kernels`.
  def add_matrix(self, w: Tensor, plan: List[int]) -> None:
    storage = plan[0]
    # With AVX-512, libtorch's kernel reads beyond the end of a row of another width.
    if storage == STORAGE_PLAIN_INT8:
      assert w.size(1) % PLAIN_INT8_BLOCK == 0, torch.format("plain int8 needs a multiple of {} inputs", PLAIN_INT8_BLOCK)
    self.packed_at.append(len(self.packed))
    scales = w
    if storage == STORAGE_PLAIN:
      # mm takes the transposed view; nothing is copied.
      self.weights.append(torch.t(torch.contiguous(torch.to(w, self.dtype))))
    elif storage == STORAGE_PACKED_FLOAT16:
      self.packed.append(ops.quantized.linear_prepack_fp16(torch.to(w, FLOAT32), None))
      self.weights.append(torch.empty([0], dtype=FLOAT32))
    elif storage == STORAGE_PLAIN_FLOAT16:
      self.weights.append(torch.t(torch.to(w, FLOAT16)))
    elif storage == STORAGE_CPU_INT4:
      inputs = w.size(1)
      known = self.gated_squares.size(0) == inputs
      importance = self.gated_squares if known else torch.ones([inputs], dtype=FLOAT32)
      self.weights.append(__torch__.cpu.pack_int4(torch.contiguous(torch.to(w, FLOAT32)), importance))
    else:
      w = torch.to(w, FLOAT32)
      qmax = self.packed_qmax if storage == STORAGE_PACKED_INT8 else INT8_MAX
      scales = torch.clamp_min(torch.amax(torch.abs(w), [1]), MIN_MAGNITUDE) / float(qmax)
      if storage == STORAGE_PACKED_INT8:
        zeros = torch.zeros_like(scales, dtype=INT64)
        quantized = torch.quantize_per_channel(w, torch.to(scales, FLOAT64), zeros, 0, QINT8)
        self.packed.append(ops.quantized.linear_prepack(quantized, None))
        self.weights.append(torch.empty([0], dtype=FLOAT32))
      else:
        by_row = torch.unsqueeze(scales, 1)
        numbers = torch.contiguous(torch.to(torch.round_(w / by_row), INT8))
        self.weights.append(__torch__.cpu.pack_int8(numbers, by_row) if storage == STORAGE_CPU_INT8 else numbers)
    if storage == STORAGE_PLAIN_INT8:
      self.scales.append(torch.to(scales, BFLOAT16))
    else:
      self.scales.append(torch.empty([0], dtype=FLOAT32))
    self.kernels.extend(plan[1:1 + ROW_RANGES])

  # w: (out, in), changed in place: the weight of the norm before it is folded into it.
  def add_norm_matrix(self, w: Tensor, norm: Tensor, plan: List[int]) -> None:
    torch.mul_(w, norm * float(norm.size(0)) ** 0.5)
    # Every input has the same mean square after the norm.
    self.gated_squares = torch.empty([0], dtype=FLOAT32)
    self.add_matrix(w, plan)
    if plan[0] == STORAGE_CPU_INT4:
      self.gated_squares = __torch__.csm.gating.mean_squares(w)

  # Matrix i as it is held: the numbers, (out, in) where a transposed view of them is held, and the scales if there are any.
  def stored(self, i: int, transposed: bool) -> List[Tensor]:
    w = self.weights[i]
    parts = [torch.t(w) if transposed else w]
    if torch.numel(self.scales[i]) > 0:
      parts.append(self.scales[i])
    return parts

  # Adds a matrix from what `stored` returned. Zeros are multiplied by it, so that numbers of another size fail here.
  def add_stored(self, parts: List[Tensor], transposed: bool, outputs: int, inputs: int, plan: List[int]) -> None:
    self.packed_at.append(len(self.packed))
    self.weights.append(torch.t(parts[0]) if transposed else parts[0])
    self.scales.append(parts[1] if len(parts) > 1 else torch.empty([0], dtype=FLOAT32))
    self.kernels.extend(plan[1:1 + ROW_RANGES])
    y = self.product(torch.zeros([1, inputs], dtype=self.dtype), len(self.weights) - 1)
    assert y.size(1) == outputs, torch.format("a matrix has {} outputs, not {}", y.size(1), outputs)

  # Removes the last matrix, which was added for a trial.
  def drop_matrix(self) -> None:
    if self.packed_at.pop() < len(self.packed):
      self.packed.pop()
    self.weights.pop()
    self.scales.pop()
    for i in range(ROW_RANGES):
      self.kernels.pop()

  # Processors without 8-bit dot products add two products in 16 bit. That saturates unless one side uses 7 bit:
  # (2 * 127 + 1) * 64 * 2 < 2^15. A product of maximum values shows it. The weights give up the bit, because the
  # input has outliers.
  def set_packed_qmax(self) -> None:
    self.packed_qmax = INT8_MAX
    x = torch.ones([1, 64], dtype=FLOAT32)
    kernel = KERNEL_PACKED_INT8
    self.add_matrix(torch.ones([64, 64], dtype=FLOAT32), [STORAGE_PACKED_INT8, kernel, kernel, kernel])
    y = self.product(x, len(self.weights) - 1)
    self.drop_matrix()
    if float(torch.amax(torch.abs(y - 64.))) > 0.64:
      self.packed_qmax = 64

  # The kernel for `rows` rows of matrix i; see product.
  def kernel(self, i: int, rows: int) -> int:
    return self.kernels[ROW_RANGES * i + (0 if rows == 1 else (1 if rows < MANY_ROWS else 2))]

  # Whether the `count` matrices from i on use the CPU operator for packed ones.
  def use_cpu_packed(self, i: int, count: int, rows: int) -> bool:
    for at in range(i, i + count):
      kernel = self.kernel(at, rows)
      if kernel != KERNEL_CPU_INT8 and kernel != KERNEL_CPU_INT4:
        return False
    return True

  def is_cpu_packed(self, kernel: int) -> bool:
    return kernel == KERNEL_CPU_INT8 or kernel == KERNEL_CPU_INT4

  # x (N, in) times matrix i.
  def product(self, x: Tensor, i: int) -> Tensor:
    rows = x.size(0)
    kernel = self.kernel(i, rows)
    if kernel == KERNEL_MM:
      return torch.mm(x, self.weights[i])
    if kernel == KERNEL_MM_TRANSPOSED:
      return torch.t(torch.mm(torch.t(self.weights[i]), torch.t(x)))
    if kernel == KERNEL_PACKED_FLOAT16:
      return ops.quantized.linear_dynamic_fp16(x, self.packed[self.packed_at[i]])
    if kernel == KERNEL_PACKED_INT8:
      if rows > 1:
        y, largest = self.quantized_product(x, i)
        return torch.mul_(y, largest)
      step = (float(torch.amax(torch.abs(x))) + MIN_MAGNITUDE) / float(INT8_MAX)
      packed = self.packed[self.packed_at[i]]
      return ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32(x, step, INT8_MAX + 1, packed)
    if kernel == KERNEL_PLAIN_FLOAT16:
      return torch.to(torch.mm(torch.to(x, FLOAT16), self.weights[i]), FLOAT32)
    if self.is_cpu_packed(kernel):
      return __torch__.cpu.linear_packed(x, self.weights[i])
    if kernel == KERNEL_CPU_FLOAT32:
      return __torch__.cpu.linear_float32(x, self.weights[i])
    return torch.to(torch._weight_int8pack_mm(torch.to(x, BFLOAT16), self.weights[i], self.scales[i]), FLOAT32)

  # KERNEL_PACKED_INT8 quantizes the input too. libtorch uses one range for all rows, so a row would depend on its neighbours;
  # here each row is scaled to -1..1 first. Returns the product and the row maxima (N, 1) it must be multiplied by.
  def quantized_product(self, x: Tensor, i: int) -> Tuple[Tensor, Tensor]:
    largest = torch.clamp_min_(torch.amax(torch.abs(x), [-1], True), MIN_MAGNITUDE)
    packed = self.packed[self.packed_at[i]]
    step = 1. / float(INT8_MAX)
    return (ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32(x / largest, step, INT8_MAX + 1, packed), largest)

  # Adds y (N, in) times matrix i to x (N, out); fused where the kernel supports it.
  def add_product(self, x: Tensor, y: Tensor, i: int) -> None:
    rows = x.size(0)
    kernel = self.kernel(i, rows)
    if kernel == KERNEL_MM:
      torch.addmm_(x, y, self.weights[i])
    elif kernel == KERNEL_MM_TRANSPOSED:
      torch.addmm_(torch.t(x), torch.t(self.weights[i]), torch.t(y))
    elif kernel == KERNEL_PACKED_INT8 and rows > 1:
      product, largest = self.quantized_product(y, i)
      torch.addcmul_(x, product, largest)
    else:
      torch.add_(x, self.product(y, i))

  # norm(x) times matrix i; fused where the kernel supports it.
  def norm_product(self, x: Tensor, i: int) -> Tensor:
    if self.is_cpu_packed(self.kernel(i, x.size(0))):
      return __torch__.cpu.norm_linear_packed(x, self.weights[i])
    return self.product(__torch__.csm.norm.norm(x), i)

  # Adds silu(gate) * up times matrix i to x. gate_up: (N, 2 in).
  def add_silu_mul_product(self, x: Tensor, gate_up: Tensor, i: int) -> None:
    rows, width = torch.size(gate_up)
    down, along = torch.stride(gate_up)
    gate = torch.as_strided(gate_up, [rows, width // 2], [down, along], 0)
    up = torch.as_strided(gate_up, [rows, width // 2], [down, along], width // 2 * along)
    self.add_product(x, torch.mul(torch.silu_(gate), up), i)
