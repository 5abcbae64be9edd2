package dev.utter.worker.synthesis.clip;

import dev.utter.worker.storage.object.ObjectHead;
import dev.utter.worker.storage.object.ObjectLocation;

/** A clip in the store: where, what the store says, what we know. */
public record StoredClip(ObjectLocation location, ObjectHead head, ClipFacts facts) {}
