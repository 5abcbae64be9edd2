package dev.utter.cli.command.model;

import dev.utter.worker.models.StoredModel;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the address of a model in the object store. */
final class StoredModelConverter implements ITypeConverter<StoredModel> {

  @Override
  public StoredModel convert(String text) {
    try {
      return StoredModel.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
