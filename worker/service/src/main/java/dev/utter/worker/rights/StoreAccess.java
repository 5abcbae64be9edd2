package dev.utter.worker.rights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import dev.utter.speech.model.ModelSource;
import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.models.StoredModel;
import dev.utter.worker.settings.ModelSettings;
import dev.utter.worker.settings.Role;
import dev.utter.worker.settings.WatermarkingSettings;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.storage.ObjectStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The minimum rights in the object store for each role of a worker. */
public final class StoreAccess {
  private static final String GET = "s3:GetObject";
  private static final List<String> READ = List.of(GET, "s3:GetObjectVersion");
  private static final String WRITE = "s3:PutObject";
  private static final String ABORT = "s3:AbortMultipartUpload";
  private static final String LIST = "s3:ListBucket";

  private static final ObjectWriter JSON = new ObjectMapper().writerWithDefaultPrettyPrinter();

  private StoreAccess() {}

  /**
   * Rights on a bucket or on objects of it.
   *
   * @param resource name of the bucket, or {@code bucket/prefix/*}
   * @param actions S3 actions
   */
  record Grant(String resource, Set<String> actions) {
    /** Keeps the actions in alphabetical order. */
    Grant {
      actions = new TreeSet<>(actions);
    }
  }

  /** The rights of a worker with these settings, by resource. */
  public static List<Grant> of(WorkerSettings settings) {
    return settings
        .access()
        .map(access -> of(settings.worker().roles(), access, models(settings)))
        .orElse(List.of());
  }

  /** The models of the store that a worker pulls. */
  private static List<StoredModel> models(WorkerSettings settings) {
    Stream<ModelSource> model =
        settings.worker().has(Role.SYNTHESIS)
            ? settings.model().map(ModelSettings::source).stream()
            : Stream.empty();
    return Stream.concat(model, settings.watermark().map(WatermarkingSettings::source).stream())
        .flatMap(source -> source.address().stream())
        .map(StoredModel::parse)
        .toList();
  }

  /** The rights that {@code utter model push} needs, by resource. */
  static List<Grant> ofPush(StoredModel model) {
    Map<String, Set<String>> rights = new TreeMap<>();
    pull(rights, model);
    allow(rights, objects(model.place()), WRITE);
    // A part that was sent stays, and costs, until the upload is completed or aborted.
    allow(rights, objects(model.place()), ABORT);
    return grants(rights);
  }

  /** The rights that {@code utter model pull} needs, by resource. */
  static List<Grant> ofPull(StoredModel model) {
    Map<String, Set<String>> rights = new TreeMap<>();
    pull(rights, model);
    return grants(rights);
  }

  private static void pull(Map<String, Set<String>> rights, StoredModel model) {
    allow(rights, objects(model.place()), GET);
    allow(rights, model.place().bucket(), LIST);
  }

  /** The rights of a worker that pulls these models, by resource. */
  static List<Grant> of(
      Collection<Role> roles, AccessSettings access, Collection<StoredModel> models) {
    Map<String, Set<String>> rights = new TreeMap<>();
    models.forEach(model -> pull(rights, model));
    if (roles.contains(Role.SYNTHESIS)) {
      access.outputs().forEach(place -> allow(rights, objects(place), WRITE));
      access.outputBuckets().forEach(bucket -> allow(rights, probe(bucket), WRITE));
      access.outputBuckets().forEach(bucket -> read(rights, probe(bucket), bucket));
      access.outputs().forEach(place -> read(rights, objects(place), place.bucket()));
      access.contexts().forEach(place -> read(rights, objects(place), place.bucket()));
    }
    if (roles.contains(Role.VERIFICATION)) {
      access.verifiedBuckets().forEach(bucket -> read(rights, probe(bucket), bucket));
      access.verified().forEach(place -> read(rights, objects(place), place.bucket()));
    }
    return grants(rights);
  }

  private static List<Grant> grants(Map<String, Set<String>> rights) {
    List<Grant> grants = new ArrayList<>();
    rights.forEach((resource, actions) -> grants.add(new Grant(resource, actions)));
    return grants;
  }

  /** The rights as a policy document of S3. */
  public static String policy(List<Grant> grants) {
    List<Map<String, Object>> statements = new ArrayList<>();
    for (Grant grant : grants) {
      Map<String, Object> statement = new LinkedHashMap<>();
      statement.put("Effect", "Allow");
      statement.put("Action", grant.actions());
      statement.put("Resource", "arn:aws:s3:::" + grant.resource());
      statements.add(statement);
    }
    Map<String, Object> policy = new LinkedHashMap<>();
    policy.put("Version", "2012-10-17");
    policy.put("Statement", statements);
    try {
      return JSON.writeValueAsString(policy);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps and texts always have a JSON form", e);
    }
  }

  /** Without the right to list the bucket, S3 reports a missing object as forbidden. */
  private static void read(Map<String, Set<String>> rights, String objects, String bucket) {
    READ.forEach(action -> allow(rights, objects, action));
    allow(rights, bucket, LIST);
  }

  private static String objects(ObjectPrefix place) {
    return place.prefix().isEmpty() ? place.bucket() + "/*" : place + "/*";
  }

  private static String probe(String bucket) {
    return bucket + "/" + ObjectStore.PROBE_PREFIX + "*";
  }

  private static void allow(Map<String, Set<String>> rights, String resource, String action) {
    rights.computeIfAbsent(resource, name -> new TreeSet<>()).add(action);
  }
}
