/** A package that uses the one above it. */
package dev.utter.architecture.breaking.nested.worker.part;
