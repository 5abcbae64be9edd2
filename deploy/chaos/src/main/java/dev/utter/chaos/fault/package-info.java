/** The faults, and the seeded schedule of them. */
package dev.utter.chaos.fault;
