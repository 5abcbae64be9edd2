/**
 * libtorch, reached through DJL: engine start, TorchScript programs, ownership of native memory.
 *
 * <h2>How to write a program</h2>
 *
 * <p>A program is one file {@code src/main/torchscript/NAME.py} with one class, written in the
 * dialect TorchScript serialises to. {@link dev.utter.speech.torch.TorchProgram} compiles it when
 * it is loaded; there is no Python at run time.
 *
 * <pre>{@code
 * class Scaler(Module):
 *   __parameters__ = []
 *   __buffers__ = []
 *   training : bool
 *   weights : Dict[str, Tensor]
 *
 *   def load(self, weights: Dict[str, Tensor]) -> None:
 *     self.weights = weights
 *
 *   def apply(self, x: Tensor, n: int) -> Tensor:
 *     for i in range(n):
 *       x = torch.linear(x, self.weights["w"])
 *     return x
 * }</pre>
 *
 * <ul>
 *   <li>Indent by two spaces. Attributes stand before the first method, one a line, {@code name :
 *       type}; {@code training : bool} is compulsory. They start out empty (false, 0, "", empty
 *       list, dict or tensor, None): give them their values in a method that Java calls after
 *       loading.
 *   <li>Every signature is fully typed: {@code Tensor}, {@code int}, {@code float}, {@code bool},
 *       {@code str}, {@code List[..]}, {@code Dict[str, ..]}, {@code Optional[..]}, {@code
 *       Tuple[..]}; a method without result is {@code -> None}.
 *   <li>{@code torch.NAME} is an operator, not the Python function: its schema's names and orders
 *       hold. Functions of {@code torch.nn.functional} are operators too: {@code torch.linear},
 *       {@code torch.conv1d(x, w, b, [stride], [padding], [dilation], groups)}, {@code
 *       torch.conv_transpose1d(x, w, b, [stride], [padding], [output padding], groups,
 *       [dilation])}, {@code torch.layer_norm(x, [n], w, b, eps)}, {@code torch.gelu}, {@code
 *       torch.elu}, {@code torch.silu}, {@code torch.pad(x, [left, right], "constant", 0.)}, {@code
 *       torch.scaled_dot_product_attention}, {@code torch.stft(..., return_complex=True)}.
 *   <li>Names in capitals stand for numbers and are replaced before compilation: the types of
 *       tensors, as in {@code torch.to(x, FLOAT32)} (see {@link TensorType}), and the constants
 *       given to {@link TorchProgram#load}. An unknown name is refused. {@code torch.float32} does
 *       not exist here.
 *   <li>An empty list needs its type: {@code annotate(List[Tensor], [])}. Strings join with {@code
 *       +} or {@code torch.format("layers.{}.{}", i, c)}.
 *   <li>Helpers are methods of the class, called as {@code self.helper(x)}. Loops, {@code if},
 *       early {@code return}, {@code break}, slices {@code x[:, 0:2]}, assignments to slices, list
 *       comprehensions and {@code assert} work as in Python; comments are allowed.
 *   <li>A tensor made from a Java array or buffer borrows its memory. Clone what an attribute keeps
 *       ({@code self.table = torch.clone(x)}, or {@code duplicate()} in Java).
 *   <li>Methods without assignments to attributes may run on several threads at once.
 *   <li>New tensors go to the device of the inputs: {@code torch.zeros([n], dtype=FLOAT32,
 *       device=x.device)}.
 * </ul>
 *
 * <h2>Custom operators</h2>
 *
 * <p>{@code src/main/cpp/cpu} has C++ for the operations that dominate a frame step on a CPU:
 * products with 8-bit matrices, decode attention, whole layers. The build compiles it where it can.
 * It needs no headers of libtorch, only its stable C interface, and shares its threads. {@code
 * cpu.py} is the slow, obvious reference implementation. A program calls either as {@code
 * __torch__.cpu.NAME}, and is compiled with the one that is available. {@code src/main/cpp/cuda} is
 * another library, built by hand for one libtorch with its headers: traces and CUDA graphs.
 *
 * <h2>Native memory</h2>
 *
 * <p>Tensors belong to an {@code NDManager} from {@link
 * dev.utter.speech.torch.TorchEngine#newScope}; open one in a try-with-resources statement around
 * each piece of work, and let results be Java arrays. Tensors stored in attributes belong to the
 * program.
 */
package dev.utter.speech.torch;
