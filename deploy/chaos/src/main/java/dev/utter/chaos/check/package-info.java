/** Decides from a history alone whether the delivery promises held. */
package dev.utter.chaos.check;
