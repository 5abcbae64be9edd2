/**
 * The inaudible mark in every clip: SilentCipher's embedding and detection (Singh et al., 2024),
 * and the key a mark carries.
 */
package dev.utter.speech.watermark;
