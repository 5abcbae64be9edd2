/** The command {@code produce} and its options. */
package dev.utter.producer.command;
