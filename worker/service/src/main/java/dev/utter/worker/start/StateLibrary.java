package dev.utter.worker.start;

import java.io.IOException;
import java.nio.file.Path;
import org.rocksdb.NativeLibraryLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The native library of the state stores. By default each process unpacks it into the temporary
 * folder under a new name, and the file (15 MB) stays if the process is killed. The state folder
 * has only one copy.
 */
public final class StateLibrary {
  private static final Logger LOGGER = LoggerFactory.getLogger(StateLibrary.class);

  private StateLibrary() {}

  /** Unpacks the library into a folder and loads it, unless the process has loaded it already. */
  public static void load(Path folder) {
    try {
      NativeLibraryLoader.getInstance().loadLibrary(folder.toString());
    } catch (IOException | UnsatisfiedLinkError e) {
      LOGGER
          .atWarn()
          .addKeyValue("folder", folder)
          .addKeyValue("reason", e.toString())
          .log(
              "State library cannot be loaded from the state folder, the temporary folder is used");
    }
  }
}
