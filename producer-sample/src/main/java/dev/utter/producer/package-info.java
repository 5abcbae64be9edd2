/** What a team copies to publish requests and follow their results. */
package dev.utter.producer;
