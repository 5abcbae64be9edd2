package dev.utter.cli.doctor;

import java.util.concurrent.Callable;

/**
 * One check.
 *
 * @param name what it is about
 * @param remedy what to do if the check fails with an exception
 * @param attempt the check; an exception means that it is not ok
 */
record Check(String name, String remedy, Callable<Answer> attempt) {}
