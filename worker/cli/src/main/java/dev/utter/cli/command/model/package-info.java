/** Commands about models: create, inspect, compare with reference numbers. */
package dev.utter.cli.command.model;
