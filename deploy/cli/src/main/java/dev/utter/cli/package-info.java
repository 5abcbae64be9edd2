/** The commands of the launcher. */
package dev.utter.cli;
