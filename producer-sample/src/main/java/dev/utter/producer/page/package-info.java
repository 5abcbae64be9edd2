/** The web page for trying Utter out. */
package dev.utter.producer.page;
