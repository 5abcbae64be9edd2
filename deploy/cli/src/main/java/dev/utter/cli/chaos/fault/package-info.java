/** The faults, and the seeded schedule of them. */
package dev.utter.cli.chaos.fault;
