/** What the hub lists: names of models, their revisions and files, and what of them is missing. */
package dev.utter.speech.hub.listing;
