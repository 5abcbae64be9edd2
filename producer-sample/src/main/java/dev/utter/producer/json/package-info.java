/** Requests and results as lines of JSON. */
package dev.utter.producer.json;
