package dev.utter.architecture.breaking.events;

import dev.utter.architecture.breaking.lib.ai.djl.Network;
import dev.utter.architecture.breaking.lib.ch.qos.logback.Level;
import dev.utter.architecture.breaking.lib.io.confluent.Registry;
import dev.utter.architecture.breaking.lib.io.micrometer.Meter;
import dev.utter.architecture.breaking.lib.io.minio.Store;
import dev.utter.architecture.breaking.lib.io.opentelemetry.Span;
import dev.utter.architecture.breaking.lib.okhttp3.Call;
import dev.utter.architecture.breaking.lib.org.apache.kafka.clients.Client;
import dev.utter.architecture.breaking.lib.org.apache.kafka.streams.Topology;
import dev.utter.architecture.breaking.lib.picocli.Command;

/** Names every library, and may name none of them. */
public record NamingLibraries(
    Network network,
    Client client,
    Topology topology,
    Store store,
    Call call,
    Registry registry,
    Meter meter,
    Span span,
    Level level,
    Command command) {}
