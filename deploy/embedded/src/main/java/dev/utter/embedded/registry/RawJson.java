package dev.utter.embedded.registry;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;

/** Text that is JSON already and goes into an answer as it is. */
record RawJson(@JsonValue @JsonRawValue String text) {}
