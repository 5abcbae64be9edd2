package dev.utter.cli.command.topics;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.cli.command.ExitCodes;
import dev.utter.worker.rights.KafkaAccess;
import dev.utter.worker.rights.KafkaAccess.Party;
import dev.utter.worker.rights.WorkerAccess.Grant;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints Kafka's access control lists. */
@Command(
    name = "print",
    description = "Prints the commands that give each party the rights it needs, and no more.",
    exitCodeList = {"0:it printed the rights", "2:wrong command line", "3:it could not be done"},
    exitCodeListHeading = "Exit codes:%n")
final class AclPrintCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--for",
      paramLabel = "PARTY",
      description = "One of ${COMPLETION-CANDIDATES}; may be repeated (default: all).")
  private List<Party> parties = List.of(Party.values());

  @Option(
      names = "--principal",
      paramLabel = "PRINCIPAL",
      description = "Who gets the rights (default: User: and the name of the party).")
  private String principal;

  @Option(
      names = "--bootstrap-server",
      paramLabel = "HOST:PORT",
      description = "Brokers to name in the commands (default: ${DEFAULT-VALUE}).",
      defaultValue = "localhost:9092")
  private String servers;

  @Option(
      names = "--group-prefix",
      paramLabel = "PREFIX",
      description = "The workers' kafka.groupPrefix (default: ${DEFAULT-VALUE}).",
      defaultValue = "utter")
  private String groupPrefix;

  @Option(
      names = "--worker",
      paramLabel = "NAME",
      description = "The worker.name that synthesis has (default: any).")
  private String worker;

  @Option(names = "--json", description = "Print one object of JSON on each line.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    for (Party party : parties) {
      String who =
          principal == null
              ? "User:" + party.name().toLowerCase(Locale.ROOT).replace('_', '-')
              : principal;
      for (Grant grant : KafkaAccess.of(party, groupPrefix, Optional.ofNullable(worker))) {
        out.println(
            json
                ? json(party, who, grant)
                : "kafka-acls.sh --bootstrap-server " + servers + " " + grant.command(who));
      }
    }
    out.flush();
    return ExitCodes.OK;
  }

  private static ObjectNode json(Party party, String who, Grant grant) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("party", party.name());
    json.put("principal", who);
    json.put("resourceType", grant.resource().name());
    json.put("name", grant.name());
    json.put("patternType", grant.prefixed() ? "PREFIXED" : "LITERAL");
    grant.operations().forEach(json.putArray("operations")::add);
    return json;
  }
}
