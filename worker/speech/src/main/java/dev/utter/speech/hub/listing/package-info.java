/**
 * Names of models, their revisions and files as the hub lists them, and which files are missing.
 */
package dev.utter.speech.hub.listing;
