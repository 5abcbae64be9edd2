package dev.utter.speech.torch.program;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The pickle (protocol 2) of a module object whose attributes are all empty: false, 0, no text, an
 * empty list, dict or tensor, a module of empty attributes. Opcodes as in Python's {@code
 * pickletools}.
 */
final class EmptyModulePickle {

  private static final int BINUNICODE = 'X';
  private static final int BININT1 = 'K';
  private static final int BINFLOAT = 'G';
  private static final int BINPERSID = 'Q';
  private static final int BUILD = 'b';
  private static final int EMPTY_DICT = '}';
  private static final int EMPTY_LIST = ']';
  private static final int EMPTY_TUPLE = ')';
  private static final int GLOBAL = 'c';
  private static final int MARK = '(';
  private static final int NEWFALSE = 0x89;
  private static final int NEWOBJ = 0x81;
  private static final int NONE = 'N';
  private static final int PROTO = 0x80;
  private static final int REDUCE = 'R';
  private static final int SETITEMS = 'u';
  private static final int STOP = '.';
  private static final int TUPLE = 't';
  private static final int TUPLE1 = 0x85;
  private static final int TUPLE2 = 0x86;

  /** The class of another file. */
  private static final Pattern PART = Pattern.compile("__torch__\\.([\\w.]+)\\.(\\w+)");

  private final ProgramSources sources;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  EmptyModulePickle(ProgramSources sources) {
    this.sources = sources;
    write(PROTO, 2);
    module("__torch__", ProgramClass.of(sources.main()));
    write(STOP);
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  private void module(String file, ProgramClass type) {
    global(file, type.name());
    write(EMPTY_TUPLE, NEWOBJ, EMPTY_DICT, MARK);
    type.attributes()
        .forEach(
            (name, attributeType) -> {
              text(name);
              emptyValue(name, attributeType);
            });
    write(SETITEMS, BUILD);
  }

  private void emptyValue(String name, String type) {
    switch (type) {
      case "bool" -> write(NEWFALSE);
      case "int" -> write(BININT1, 0);
      case "float" -> write(BINFLOAT, 0, 0, 0, 0, 0, 0, 0, 0);
      case "str" -> text("");
      case "Tensor" -> emptyTensor();
      default -> {
        Matcher part = PART.matcher(type);
        if (part.matches()) {
          module(type.substring(0, type.lastIndexOf('.')), part(part.group(1), part.group(2)));
        } else {
          emptyContainer(name, type);
        }
      }
    }
  }

  private ProgramClass part(String file, String name) {
    ProgramClass part = ProgramClass.of(requireNonNull(sources.files().get(file)));
    if (!part.name().equals(name)) {
      throw new IllegalArgumentException(
          "the class of " + file + " is " + part.name() + ", must be " + name);
    }
    return part;
  }

  private void emptyContainer(String name, String type) {
    if (type.startsWith("Optional[")) {
      write(NONE);
      return;
    }
    if (!type.startsWith("List[") && !type.startsWith("Dict[")) {
      throw new IllegalArgumentException(
          "attribute "
              + name
              + " is of type "
              + type
              + ", must be bool, int, float, str, Tensor, List[..], Dict[..], Optional[..] or the"
              + " class of another file");
    }
    global("torch.jit._pickle", "restore_type_tag");
    write(type.startsWith("List[") ? EMPTY_LIST : EMPTY_DICT);
    text(type);
    write(TUPLE2, REDUCE);
  }

  /** A float tensor of no elements over the (empty) storage record {@code data/0}. */
  private void emptyTensor() {
    global("torch._utils", "_rebuild_tensor_v2");
    write(MARK);
    write(MARK);
    text("storage");
    global("torch", "FloatStorage");
    text("0");
    text("cpu");
    write(BININT1, 0);
    write(TUPLE, BINPERSID);
    write(BININT1, 0);
    write(BININT1, 0, TUPLE1);
    write(BININT1, 1, TUPLE1);
    write(NEWFALSE);
    global("collections", "OrderedDict");
    write(EMPTY_TUPLE, REDUCE);
    write(TUPLE, REDUCE);
  }

  private void global(String module, String name) {
    write(GLOBAL);
    out.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private void text(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    write(BINUNICODE);
    out.writeBytes(
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(utf8.length).array());
    out.writeBytes(utf8);
  }

  private void write(int... bytes) {
    for (int b : bytes) {
      out.write(b);
    }
  }
}
