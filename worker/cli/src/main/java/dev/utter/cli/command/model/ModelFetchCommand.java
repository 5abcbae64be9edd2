package dev.utter.cli.command.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.cli.command.ExitCodes;
import dev.utter.speech.checkpoint.Companions;
import dev.utter.speech.checkpoint.layout.WeightLayout;
import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.hub.HubSettings;
import dev.utter.speech.hub.HubToken;
import dev.utter.speech.hub.ModelHub;
import dev.utter.speech.hub.listing.HubException;
import dev.utter.speech.hub.listing.HubPlan;
import dev.utter.speech.hub.listing.HubReference;
import dev.utter.speech.model.ModelFetch;
import dev.utter.speech.model.ModelSource;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Downloads published models. */
@Command(
    name = "fetch",
    description = {
      "Downloads published models from the Hugging Face hub into its cache, where --model and"
          + " model.source find them by name. Only the files that are read; what is there is not"
          + " downloaded again.",
      "Names: sesame/csm-1b, models trained from it, and sony/silentcipher for the watermark.",
      "Gated models need a token of an account that accepted their terms: in HF_TOKEN,"
          + " in the hub's token file, or on standard input. HF_HOME, HF_HUB_CACHE,"
          + " HF_ENDPOINT and HF_HUB_OFFLINE mean the same as for the hub's Python client."
    },
    exitCodeList = {
      "0:the models are in the cache, or --dry-run found room for them",
      "1:--dry-run found too little room",
      "2:wrong command line",
      "3:the hub refused, the network failed, or what is published cannot be used"
    },
    exitCodeListHeading = "Exit codes:%n")
final class ModelFetchCommand implements Callable<Integer> {
  private final Map<String, String> environment;
  private final InputStream input;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "MODEL",
      arity = "1..*",
      description = "Name of a model on the hub, owner/name or owner/name@revision.")
  private List<String> models;

  @Option(
      names = "--revision",
      paramLabel = "R",
      description = "Branch, tag or commit of the one model named (default: main).")
  private String revision;

  @Option(
      names = "--layout",
      paramLabel = "L",
      description =
          "Layout of a model that is published in several: ${COMPLETION-CANDIDATES}"
              + " (default: TRANSFORMERS if it is there). ORIGINAL also downloads the codec,"
              + " published elsewhere.")
  private WeightLayout layout;

  @Option(
      names = "--mimi",
      paramLabel = "MODEL",
      description =
          "Where the codec of the original layout is taken from: kyutai/moshiko-pytorch-bf16"
              + " (default) or kyutai/mimi. Both have the same weights.")
  private String codec;

  @Option(
      names = "--token-stdin",
      description = "Read the token from the first line of standard input.")
  private boolean tokenFromInput;

  @Option(names = "--dry-run", description = "Show files, sizes and free space; download nothing.")
  private boolean dryRun;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  /** For the command line. */
  ModelFetchCommand() {
    this(System.getenv(), System.in);
  }

  ModelFetchCommand(Map<String, String> environment, InputStream input) {
    this.environment = environment;
    this.input = input;
  }

  @Override
  public Integer call() throws IOException {
    List<HubReference> references = references();
    HubReference from = codec();
    HubSettings settings = HubSettings.of(environment, HubSettings.userHome());
    if (settings.offline() && !dryRun) {
      return locate(references, settings);
    }
    ModelHub hub = new ModelHub(settings, token());
    ModelFetch fetch = new ModelFetch(hub, from);
    FetchProgress progress = FetchProgress.of(spec);
    List<List<HubPlan>> plans = new ArrayList<>();
    for (HubReference reference : references) {
      plans.add(fetch.plan(reference, Optional.ofNullable(layout), progress));
    }
    FetchReport report = new FetchReport(plans, hub, settings);
    if (dryRun) {
      return show(report, hub);
    }
    hub.checkSpace(report.missingBytes());
    progress.expect(report.bytes(), report.completeBytes());
    List<Path> folders = new ArrayList<>();
    try {
      plans.forEach(plan -> folders.add(fetch.fetch(plan, progress)));
    } finally {
      progress.end();
    }
    print(report.json(folders), out -> folders.forEach(out::println));
    return ExitCodes.OK;
  }

  private List<HubReference> references() {
    if (revision != null && models.size() > 1) {
      throw usage("--revision: is for one model; of several, write owner/name@revision");
    }
    try {
      return models.stream()
          .map(model -> HubReference.parse(revision == null ? model : model + "@" + revision))
          .toList();
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  private HubReference codec() {
    return Companions.CODECS.stream()
        .filter(published -> codec == null || published.toString().equals(codec))
        .findFirst()
        .orElseThrow(() -> usage("--mimi is " + codec + ", must be one of " + Companions.CODECS));
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private Optional<HubToken> token() throws IOException {
    if (!tokenFromInput) {
      return HubToken.find(environment, HubSettings.userHome());
    }
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8));
    String line = reader.readLine();
    Optional<HubToken> token =
        HubToken.of("the first line of standard input", line == null ? "" : line);
    if (token.isEmpty()) {
      throw usage("--token-stdin: the first line of standard input is empty");
    }
    return token;
  }

  /** Models in the cache can be used without a network. */
  private int locate(List<HubReference> references, HubSettings settings) {
    PrintWriter out = spec.commandLine().getOut();
    for (HubReference reference : references) {
      try {
        out.println(ModelSource.parse(reference.toString()).locate(settings));
      } catch (CheckpointException e) {
        throw new HubException("HF_HUB_OFFLINE forbids the download: " + e.getMessage(), e);
      }
    }
    out.flush();
    return ExitCodes.OK;
  }

  private int show(FetchReport report, ModelHub hub) {
    print(report.json(List.of()), report::print);
    try {
      hub.checkSpace(report.missingBytes());
      return ExitCodes.OK;
    } catch (HubException e) {
      spec.commandLine().getErr().println("utter: " + e.getMessage());
      return ExitCodes.NO;
    }
  }

  private void print(ObjectNode asJson, Consumer<PrintWriter> asText) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(asJson.toPrettyString());
    } else {
      asText.accept(out);
    }
    out.flush();
  }
}
