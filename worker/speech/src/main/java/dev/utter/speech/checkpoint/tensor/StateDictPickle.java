package dev.utter.speech.checkpoint.tensor;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the pickle of a state dict and nothing else. A pickle is a program that may import and call
 * anything; this machine knows dicts, lists, tuples, plain values and {@code
 * torch._utils._rebuild_tensor_v2}, runs no code of the file, and refuses every other import, call
 * and opcode by name. Opcodes as in Python's {@code pickletools}.
 */
final class StateDictPickle {
  private static final Object MARK = new Object();
  private static final Object NONE = new Object();
  private static final String ORDERED_DICT = "collections.OrderedDict";
  private static final String REBUILD_TENSOR = "torch._utils._rebuild_tensor_v2";
  private static final int LONGEST_INTEGER = 8;

  private static final Map<String, Dtype> STORAGES =
      Map.of(
          "torch.DoubleStorage", Dtype.F64,
          "torch.FloatStorage", Dtype.F32,
          "torch.HalfStorage", Dtype.F16,
          "torch.BFloat16Storage", Dtype.BF16,
          "torch.LongStorage", Dtype.I64,
          "torch.IntStorage", Dtype.I32,
          "torch.ShortStorage", Dtype.I16,
          "torch.CharStorage", Dtype.I8,
          "torch.ByteStorage", Dtype.U8,
          "torch.BoolStorage", Dtype.BOOL);

  /** An import that is allowed. */
  private record Global(String name) {}

  /** The pickle holds something other than a state dict, which the message names. */
  static final class RefusedException extends Exception {
    RefusedException(String message) {
      super(message);
    }
  }

  private final ByteBuffer in;
  private final Deque<Object> stack = new ArrayDeque<>();
  private final Map<Integer, Object> memo = new HashMap<>();

  private StateDictPickle(byte[] pickle) {
    in = ByteBuffer.wrap(pickle).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * The tensors by name, in the pickle's order. Entries that are plain values are left out.
   *
   * @throws RefusedException if the pickle is damaged or holds anything else
   */
  static Map<String, PickledTensor> read(byte[] pickle) throws RefusedException {
    StateDictPickle machine = new StateDictPickle(pickle);
    try {
      return tensors(machine.run());
    } catch (BufferUnderflowException e) {
      throw new RefusedException("the pickle ends in the middle");
    }
  }

  private static Map<String, PickledTensor> tensors(Object root) throws RefusedException {
    if (!(root instanceof Map<?, ?> dict)) {
      throw new RefusedException("the pickle holds " + kind(root) + ", must hold a dict");
    }
    Map<String, PickledTensor> tensors = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : dict.entrySet()) {
      if (entry.getValue() instanceof PickledTensor tensor) {
        tensors.put((String) entry.getKey(), tensor);
      } else if (!isPlain(entry.getValue())) {
        throw new RefusedException(
            "entry '%s' is %s, must be a tensor or a plain value"
                .formatted(entry.getKey(), kind(entry.getValue())));
      }
    }
    return tensors;
  }

