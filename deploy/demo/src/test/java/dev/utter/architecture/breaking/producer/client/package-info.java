/** A library that uses the program around it. */
package dev.utter.architecture.breaking.producer.client;
