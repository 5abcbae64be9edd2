/** A schema registry with the REST interface that its clients use. */
package dev.utter.embedded.registry;
