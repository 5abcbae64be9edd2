package dev.utter.benchmarks.plot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.cli.command.ExitCodes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Draws results. */
@Command(
    name = "plot",
    description = "Makes a picture and a table of the lines of 'bench engine --json'.",
    exitCodeList = {
      "0:drawn",
      "2:wrong command line, or a file without results",
      "3:a file cannot be read or written"
    },
    exitCodeListHeading = "Exit codes:%n")
public final class PlotCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec private CommandSpec spec;

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Files of JSON lines.")
  private List<Path> files;

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "The SVG picture.")
  private Path out;

  @Option(names = "--table", paramLabel = "FILE", description = "The table, in Markdown.")
  private Path table;

  @Override
  public Integer call() throws IOException {
    List<JsonNode> results = new ArrayList<>();
    List<JsonNode> qualities = new ArrayList<>();
    for (Path file : files) {
      for (String line : Files.readAllLines(file)) {
        if (!line.isBlank()) {
          JsonNode result = parse(file, line);
          if (result.path("benchmark").asText().equals("engine")) {
            results.add(result);
          } else if (result.path("benchmark").asText().equals("quality")) {
            qualities.add(result);
          }
        }
      }
    }
    if (results.isEmpty()) {
      throw new ParameterException(spec.commandLine(), files + ": no results of 'bench engine'");
    }
    Files.writeString(out, BarChart.draw(results.stream().map(Bar::of).toList()));
    if (table != null) {
      Files.writeString(table, MarkdownTable.write(results, qualities));
    }
    return ExitCodes.OK;
  }

  private JsonNode parse(Path file, String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new ParameterException(spec.commandLine(), file + ": not JSON: " + line, e);
    }
  }
}
