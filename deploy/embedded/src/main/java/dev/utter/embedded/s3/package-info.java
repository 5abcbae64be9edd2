/** An S3 server over a folder. */
package dev.utter.embedded.s3;
