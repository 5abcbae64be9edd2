/**
 * The program {@code utter}. Together with its sub-packages the only place that puts all the parts
 * of the product together.
 */
package dev.utter.cli;
