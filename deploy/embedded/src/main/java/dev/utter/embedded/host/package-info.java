/** What the parts take of this machine: folders and free ports. */
package dev.utter.embedded.host;
