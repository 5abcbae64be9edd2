/** A package that uses one below it. */
package dev.utter.architecture.breaking.nested.worker;
