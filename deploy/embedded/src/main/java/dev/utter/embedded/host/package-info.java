/** Folders and free ports of this machine. */
package dev.utter.embedded.host;
