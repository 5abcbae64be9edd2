/** The web page for trying it out. */
package dev.utter.producer.page;