  private Object run() throws RefusedException {
    while (true) {
      int opcode = in.get() & 0xFF;
      switch (opcode) {
        case 0x80 -> protocol();
        case '.' -> {
          return pop();
        }
        case '(' -> push(MARK);
        case '0' -> pop();
        case 'N' -> push(NONE);
        case 0x88 -> push(true);
        case 0x89 -> push(false);
        case 'J' -> push((long) in.getInt());
        case 'K' -> push((long) (in.get() & 0xFF));
        case 'M' -> push((long) (in.getShort() & 0xFFFF));
        case 0x8A -> push(integer(in.get() & 0xFF));
        case 'G' -> push(bigEndianDouble());
        case 'X' -> push(text(in.getInt()));
        case 'c' -> push(global(line(), line()));
        case '}' -> push(new LinkedHashMap<String, Object>());
        case ']' -> push(new ArrayList<Object>());
        case ')' -> push(List.of());
        case 't' -> push(List.copyOf(popToMark()));
        case 0x85 -> push(List.copyOf(popMany(1)));
        case 0x86 -> push(List.copyOf(popMany(2)));
        case 0x87 -> push(List.copyOf(popMany(3)));
        case 'a' -> append(popMany(1));
        case 'e' -> append(popToMark());
        case 's' -> setItems(popMany(2));
        case 'u' -> setItems(popToMark());
        case 'q' -> memo.put(in.get() & 0xFF, top());
        case 'r' -> memo.put(in.getInt(), top());
        case 'h' -> push(recall(in.get() & 0xFF));
        case 'j' -> push(recall(in.getInt()));
        case 'Q' -> push(storage(pop()));
        case 'R' -> reduce();
        case 'b' -> build();
        default ->
            throw new RefusedException(
                "opcode 0x%02x at byte %d is not allowed".formatted(opcode, in.position() - 1));
      }
    }
  }

  private void protocol() throws RefusedException {
    int protocol = in.get() & 0xFF;
    if (protocol != 2) {
      throw new RefusedException("pickle protocol is " + protocol + ", must be 2");
    }
  }

  private Global global(String module, String name) throws RefusedException {
    String full = module + "." + name;
    if (!full.equals(ORDERED_DICT) && !full.equals(REBUILD_TENSOR) && !STORAGES.containsKey(full)) {
      throw new RefusedException("import of " + printable(full) + " is not allowed");
    }
    return new Global(full);
  }

  private void reduce() throws RefusedException {
    Object arguments = pop();
    Object function = pop();
    if (!(function instanceof Global global) || !(arguments instanceof List<?> values)) {
      throw new RefusedException("call of " + kind(function) + " is not allowed");
    }
    if (global.name().equals(ORDERED_DICT) && values.isEmpty()) {
      push(new LinkedHashMap<String, Object>());
    } else if (global.name().equals(REBUILD_TENSOR)) {
      push(tensor(values));
    } else {
      throw new RefusedException(
          "call of " + global.name() + " with " + values.size() + " arguments is not allowed");
    }
  }

  /** Attributes of a dict, where state dicts keep the versions of their layers: not needed. */
  private void build() throws RefusedException {
    Object state = pop();
    if (!(top() instanceof Map) || !(state instanceof Map)) {
      throw new RefusedException(
          "attributes for " + kind(top()) + " are not allowed, only for an ordered dict");
    }
  }

  private static PickledTensor.Storage storage(Object id) throws RefusedException {
    if (id instanceof List<?> parts
        && parts.size() == 5
        && "storage".equals(parts.get(0))
        && parts.get(1) instanceof Global type
        && STORAGES.containsKey(type.name())
        && parts.get(2) instanceof String key
        && parts.get(3) instanceof String
        && parts.get(4) instanceof Long elements
        && key.matches("[0-9]{1,9}")) {
      return new PickledTensor.Storage(STORAGES.get(type.name()), key, elements);
    }
    throw new RefusedException("a persistent id is not that of a tensor's storage");
  }

  private static PickledTensor tensor(List<?> values) throws RefusedException {
    if (values.size() >= 4
        && values.get(0) instanceof PickledTensor.Storage storage
        && values.get(1) instanceof Long offset
        && values.get(2) instanceof List<?> shape
        && values.get(3) instanceof List<?> strides) {
      return new PickledTensor(storage, offset, longs(shape), longs(strides));
    }
    throw new RefusedException("arguments of " + REBUILD_TENSOR + " are not those of a tensor");
  }

  private static long[] longs(List<?> values) throws RefusedException {
    long[] longs = new long[values.size()];
    for (int i = 0; i < longs.length; i++) {
      if (!(values.get(i) instanceof Long value)) {
        throw new RefusedException("a tensor's size is " + kind(values.get(i)));
      }
      longs[i] = value;
    }
    return longs;
  }

