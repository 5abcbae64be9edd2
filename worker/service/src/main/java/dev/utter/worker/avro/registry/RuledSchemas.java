package dev.utter.worker.avro.registry;

import io.confluent.kafka.schemaregistry.ParsedSchema;
import io.confluent.kafka.schemaregistry.SchemaProvider;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.avro.AvroSchemaProvider;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Optional;
import org.apache.avro.Schema;

/**
 * Parses schemas for the registry's client as Confluent's provider does, and throws for those that
 * break one of the {@link SchemaRules}, so that none of them comes into the client's caches.
 *
 * <p>A proxy, not a subclass: a parameter type of the methods has annotations that are not on the
 * class path, and the compiler warns about those.
 */
final class RuledSchemas implements InvocationHandler {
  private final SchemaProvider avro = new AvroSchemaProvider();

  private RuledSchemas() {}

  /** A provider of Avro schemas for one client. */
  static SchemaProvider provider() {
    return (SchemaProvider)
        Proxy.newProxyInstance(
            RuledSchemas.class.getClassLoader(),
            new Class<?>[] {SchemaProvider.class},
            new RuledSchemas());
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    try {
      Object answer = method.invoke(avro, arguments);
      Object parsed = answer instanceof Optional<?> some ? some.orElse(null) : answer;
      if (parsed instanceof ParsedSchema schema) {
        check(((AvroSchema) schema).rawSchema());
      }
      return answer;
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static void check(Schema schema) {
    SchemaRules.check(schema);
    // With all the schemas that it refers to.
    SchemaRules.checkText(schema.toString());
  }
}
