package dev.utter.worker.intake;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConsumerGroupOffsetsResult;
import org.apache.kafka.clients.admin.DeleteRecordsResult;
import org.apache.kafka.clients.admin.DeletedRecords;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.DescribeTopicsResult;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.internals.CoordinatorKey;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.internals.KafkaFutureImpl;

/**
 * What a broker knows of the lanes and the group, and an admin client that asks it. For cases that
 * a real broker gives rarely, or only after a long time.
 */
public final class TestingBroker {
  public static final String GROUP = "group";

  private final Map<TopicPartition, Long> starts = new TreeMap<>(TestingBroker::compare);
  private final Map<TopicPartition, Long> ends = new TreeMap<>(TestingBroker::compare);
  private final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
  private final List<String> calls = new ArrayList<>();
  private final Map<String, RuntimeException> failures = new HashMap<>();
  private final Map<String, Object> answers = new HashMap<>();
  private Set<TopicPartition> open = Set.of();
  private boolean silent;

  /** Lanes, all empty and without offsets. */
  public TestingBroker(int partitions, String... lanes) {
    for (String lane : lanes) {
      for (int i = 0; i < partitions; i++) {
        starts.put(new TopicPartition(lane, i), 0L);
        ends.put(new TopicPartition(lane, i), 0L);
      }
    }
  }

  private static int compare(TopicPartition one, TopicPartition other) {
    return one.toString().compareTo(other.toString());
  }

  /** The log of a partition. */
  public void log(TopicPartition partition, long start, long end) {
    starts.put(partition, start);
    ends.put(partition, end);
  }

  public long start(TopicPartition partition) {
    return starts.get(partition);
  }

  public Set<TopicPartition> partitions() {
    return ends.keySet();
  }

  public void commit(TopicPartition partition, OffsetAndMetadata offset) {
    committed.put(partition, offset);
  }

  public void commit(Map<TopicPartition, OffsetAndMetadata> offsets) {
    committed.putAll(offsets);
  }

  public Map<TopicPartition, OffsetAndMetadata> committed() {
    return committed;
  }

  /** Transactions are open on these partitions. */
  public void open(Set<TopicPartition> partitions) {
    open = partitions;
  }

  /** Answers nothing any more. */
  public void silence(boolean nothing) {
    silent = nothing;
  }

  /** A method of the admin client fails from now on; null ends that. */
  public void fail(String method, RuntimeException why) {
    failures.put(method, why);
  }

  /** The result of a method of the admin client that this broker does not answer itself. */
  public void answer(String method, Object result) {
    answers.put(method, result);
  }

  /** What the admin client was asked for, in order. */
  public List<String> calls() {
    return calls;
  }

  public Admin admin() {
    return (Admin)
        Proxy.newProxyInstance(
            Admin.class.getClassLoader(),
            new Class<?>[] {Admin.class},
            (proxy, method, arguments) -> call(method, arguments));
  }

  @SuppressWarnings("unchecked")
  private Object call(Method method, Object[] arguments) {
    String name = method.getName();
    calls.add(name);
    return switch (name) {
      case "listOffsets" -> listOffsets((Map<TopicPartition, OffsetSpec>) arguments[0]);
      case "describeTopics" -> describeTopics((Collection<String>) arguments[0]);
      case "listConsumerGroupOffsets" -> listGroup(arguments);
      case "alterConsumerGroupOffsets" -> {
        Map<TopicPartition, OffsetAndMetadata> offsets =
            (Map<TopicPartition, OffsetAndMetadata>) arguments[1];
        if (failures.get(name) == null) {
          commit(offsets);
        }
        yield make(AlterConsumerGroupOffsetsResult.class, future(name, Map.of()));
      }
      case "deleteRecords" -> deleteRecords((Map<TopicPartition, RecordsToDelete>) arguments[0]);
      case "describeCluster" ->
          answers.getOrDefault(
              name,
              make(
                  DescribeClusterResult.class,
                  KafkaFuture.completedFuture(List.of()),
                  null,
                  null,
                  null));
      case "close" -> null;
      case "toString" -> "testing broker";
      default -> answers.get(name);
    };
  }

  private ListOffsetsResult listOffsets(Map<TopicPartition, OffsetSpec> asked) {
    Map<TopicPartition, KafkaFuture<ListOffsetsResult.ListOffsetsResultInfo>> found =
        new HashMap<>();
    asked.forEach(
        (partition, spec) -> {
          Map<TopicPartition, Long> offsets =
              spec instanceof OffsetSpec.EarliestSpec ? starts : ends;
          found.put(
              partition,
              future(
                  "listOffsets",
                  new ListOffsetsResult.ListOffsetsResultInfo(
                      offsets.get(partition), -1, Optional.empty())));
        });
    return new ListOffsetsResult(found);
  }

  private DescribeTopicsResult describeTopics(Collection<String> topics) {
    Map<String, KafkaFuture<TopicDescription>> found = new HashMap<>();
    for (String topic : topics) {
      int partitions =
          (int) ends.keySet().stream().filter(each -> each.topic().equals(topic)).count();
      found.put(
          topic, future("describeTopics", new TopicDescription(topic, false, infos(partitions))));
    }
    return new DescribeTopicsResult(null, found) {};
  }

  private static List<TopicPartitionInfo> infos(int partitions) {
    return IntStream.range(0, partitions)
        .mapToObj(i -> new TopicPartitionInfo(i, Node.noNode(), List.of(), List.of()))
        .toList();
  }

  private ListConsumerGroupOffsetsResult listGroup(Object[] arguments) {
    Map<TopicPartition, OffsetAndMetadata> found =
        committed.entrySet().stream()
            .filter(entry -> !open.contains(entry.getKey()))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    if (arguments[0] instanceof Map) {
      // Asked for single partitions: one without an offset has null, one that is open is left out.
      ends.keySet().stream()
          .filter(partition -> !open.contains(partition))
          .forEach(partition -> found.putIfAbsent(partition, null));
    }
    return make(
        ListConsumerGroupOffsetsResult.class,
        Map.of(CoordinatorKey.byGroupId(GROUP), future("listConsumerGroupOffsets", found)));
  }

  private DeleteRecordsResult deleteRecords(Map<TopicPartition, RecordsToDelete> asked) {
    Map<TopicPartition, KafkaFuture<DeletedRecords>> deleted = new HashMap<>();
    asked.forEach(
        (partition, to) -> {
          calls.add(partition + "<" + to.beforeOffset());
          deleted.put(partition, future("deleteRecords", new DeletedRecords(to.beforeOffset())));
        });
    return new DeleteRecordsResult(deleted);
  }

  /** A result of the admin client, as an answer of this broker. */
  public <T> KafkaFuture<T> future(String method, T value) {
    KafkaFutureImpl<T> future = new KafkaFutureImpl<>();
    RuntimeException why = failures.get(method);
    if (why != null) {
      future.completeExceptionally(why);
    } else if (!silent) {
      future.complete(value);
    }
    return future;
  }

  /** An object that only Kafka's client makes otherwise. */
  @SuppressWarnings("unchecked")
  public static <T> T make(Class<T> type, Object... arguments) {
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      if (constructor.getParameterCount() == arguments.length) {
        constructor.setAccessible(true);
        try {
          return (T) constructor.newInstance(arguments);
        } catch (InstantiationException | IllegalAccessException | InvocationTargetException e) {
          throw new IllegalStateException(e);
        }
      }
    }
    throw new IllegalStateException(type + " has no constructor for " + arguments.length);
  }
}
