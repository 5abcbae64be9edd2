package dev.utter.speech.checkpoint.tensor;

/**
 * A tensor as a torch checkpoint describes it: a strided view of a storage, nothing checked yet.
 *
 * @param storage where the elements lie
 * @param offset index of the first element
 * @param shape sizes of the dimensions
 * @param strides elements to step per dimension, as many as sizes
 */
record PickledTensor(Storage storage, long offset, long[] shape, long[] strides) {

  /**
   * One block of elements.
   *
   * @param dtype type of its elements
   * @param key name of its record in the archive
   * @param elements how many elements it claims
   */
  record Storage(Dtype dtype, String key, long elements) {}
}
