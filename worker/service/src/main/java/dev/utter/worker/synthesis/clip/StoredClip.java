package dev.utter.worker.synthesis.clip;

import dev.utter.worker.storage.object.ObjectHead;
import dev.utter.worker.storage.object.ObjectLocation;

/** A clip in the store: its location, the store's metadata, and the facts about it. */
public record StoredClip(ObjectLocation location, ObjectHead head, ClipFacts facts) {}
