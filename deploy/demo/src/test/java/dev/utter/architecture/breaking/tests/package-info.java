/** What a test may and may not start without a tag, for the test of the tags. */
package dev.utter.architecture.breaking.tests;