  private void append(List<Object> values) throws RefusedException {
    if (!(top() instanceof ArrayList<?>)) {
      throw new RefusedException("appending to " + kind(top()) + " is not allowed");
    }
    @SuppressWarnings("unchecked")
    ArrayList<Object> list = (ArrayList<Object>) top();
    list.addAll(values);
  }

  private void setItems(List<Object> values) throws RefusedException {
    if (!(top() instanceof LinkedHashMap<?, ?>) || values.size() % 2 != 0) {
      throw new RefusedException("setting items of " + kind(top()) + " is not allowed");
    }
    @SuppressWarnings("unchecked")
    Map<String, Object> dict = (Map<String, Object>) top();
    for (int i = 0; i < values.size(); i += 2) {
      if (!(values.get(i) instanceof String key)) {
        throw new RefusedException("a dict's key is " + kind(values.get(i)) + ", must be a string");
      }
      dict.put(key, values.get(i + 1));
    }
  }

  private Object recall(int index) throws RefusedException {
    Object value = memo.get(index);
    if (value == null) {
      throw new RefusedException("memo " + Integer.toUnsignedString(index) + " was never set");
    }
    return value;
  }

  private void push(Object value) {
    stack.addLast(value);
  }

  private Object pop() throws RefusedException {
    Object value = stack.pollLast();
    if (value == null || value == MARK) {
      throw new RefusedException("the pickle takes more values than it gives");
    }
    return value;
  }

  private Object top() throws RefusedException {
    Object value = stack.peekLast();
    if (value == null || value == MARK) {
      throw new RefusedException("the pickle takes more values than it gives");
    }
    return value;
  }

  private List<Object> popMany(int count) throws RefusedException {
    Object[] values = new Object[count];
    for (int i = count - 1; i >= 0; i--) {
      values[i] = pop();
    }
    return Arrays.asList(values);
  }

  private List<Object> popToMark() throws RefusedException {
    List<Object> values = new ArrayList<>();
    while (true) {
      Object value = stack.pollLast();
      if (value == null) {
        throw new RefusedException("the pickle takes more values than it gives");
      }
      if (value == MARK) {
        Collections.reverse(values);
        return values;
      }
      values.add(value);
    }
  }

  private long integer(int bytes) throws RefusedException {
    if (bytes > LONGEST_INTEGER) {
      throw new RefusedException("an integer has " + bytes + " bytes, must have at most 8");
    }
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      long next = i == bytes - 1 ? in.get() : in.get() & 0xFF;
      value |= next << 8 * i;
    }
    return value;
  }

  private double bigEndianDouble() {
    return Double.longBitsToDouble(Long.reverseBytes(in.getLong()));
  }

  private String text(int length) throws RefusedException {
    if (length < 0 || length > in.remaining()) {
      throw new RefusedException(
          "a string claims %s bytes, the pickle has %d left"
              .formatted(Integer.toUnsignedString(length), in.remaining()));
    }
    byte[] utf8 = new byte[length];
    in.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private String line() {
    StringBuilder line = new StringBuilder();
    for (int next = in.get(); next != '\n'; next = in.get()) {
      line.append((char) (next & 0xFF));
    }
    return line.toString();
  }

  private static String printable(String text) {
    String clean = text.replaceAll("[^ -~]", "?");
    return clean.substring(0, Math.min(100, clean.length()));
  }

  private static boolean isPlain(Object value) {
    return value == NONE
        || value instanceof Long
        || value instanceof Double
        || value instanceof Boolean
        || value instanceof String;
  }

  private static String kind(Object value) {
    if (value instanceof Global global) {
      return global.name();
    } else if (value instanceof Map) {
      return "a dict";
    } else if (value instanceof List) {
      return "a sequence";
    } else if (value instanceof PickledTensor) {
      return "a tensor";
    }
    return isPlain(value) ? "a plain value" : "something else";
  }
}
